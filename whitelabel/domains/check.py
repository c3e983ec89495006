"""Check a domain: ask DNS for its records, keep what it showed, and let follow what follows from it."""

from collections.abc import Sequence
from datetime import datetime

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from whitelabel.dns.check import Look, look
from whitelabel.dns.compare import Verdict
from whitelabel.domains import lifecycle
from whitelabel.domains.check_schedule import next_check
from whitelabel.models import DnsRecord, SendingDomain

ONE_AT_A_TIME_SECONDS = 20
Status = DnsRecord.Status


def check(domain: SendingDomain) -> bool:
    """Ask DNS now; return whether it was asked, which happens at most every `CHECK_PAUSE`.

    No transaction is open while DNS is asked. A verdict turns once two looks agree, a minute apart; the second one is
    planned here.
    """
    if not domain.claim_check(timezone.now()):
        return False
    rows = list(domain.records.all())
    keep(domain, rows, look(domain.domain, [row.as_typed for row in rows]))
    return True


def keep(domain: SendingDomain, rows: Sequence[DnsRecord], seen: Look) -> None:
    """Write down what a look showed together with what follows from it, and plan the next look."""
    at = timezone.now()
    new = [row for row, verdict in zip(rows, seen.verdicts, strict=True) if _note(row, verdict, at)]
    with transaction.atomic():
        unplanned = domain.holds_claim()
        for row in new:
            row.keep()
        DnsRecord.keep_times(set(rows) - set(new), at)
        domain.note_facts(seen.facts)
        lifecycle.settle(domain)
        if unplanned:
            domain.plan_check(next_check(domain, rows, at))


def _note(row: DnsRecord, verdict: Verdict, at: datetime) -> bool:
    return row.note(verdict.status, verdict.found, verdict.instead, at)


def check_for_person(domain: SendingDomain) -> bool | None:
    """Check while a person waits; return whether DNS was asked, None where it is about to be.

    A look keeps a web worker, so there is one at a time for a white-label; the next round sees to another.
    """
    key = f"whitelabel.check.{domain.white_label_id}"
    if not cache.add(key, True, ONE_AT_A_TIME_SECONDS):
        domain.plan_check(timezone.now())
        return None
    try:
        return check(domain)
    finally:
        cache.delete(key)


def check_in_words(domain: SendingDomain) -> str:
    """Check for a person who waits; return what came of it as a sentence."""
    asked = check_for_person(domain)
    if asked is None:
        return "Another check of yours is under way. We look within half a minute."
    if not asked:
        return "DNS was asked a moment ago; wait half a minute before asking again."
    rows = list(domain.records.all())
    count = sum(row.seen == Status.OK for row in rows)
    said = f"DNS was asked just now and shows {count} of {len(rows)} records."
    if any(row.second_look_at for row in rows):
        return f"{said} We look again in about a minute, and what is still the same then counts."
    return f"{said} {domain} is active." if domain.is_live else said
