"""Check a domain: ask DNS for its records, store what it showed, and make the transition that follows from it."""

from collections.abc import Sequence

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from whitelabel.dns.check import CheckResult, check_records
from whitelabel.dns.record import Status
from whitelabel.domains import lifecycle
from whitelabel.domains.check_schedule import next_check
from whitelabel.models import DnsRecord, SendingDomain

ONE_AT_A_TIME_SECONDS = 20


def check(domain: SendingDomain) -> bool:
    """Ask DNS now; return whether it was asked, which happens at most every `CHECK_PAUSE`.

    No transaction is open while DNS is asked. A status changes once two checks agree, a minute apart; the second one
    is scheduled here.
    """
    if not domain.claim_check(timezone.now()):
        return False
    rows = list(domain.records.all())
    store(domain, rows, check_records(domain.domain, [row.expected for row in rows]))
    return True


def store(domain: SendingDomain, rows: Sequence[DnsRecord], result: CheckResult) -> None:
    """Save the result of a check together with what follows from it, and schedule the next check."""
    at = timezone.now()
    changed = [row for row, verdict in zip(rows, result.verdicts, strict=True) if row.observe(verdict, at)]
    with transaction.atomic():
        still_claimed = domain.holds_claim()
        for row in changed:
            row.save_observation()
        DnsRecord.save_check_time(set(rows) - set(changed), at)
        domain.save_facts(result.facts)
        lifecycle.settle(domain)
        if still_claimed:
            domain.plan_check(next_check(domain, rows, at))


def check_for_person(domain: SendingDomain) -> bool | None:
    """Check while a person waits; return whether DNS was asked, None where it is about to be.

    A check occupies a web worker, so there is one at a time for a white-label; the worker sees to another.
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
    count = sum(row.observed_status == Status.OK for row in rows)
    result = f"DNS was asked just now and shows {count} of {len(rows)} records."
    if any(row.confirm_at for row in rows):
        return f"{result} We look again in about a minute, and what is still the same then counts."
    return f"{result} {domain} is active." if domain.is_live else result
