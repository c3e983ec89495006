"""A white-label asks for a domain, the platform answers: each act with its message and its e-mails."""

from collections.abc import Iterable
from datetime import timedelta

from django.contrib.auth import get_user_model
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.urls import reverse
from django.utils import timezone

from messages.models import SUBJECT_MAX_CHARS, Mailbox
from messages.posting import open_thread, post
from whitelabel.correspondence import send_notice
from whitelabel.domain_names import acceptable, readable
from whitelabel.models import SendingDomain, WhiteLabel
from whitelabel.models.domain import Record

REQUESTS_A_DAY = 3


def request_domain(*, white_label: WhiteLabel, person: models.Model, typed: str, note: str = "") -> SendingDomain:
    """Ask the platform to send for the domain `typed`. Raises `ValidationError`, `PermissionDenied`."""
    if not white_label.is_admin(person):
        raise PermissionDenied
    name = acceptable(typed)
    with transaction.atomic():
        _refuse_too_many(person)
        domain = _create(white_label, person, name, note)
        text = _request_text(domain, person)
        _post(domain, sender=white_label.mailbox, author=person, text=text)
        _tell_owner(domain, f"Domain request from {white_label}: {name}", text)
    return domain


def withdraw(domain: SendingDomain, *, person: models.Model) -> None:
    """Take the request back, or stop sending from the domain. Raises `ValidationError`, `PermissionDenied`."""
    text = f"{domain.white_label} no longer asks for {domain}. Mail no longer leaves from it."
    with transaction.atomic():
        domain.withdraw(by=person)
        _post(domain, sender=domain.white_label.mailbox, author=person, text=text)
        _tell_owner(domain, f"{domain.white_label} withdrew {domain}", text)


def approve(domain: SendingDomain, *, person: models.Model, records: Iterable[Record]) -> None:
    """Accept, and send the records to publish. Raises `ValidationError`, `PermissionDenied`."""
    with transaction.atomic():
        domain.approve(records, by=person)
        _answer(domain, person, f"{domain} is approved", f"{domain} is approved. {_records_text(domain)}")


def change_records(domain: SendingDomain, *, person: models.Model, records: Iterable[Record]) -> None:
    """Replace the records to publish, and send the new ones. Raises `ValidationError`, `PermissionDenied`."""
    with transaction.atomic():
        domain.change_records(records, by=person)
        text = f"The DNS records for {domain} have changed. {_records_text(domain)}"
        _answer(domain, person, f"The DNS records for {domain} have changed", text)


def refuse(domain: SendingDomain, *, person: models.Model, reason: str) -> None:
    """Say no, and why. Raises `ValidationError`, `PermissionDenied`."""
    with transaction.atomic():
        domain.refuse(reason, by=person)
        _answer(domain, person, f"{domain} was refused", f"The request for {domain} was refused:\n\n{reason}")


def activate(domain: SendingDomain, *, person: models.Model) -> None:
    """Let mail leave from it by an owner's decision. Raises `ValidationError`, `PermissionDenied`."""
    with transaction.atomic():
        domain.activate(by=person)
        _answer(domain, person, f"{domain} is active", _active_text(domain))


def settle(domain: SendingDomain) -> None:
    """Let follow what follows from the verdicts: mail leaves from it once DNS showed every record."""
    if not domain.waits_for_dns:
        return
    domain.note_check()
    try:
        with transaction.atomic():
            if domain.activate_if_proven():
                _answer(domain, None, f"{domain} is active", _active_text(domain))
    except ValidationError:
        return  # another white-label was first; both pages show it


def _refuse_too_many(person: models.Model) -> None:
    """Count with the person's row locked, so that requests sent at once are counted one after the other."""
    get_user_model()._default_manager.select_for_update().get(pk=person.pk)
    since = timezone.now() - timedelta(days=1)
    if SendingDomain.objects.filter(requested_by=person.pk, requested_at__gt=since).count() >= REQUESTS_A_DAY:
        raise ValidationError(f"You have sent {REQUESTS_A_DAY} requests today; the next can be sent tomorrow.")


def _create(white_label: WhiteLabel, person: models.Model, name: str, note: str) -> SendingDomain:
    try:
        with transaction.atomic():
            return SendingDomain.objects.create(
                white_label=white_label, domain=name, note=note, requested_by_id=person.pk
            )
    except IntegrityError as error:
        raise ValidationError(f"{white_label} already has a request for {name}, or sends from it.") from error


def _post(domain: SendingDomain, *, sender: Mailbox, author: models.Model | None, text: str) -> None:
    """Write into the request's thread; open one where there is none any more."""
    if domain.thread:
        post(domain.thread, sender=sender, body=text, author=author)
        return
    ends = {domain.white_label.mailbox, Mailbox.platform()}
    domain.thread = open_thread(
        sender=sender,
        receiver=(ends - {sender}).pop(),
        subject=f"Domain request: {domain}"[:SUBJECT_MAX_CHARS],
        body=text,
        author=author,
        about=domain,
    )
    domain.save(update_fields=["thread"])


def _answer(domain: SendingDomain, person: models.Model | None, subject: str, text: str) -> None:
    _post(domain, sender=Mailbox.platform(), author=person, text=text)
    send_notice(
        domain.white_label.mailbox,
        subject=subject,
        paragraphs=[text, "See the state and the records here:"],
        path=reverse("whitelabel:email"),
    )


def _tell_owner(domain: SendingDomain, subject: str, text: str) -> None:
    path = reverse("owner:whitelabel_sendingdomain_change", args=[domain.pk])
    send_notice(
        Mailbox.platform(), subject=subject, paragraphs=[text, "See the request and answer it here:"], path=path
    )


def _request_text(domain: SendingDomain, person: models.Model) -> str:
    name = domain.domain if readable(domain.domain) == domain.domain else f"{domain} ({readable(domain.domain)})"
    asks = f"{person} asks that {domain.white_label} may send from {name} through the platform's SMTP."
    return f"{asks}\n\n{domain.note}".strip()


def _records_text(domain: SendingDomain) -> str:
    records = "\n\n".join(
        f"Type: {record.type}\nName: {record.name}\nValue: {record.value}" for record in domain.records.all()
    )
    return (
        "Publish these records where the DNS of the domain is managed. We look for them every few minutes; "
        f"mail leaves from the domain once all of them are found.\n\n{records}"
    )


def _active_text(domain: SendingDomain) -> str:
    return f"{domain} is active: mail of the applications that your admins own now leaves from it."
