"""The life of a sending domain from request to end: each transition together with its message and its e-mails."""

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import ParamSpec

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone

from messages.models import PLATFORM, Mailbox, Message, Thread
from people.roles import Right, may
from whitelabel import correspondence
from whitelabel.domain_names import acceptable, is_within
from whitelabel.domains.notices import notify
from whitelabel.models import DomainEvent, SendingDomain, WhiteLabel
from whitelabel.models.transitions import TransitionNotAllowed

REQUESTS_A_DAY = 3
MESSAGES_A_DAY = 20  # of one white-label in one thread: each is mailed to the platform
THREADS_A_DAY = 20  # that one white-label opens
State = SendingDomain.State
Details = ParamSpec("Details")


class DailyLimitReached(ValidationError):
    """So many were sent within a day; the next one is taken at `again_at`."""

    def __init__(self, message: str, again_at: datetime) -> None:
        super().__init__(message)
        self.again_at = again_at


def request_domain(*, white_label: WhiteLabel, person: models.Model, typed: str, note: str = "") -> SendingDomain:
    """Ask the platform to send for the domain `typed`. Raises `ValidationError`, `PermissionDenied`."""
    if not may(person, Right.REQUEST_DOMAINS, at=white_label):
        raise PermissionDenied
    domain = SendingDomain(white_label=white_label, domain=acceptable_for(white_label, typed), note=note)
    with transaction.atomic():
        _limit_requests(person)
        perform(domain.request, by=person)
    return domain


def acceptable_for(white_label: WhiteLabel, typed: str) -> str:
    """Return the canonical form of a domain that this white-label may ask for. Raises `ValidationError`."""
    name = acceptable(typed)
    _refuse_console_of_another(white_label, name)
    return name


def perform(transition: Callable[Details, DomainEvent], *args: Details.args, **details: Details.kwargs) -> DomainEvent:
    """Make a transition of a domain and notify those who did not make it, or do neither.

    `transition` is a bound method of the domain: `perform(domain.refuse, "Not yours.", by=owner)`. Raises
    `ValidationError` and `PermissionDenied`.
    """
    with transaction.atomic():
        event = transition(*args, **details)
        notify(event)
    return event


def answer(domain: SendingDomain, text: str, *, by: models.Model) -> None:
    """Write to the platform; what it asked counts as answered. Raises `ValidationError`, `PermissionDenied`."""
    with transaction.atomic():
        _limit_messages(domain.white_label, domain.thread)
        perform(domain.answer, text, by=by)


def write(domain: SendingDomain, *, sender: Mailbox, person: models.Model, text: str) -> None:
    """Write about the request from the side of `sender`; once it is over, that is a message and no more.

    Raises `ValidationError` for "body".
    """
    try:
        if sender.key == PLATFORM:
            perform(domain.ask, text, by=person)
        else:
            answer(domain, text, by=person)
    except TransitionNotAllowed:
        if domain.thread is None:
            raise
        _write_into(domain.thread, sender=sender, person=person, text=text)


def begin(*, sender: Mailbox, receiver: Mailbox, person: models.Model, subject: str, text: str) -> Thread:
    """Write to the other side about something new. Raises `ValidationError` for "subject" or "body"."""
    with transaction.atomic():
        if sender.key != PLATFORM:
            _limit_threads(sender.white_label)
        return correspondence.write(sender=sender, receiver=receiver, subject=subject, body=text, author=person)


def reply(thread: Thread, *, sender: Mailbox, person: models.Model, text: str) -> None:
    """Write into a thread; in that of a request it is about the request. Raises `ValidationError` for "body"."""
    domain = SendingDomain.objects.filter(thread=thread).select_related("white_label__mailbox", "thread").first()
    if domain is None:
        _write_into(thread, sender=sender, person=person, text=text)
    else:
        write(domain, sender=sender, person=person, text=text)


