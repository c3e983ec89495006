"""Send a message for an application: what the rest of the platform calls."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from copy import copy

from django.utils import timezone

from delivery.message import validation
from delivery.message.rendering import Body, address_lines, new_message_id, render
from delivery.message.validation import Attachment
from delivery.models import Delivery, Email
from delivery.outbox.enqueue import accept
from smtp_settings.header_fields import readable
from whitelabel.models import Application

__all__ = ["Attachment", "send", "send_bulk"]


def send(
    application: Application | None,
    *,
    to: str | Iterable[str],
    subject: str,
    text: str = "",
    html: str = "",
    cc: str | Iterable[str] = (),
    bcc: str | Iterable[str] = (),
    sender_name: str = "",
    sender_address: str = "",
    reply_to: str | Iterable[str] = (),
    headers: Mapping[str, str] | None = None,
    attachments: Sequence[Attachment] = (),
    priority: int = Delivery.Priority.NORMAL,
) -> Email:
    """Accept a message of `application` (None: the platform's own) and return it; it leaves in the background.

    The From header is decided by the route; `sender_name` and `sender_address` are what the application asks for.
    Addresses may carry a display name. Raises `ValidationError` naming the field, with nothing stored.
    """
    people = {field: validation.addresses(given, field) for field, given in (("to", to), ("cc", cc), ("bcc", bcc))}
    recipients = validation.envelope(*people.values())
    email = _email(application, sender_name, sender_address, reply_to, subject, recipients)
    body = Body.of(subject=email.subject, text=text, html=html, headers=headers or {}, attachments=attachments)
    visible = address_lines(email.message_id, people["to"], people["cc"], smtputf8=email.smtputf8)
    email.content = visible + render(body, at=email.accepted_at, smtputf8=email.smtputf8)
    return accept([(email, recipients)], priority=priority)[0]


def send_bulk(
    application: Application | None,
    *,
    to: Sequence[str],
    subject: str,
    text: str = "",
    html: str = "",
    sender_name: str = "",
    sender_address: str = "",
    reply_to: str | Iterable[str] = (),
    headers: Mapping[str, str] | None = None,
    attachments: Sequence[Attachment] = (),
    priority: int = Delivery.Priority.BULK,
) -> list[Email]:
    """Accept one message for each of `to`, who do not see each other, all or none; the content is rendered once.

    Otherwise as `send`.
    """
    people = validation.addresses(to, "to")
    body = Body.of(subject=subject, text=text, html=html, headers=headers or {}, attachments=attachments)
    model = _email(application, sender_name, sender_address, reply_to, subject, [person.address for person in people])
    rest = render(body, at=model.accepted_at, smtputf8=model.smtputf8)
    accepted = []
    for person in people:
        email = copy(model)
        email.pk, email.message_id = uuid.uuid4(), new_message_id()
        email.content = address_lines(email.message_id, [person], (), smtputf8=model.smtputf8) + rest
        accepted.append((email, [person.address]))
    return accept(accepted, priority=priority)


def _email(
    application: Application | None,
    sender_name: str,
    sender_address: str,
    reply_to: str | Iterable[str],
    subject: str,
    recipients: Sequence[str],
) -> Email:
    """Return the unsaved e-mail, still without content."""
    answers = validation.addresses(reply_to, "reply_to")
    wanted_address = validation.address(sender_address, "sender_address").address if sender_address else ""
    return Email(
        application=application,
        white_label=application.white_label if application else None,
        message_id=new_message_id(),
        accepted_at=timezone.now(),
        wanted_name=validation.one_line(sender_name, "sender_name", most=validation.MAX_NAME_CHARS),
        wanted_address=wanted_address,
        reply_to=", ".join(readable(item.name, item.address) for item in answers),
        subject=validation.one_line(subject, "subject", most=validation.MAX_SUBJECT_CHARS),
        smtputf8=not all(item.isascii() for item in (*recipients, wanted_address, *(a.address for a in answers))),
    )
