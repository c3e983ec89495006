"""End what waited too long: requests that nobody went on with, and domains whose records are gone; tell of silence.

Everything is bounded and told once: each move happens only while the row is still as it was looked at.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from whitelabel.domains.notices import tell
from whitelabel.models import DnsRecord, DomainEvent, SendingDomain
from whitelabel.models.domain_queryset import SendingDomainQuerySet
from whitelabel.models.publishing import AGAINST
from whitelabel.models.transitions import Move, MoveRefused, Side

DOMAINS_A_ROUND = 100
EXPIRES_AFTER = timedelta(days=30)
WARNINGS_HOURS = (48, 24)
SILENCE = timedelta(hours=SendingDomain.GRACE_HOURS)
VERDICT_COUNTS_FOR = timedelta(days=1)
State, Status = SendingDomain.State, DnsRecord.Status

NOBODY_ANSWERED = "The platform did not answer it within 30 days."
QUESTION_OPEN = "What the platform asked was not answered within 30 days."
NOT_SEEN = "DNS did not show all of its records within 30 days."


def expire_requests() -> None:
    """Expire the requests in which nothing has moved for `EXPIRES_AFTER`, the oldest first."""
    still = SendingDomain.objects.filter(moved_at__lte=timezone.now() - EXPIRES_AFTER)
    unseen = Exists(DnsRecord.objects.filter(sending_domain=OuterRef("pk"), status__in=(*AGAINST, Status.PENDING)))
    forgotten = still.filter(Q(state=State.REQUESTED) | Q(unseen, state__in=SendingDomain.WAITING_FOR_DNS))
    for domain in _batch(forgotten.with_turn(), "moved_at"):
        _try_to(domain.expire, _why_expired(domain))


def watch_degraded() -> None:
    """Warn of domains whose records are gone, and suspend those whose grace is over."""
    now = timezone.now()
    gone = DnsRecord.objects.filter(sending_domain=OuterRef("pk"), status__in=AGAINST)
    seen_gone = gone.filter(checked_at__gte=now - VERDICT_COUNTS_FOR)
    degraded = SendingDomain.objects.filter(Exists(gone), state=State.DEGRADED)
    over = degraded.filter(Exists(seen_gone), degraded_at__lte=now - timedelta(hours=SendingDomain.GRACE_HOURS))
    for domain in _batch(over, "degraded_at"):
        _try_to(domain.suspend_for_missing_records)
    for hours in WARNINGS_HOURS:
        unwarned = degraded.filter(degraded_at__lte=now - timedelta(hours=hours), warned_hours__lt=hours)
        for domain in _batch(unwarned, "degraded_at"):
            _try_to(domain.warn, hours)


def report_silence() -> None:
    """Tell once of each domain that mail leaves from while DNS has not answered about a record for `SILENCE`."""
    of_domain = DnsRecord.objects.filter(sending_domain=OuterRef("pk"), status=Status.UNKNOWN, seen=Status.UNKNOWN)
    since = of_domain.filter(seen_since__lte=timezone.now() - SILENCE).order_by("seen_since").values("seen_since")
    told = DomainEvent.objects.filter(sending_domain=OuterRef("pk"), move=Move.SILENCE, at__gt=OuterRef("since"))
    silent = SendingDomain.objects.live().annotate(since=Subquery(since[:1])).filter(~Exists(told), since__isnull=False)
    for domain in _batch(silent, "since"):
        _try_to(domain.note_silence, vars(domain)["since"])


def _batch(domains: SendingDomainQuerySet, order: str) -> list[SendingDomain]:
    whole = domains.select_related("white_label__mailbox", "thread").prefetch_related("records")
    return list(whole.order_by(order, "pk")[:DOMAINS_A_ROUND])


def _try_to(move: Callable[..., DomainEvent], *how: Any) -> None:
    """Make the move and tell both sides, unless somebody else was first."""
    try:
        with transaction.atomic():
            tell(move(*how))
    except MoveRefused:
        return


def _why_expired(domain: SendingDomain) -> str:
    if domain.waits_for_dns:
        return NOT_SEEN
    return NOBODY_ANSWERED if vars(domain)["turn"] == Side.OWNER else QUESTION_OPEN