def _write_into(thread: Thread, *, sender: Mailbox, person: models.Model, text: str) -> None:
    with transaction.atomic():
        if sender.key != PLATFORM:
            _limit_messages(sender.white_label, thread)
        correspondence.answer(thread, sender=sender, body=text, author=person)


def settle(domain: SendingDomain) -> None:
    """Make the transitions that follow from the stored statuses of its records; may be called at any time."""
    try:
        domain.refresh_from_db()
        with transaction.atomic():
            if domain.state == State.APPROVED:
                domain.verify()
            if transition := _due_transition(domain):
                perform(transition)
    except (SendingDomain.DoesNotExist, TransitionNotAllowed):
        return  # it was deleted or changed meanwhile, or another white-label was first, which both pages show


def _due_transition(domain: SendingDomain) -> Callable[[], DomainEvent] | None:
    if domain.verified:
        domain.note_verification()
        is_suspended_by_itself = domain.state == State.SUSPENDED and not domain.suspension
        if (domain.waits_for_dns or is_suspended_by_itself) and domain.live_elsewhere:
            return None if domain.is_held else domain.hold
        if domain.waits_for_dns:
            return partial(domain.activate, by=None)
    if domain.state in (State.DEGRADED, State.SUSPENDED) and not domain.suspension:
        return domain.recover if domain.verified or domain.still_published else None
    if domain.state == State.ACTIVE and domain.verified_at and domain.regressed:
        return domain.degrade
    return None


def _limit_requests(person: models.Model) -> None:
    """Count with the person's row locked, so that requests sent at once are counted one after the other.

    Raises `DailyLimitReached`.
    """
    get_user_model()._default_manager.select_for_update().get(pk=person.pk)
    day = timedelta(days=1)
    recent = SendingDomain.objects.filter(requested_by=person.pk, requested_at__gt=timezone.now() - day)
    latest = list(recent.order_by("-requested_at").values_list("requested_at", flat=True)[:REQUESTS_A_DAY])
    if len(latest) == REQUESTS_A_DAY:
        words = f"You have sent {REQUESTS_A_DAY} requests today; the next can be sent tomorrow."
        raise DailyLimitReached(words, again_at=latest[-1] + day)


def _limit_messages(white_label: WhiteLabel, thread: Thread | None) -> None:
    """Keep one white-label from flooding the platform's mail. Raises `ValidationError` for "body".

    Its row is locked, so that messages sent at once are counted one after the other.
    """
    WhiteLabel.objects.select_for_update().get(pk=white_label.pk)
    since = timezone.now() - timedelta(days=1)
    written = Message.objects.filter(thread=thread, sender=white_label.mailbox_id, at__gt=since)
    if written.count() >= MESSAGES_A_DAY:
        words = f"You have written {MESSAGES_A_DAY} messages here today; the next can be written tomorrow."
        raise ValidationError({"body": words})


def _limit_threads(white_label: WhiteLabel) -> None:
    """Keep it from the same by new threads, counted as messages are. Raises `ValidationError` for "body"."""
    WhiteLabel.objects.select_for_update().get(pk=white_label.pk)
    since = timezone.now() - timedelta(days=1)
    written = Thread.objects.filter(
        opened_by=white_label.mailbox_id, latest_at__gt=since, messages__author__isnull=False
    )
    if written.exclude(messages__at__lte=since).distinct().count() >= THREADS_A_DAY:
        words = f"You have begun {THREADS_A_DAY} conversations today; the next can be begun tomorrow."
        raise ValidationError({"body": words})


def _refuse_console_of_another(white_label: WhiteLabel, name: str) -> None:
    """Refuse the host name under which another white-label signs in, and what is above or below it."""
    others = WhiteLabel.objects.exclude(pk=white_label.pk).exclude(console_host=None)
    for host in others.values_list("console_host", flat=True):
        if is_within(str(host), name) or is_within(name, str(host)):
            raise ValidationError(f"{name} belongs to somebody else on this platform.")
