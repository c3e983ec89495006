"""Send a message for an application: what the rest of the platform calls."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from email.message import Message

from django.utils import timezone

from delivery.message import validation
from delivery.message.rendering import Body, address_lines, new_message_id, render
from delivery.message.validation import Alternative, Attachment, OwnFields
from delivery.models import Delivery, Email
from delivery.outbox.enqueue import accept
from smtp_settings.header_fields import readable
from whitelabel.models import Application

__all__ = ["Alternative", "Attachment", "OwnFields", "send", "send_bulk"]

NO_OWN_FIELDS = OwnFields()


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
    attachments: Sequence[Attachment | Message] = (),
    alternatives: Sequence[Alternative] = (),
    mixed_subtype: str = "mixed",
    own_fields: OwnFields = NO_OWN_FIELDS,
    priority: int = Delivery.Priority.NORMAL,
) -> Email:
    """Accept a message of `application` (None: the platform's own) and return it; it leaves in the background.

    The From header is decided by the route; `sender_name` and `sender_address` are what the application asks for.
    Addresses may carry a display name. `mixed_subtype` says how attachments belong to the bodies: "related" for images
    that HTML shows. Raises `ValidationError` naming the field, with nothing stored.
    """
    people = {field: validation.addresses(given, field) for field, given in (("to", to), ("cc", cc), ("bcc", bcc))}
    recipients = validation.envelope(*people.values())
    to_shown = people["to"] if own_fields.to is None else validation.addresses(own_fields.to, "headers")
    cc_shown = people["cc"] if own_fields.cc is None else validation.addresses(own_fields.cc, "headers")
    addresses = [*recipients, *(person.address for person in (*to_shown, *cc_shown))]
    email = _email(application, sender_name, sender_address, reply_to, subject, addresses)
    email.message_id = validation.message_id(own_fields.message_id) if own_fields.message_id else email.message_id
    body = Body.of(
        subject=email.subject, text=text, html=html, headers=headers or {}, attachments=attachments,
        alternatives=alternatives, mixed_subtype=mixed_subtype,
    )  # fmt: skip
    date = validation.date(own_fields.date) if own_fields.date else ""
    visible = address_lines(email.message_id, to_shown, cc_shown, smtputf8=email.smtputf8)
    email.content = visible + render(body, at=email.accepted_at, smtputf8=email.smtputf8, date=date)
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
    attachments: Sequence[Attachment | Message] = (),
    priority: int = Delivery.Priority.BULK,
) -> list[Email]:
    """Accept one message for each of `to`, who do not see each other, all or none; the content is rendered once.

    Otherwise as `send`.
    """
    people = validation.addresses(to, "to", most=len(to))
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
