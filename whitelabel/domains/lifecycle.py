"""A white-label asks for a domain, the platform answers: each move with its message and its e-mails."""

from collections.abc import Iterable
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone

from messages.models import PLATFORM, Mailbox, Message, Thread
from whitelabel import correspondence
from whitelabel.domain_names import acceptable, is_within
from whitelabel.domains.notices import tell
from whitelabel.models import DomainEvent, SendingDomain, WhiteLabel
from whitelabel.models.domain import Record
from whitelabel.models.transitions import MoveRefused

REQUESTS_A_DAY = 3
MESSAGES_A_DAY = 20  # of one white-label in one thread: each is mailed to the platform
State = SendingDomain.State


def request_domain(*, white_label: WhiteLabel, person: models.Model, typed: str, note: str = "") -> SendingDomain:
    """Ask the platform to send for the domain `typed`. Raises `ValidationError`, `PermissionDenied`."""
    if not white_label.is_admin(person):
        raise PermissionDenied
    domain = SendingDomain(white_label=white_label, domain=acceptable_for(white_label, typed), note=note)
    with transaction.atomic():
        _refuse_too_many(person)
        tell(domain.request(by=person))
    return domain


def acceptable_for(white_label: WhiteLabel, typed: str) -> str:
    """Return the canonical form of a domain that this white-label may ask for. Raises `ValidationError`."""
    name = acceptable(typed)
    _refuse_console_of_another(white_label, name)
    return name


def withdraw(domain: SendingDomain, *, person: models.Model) -> None:
    """Take the request back, or stop sending from the domain. Raises `ValidationError`, `PermissionDenied`."""
    with transaction.atomic():
        tell(domain.withdraw(by=person))


def approve(domain: SendingDomain, *, person: models.Model, records: Iterable[Record]) -> None:
    """Accept, and send the records to publish. Raises `ValidationError`, `PermissionDenied`."""
    with transaction.atomic():
        tell(domain.approve(records, by=person))


def change_records(domain: SendingDomain, *, person: models.Model, records: Iterable[Record]) -> None:
    """Replace the records to publish, and send the new ones. Raises `ValidationError`, `PermissionDenied`."""
    with transaction.atomic():
        tell(domain.change_records(records, by=person))


def refuse(domain: SendingDomain, *, person: models.Model, reason: str) -> None:
    """Say no, and why. Raises `ValidationError`, `PermissionDenied`."""
    with transaction.atomic():
        tell(domain.refuse(reason, by=person))


def ask(domain: SendingDomain, *, person: models.Model, question: str) -> None:
    """Write to the white-label and wait for its answer. Raises `ValidationError`, `PermissionDenied`."""
    with transaction.atomic():
        tell(domain.ask(question, by=person))


def answer(domain: SendingDomain, *, person: models.Model, text: str) -> None:
    """Write to the platform; what it asked counts as answered. Raises `ValidationError`, `PermissionDenied`."""
    with transaction.atomic():
        _refuse_too_many_words(domain.white_label, domain.thread)
        tell(domain.answer(text, by=person))


def write(domain: SendingDomain, *, sender: Mailbox, person: models.Model, text: str) -> None:
    """Write about the request from the side of `sender`; once it is over, that is a message and no more.

    Raises `ValidationError` for "body".
    """
    try:
        ask(domain, person=person, question=text) if sender.key == PLATFORM else answer(
            domain, person=person, text=text
        )
    except MoveRefused:
        if domain.thread is None:
            raise
        _write_into(domain.thread, sender=sender, person=person, text=text)


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
            _refuse_too_many_words(sender.white_label, thread)
        correspondence.answer(thread, sender=sender, body=text, author=person)


def activate(domain: SendingDomain, *, person: models.Model) -> None:
    """Let mail leave from it by an owner's decision. Raises `ValidationError`, `PermissionDenied`."""
    with transaction.atomic():
        tell(domain.activate(by=person))


def suspend(domain: SendingDomain, *, person: models.Model, reason: str) -> None:
    """Stop sending from it, and say why. Raises `ValidationError`, `PermissionDenied`."""
    with transaction.atomic():
        tell(domain.suspend(reason, by=person))


def resume(domain: SendingDomain, *, person: models.Model) -> None:
    """Lift a suspension. Raises `ValidationError`, `PermissionDenied`."""
    with transaction.atomic():
        tell(domain.resume(by=person))


def reopen(domain: SendingDomain, *, person: models.Model) -> None:
    """Take up a refused or expired request. Raises `ValidationError`, `PermissionDenied`."""
    with transaction.atomic():
        tell(domain.reopen(by=person))


def settle(domain: SendingDomain) -> None:
    """Make the moves that follow from the stored verdicts of DNS, and tell both sides; may be called at any time."""
    try:
        domain.refresh_from_db()
        with transaction.atomic():
            _follow(domain)
    except (SendingDomain.DoesNotExist, MoveRefused):
        return  # it is gone or was moved meanwhile, or another white-label was first, which both pages show


def _follow(domain: SendingDomain) -> None:
    if domain.state == State.APPROVED:
        domain.verify()
    event = _move_that_follows(domain)
    if event is not None:
        tell(event)


def _move_that_follows(domain: SendingDomain) -> DomainEvent | None:
    if domain.proven:
        domain.note_proof()
        if domain.waits_for_dns:
            return None if domain.live_elsewhere else domain.activate(by=None)
    if domain.state in (State.DEGRADED, State.SUSPENDED) and not domain.suspension:
        return domain.recover() if domain.proven or domain.holds else None
    if domain.state == State.ACTIVE and domain.proven_at and domain.lost:
        return domain.degrade()
    return None


def _refuse_too_many(person: models.Model) -> None:
    """Count with the person's row locked, so that requests sent at once are counted one after the other."""
    get_user_model()._default_manager.select_for_update().get(pk=person.pk)
    since = timezone.now() - timedelta(days=1)
    if SendingDomain.objects.filter(requested_by=person.pk, requested_at__gt=since).count() >= REQUESTS_A_DAY:
        raise ValidationError(f"You have sent {REQUESTS_A_DAY} requests today; the next can be sent tomorrow.")


def _refuse_too_many_words(white_label: WhiteLabel, thread: Thread | None) -> None:
    """Keep one white-label from flooding the platform's mail. Raises `ValidationError` for "body".

    Its row is locked, so that messages sent at once are counted one after the other.
    """
    WhiteLabel.objects.select_for_update().get(pk=white_label.pk)
    since = timezone.now() - timedelta(days=1)
    written = Message.objects.filter(thread=thread, sender=white_label.mailbox_id, at__gt=since)
    if written.count() >= MESSAGES_A_DAY:
        words = f"You have written {MESSAGES_A_DAY} messages here today; the next can be written tomorrow."
        raise ValidationError({"body": words})


def _refuse_console_of_another(white_label: WhiteLabel, name: str) -> None:
    """Refuse the host name under which another white-label signs in, and what is above or below it."""
    others = WhiteLabel.objects.exclude(pk=white_label.pk).exclude(console_host=None)
    for host in others.values_list("console_host", flat=True):
        if is_within(str(host), name) or is_within(name, str(host)):
            raise ValidationError(f"{name} belongs to somebody else on this platform.")
