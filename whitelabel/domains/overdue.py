"""End what waited too long: requests without an answer and domains without their records; report silent name servers.

Everything is bounded and notified once: a transition happens only while the row is still as it was read.
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from functools import partial
from typing import ParamSpec

from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from tables.one_by_one import do_for_each
from whitelabel.dns.record import Status
from whitelabel.domains.lifecycle import perform
from whitelabel.models import DnsRecord, DomainEvent, SendingDomain
from whitelabel.models.domain_queryset import SendingDomainQuerySet
from whitelabel.models.publishing import FAILING
from whitelabel.models.transitions import Actor, Transition, TransitionNotAllowed

DOMAINS_A_RUN = 100
EXPIRES_AFTER = timedelta(days=30)
WARNINGS_HOURS = (48, 24)
SILENCE = timedelta(hours=SendingDomain.GRACE_HOURS)
VERDICT_COUNTS_FOR = timedelta(days=1)
State = SendingDomain.State
Details = ParamSpec("Details")

NOBODY_ANSWERED = "The platform did not answer it within 30 days."
QUESTION_OPEN = "What the platform asked was not answered within 30 days."
NOT_SEEN = "DNS did not show all of its records within 30 days."


def expire_requests() -> None:
    """Expire the requests in which nothing has happened for `EXPIRES_AFTER`, the oldest first."""
    idle = SendingDomain.objects.filter(last_transition_at__lte=timezone.now() - EXPIRES_AFTER)
    records = DnsRecord.objects.filter(sending_domain=OuterRef("pk"))
    unpublished = Exists(records.filter(status__in=(*FAILING, Status.PENDING)))
    abandoned = idle.filter(Q(state=State.REQUESTED) | Q(unpublished, state__in=SendingDomain.WAITING_FOR_DNS))
    do_for_each(
        _batch(abandoned.with_turn(), "last_transition_at"),
        lambda domain: _perform_if_allowed(domain.expire, _why_expired(domain)),
    )


def watch_degraded() -> None:
    """Warn of domains whose records are missing, and suspend those whose grace is over."""
    now = timezone.now()
    missing = DnsRecord.objects.filter(sending_domain=OuterRef("pk"), status__in=FAILING)
    recently_checked = missing.filter(checked_at__gte=now - VERDICT_COUNTS_FOR)
    degraded = SendingDomain.objects.filter(Exists(missing), state=State.DEGRADED)
    grace_over = degraded.filter(degraded_at__lte=now - timedelta(hours=SendingDomain.GRACE_HOURS))
    do_for_each(
        _batch(grace_over.filter(Exists(recently_checked)), "degraded_at"),
        lambda domain: _perform_if_allowed(domain.suspend_for_missing_records),
    )
    for hours in WARNINGS_HOURS:
        unwarned = degraded.filter(degraded_at__lte=now - timedelta(hours=hours), warned_hours__lt=hours)
        do_for_each(_batch(unwarned, "degraded_at"), partial(_warn, hours))


def _warn(hours: int, domain: SendingDomain) -> None:
    _perform_if_allowed(domain.warn, hours)


def report_silence() -> None:
    """Report once each live domain whose DNS has given no clear answer about a record for `SILENCE`."""
    records = DnsRecord.objects.filter(sending_domain=OuterRef("pk"))
    events = DomainEvent.objects.filter(sending_domain=OuterRef("pk"))
    unresolved = records.filter(status=Status.UNKNOWN, observed_status=Status.UNKNOWN).order_by("observed_since")
    since = unresolved.filter(observed_since__lte=timezone.now() - SILENCE).values("observed_since")[:1]
    reported = Exists(events.filter(transition=Transition.SILENCE, at__gt=OuterRef("since")))
    silent = SendingDomain.objects.live().annotate(since=Subquery(since)).filter(~reported, since__isnull=False)
    do_for_each(_batch(silent, "since"), lambda domain: _perform_if_allowed(domain.note_silence, vars(domain)["since"]))


def _batch(domains: SendingDomainQuerySet, order: str) -> list[SendingDomain]:
    whole = domains.select_related("white_label__mailbox", "thread").prefetch_related("records")
    return list(whole.order_by(order, "pk")[:DOMAINS_A_RUN])


def _perform_if_allowed(
    transition: Callable[Details, DomainEvent], *args: Details.args, **details: Details.kwargs
) -> None:
    """Make the transition and notify both sides, unless somebody else was first."""
    with suppress(TransitionNotAllowed):
        perform(transition, *args, **details)


def _why_expired(domain: SendingDomain) -> str:
    if domain.waits_for_dns:
        return NOT_SEEN
    return NOBODY_ANSWERED if vars(domain)["turn"] == Actor.OWNER else QUESTION_OPEN
