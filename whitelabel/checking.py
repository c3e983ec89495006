"""Check a domain: ask DNS for its records, keep the answers, and make the moves that follow from them."""

from django.db import transaction
from django.utils import timezone

from whitelabel import dns, requests
from whitelabel.models import SendingDomain


def check(domain: SendingDomain) -> bool:
    """Ask DNS now; tell whether it was asked, which happens at most every `CHECK_PAUSE_SECONDS`.

    No transaction is open while DNS is asked.
    """
    if not domain.claim_check(timezone.now()):
        return False
    rows = list(domain.records.all())
    answers = dns.look_up(row.as_typed for row in rows)
    at = timezone.now()
    with transaction.atomic():
        for row, answer in zip(rows, answers, strict=True):
            row.note(answer.status, answer.found, at)
    requests.settle(domain)
    return True


def check_in_words(domain: SendingDomain) -> str:
    """Check for a person who waits; return what came of it as a sentence."""
    if not check(domain):
        return "DNS was asked a moment ago; wait half a minute before asking again."
    if domain.is_live:
        return f"DNS was asked just now; {domain} is active."
    return "DNS was asked just now; the state of each record is below."
