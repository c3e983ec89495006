"""Send a message for an application: what the rest of the platform calls."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from copy import copy
from datetime import datetime
from email.message import Message
from typing import Required, TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.utils import timezone

from delivery.message import validation
from delivery.message.rendering import Body, address_lines, new_message_id, render
from delivery.message.validation import Alternative, Attachment, OwnFields
from delivery.models import Delivery, Email
from delivery.outbox.enqueue import accept
from whitelabel.models import Application
from whitelabel.models.application import ARCHIVED
from whitelabel.routing import Address, honest_reply_to

__all__ = [
    "Alternative",
    "Attachment",
    "MessageFields",
    "OwnFields",
    "Prepared",
    "accept",
    "prepare",
    "prepare_written",
    "send",
    "send_bulk",
]

NO_OWN_FIELDS = OwnFields()

Prepared = tuple[Email, Sequence[str]]  # an e-mail that can be accepted, not stored yet, and its envelope recipients


class MessageFields(TypedDict, total=False):
    """The arguments of `prepare`, which says what they mean."""

    to: Required[str | Iterable[str]]
    subject: Required[str]
    text: str
    html: str
    cc: str | Iterable[str]
    bcc: str | Iterable[str]
    sender_name: str
    sender_address: str
    reply_to: str | Iterable[str]
    headers: Mapping[str, str] | None
    attachments: Sequence[Attachment | Message]
    alternatives: Sequence[Alternative]
    mixed_subtype: str
    own_fields: OwnFields
    scheduled_at: datetime | None


def send(
    application: Application | None,
    *,
    priority: int = Delivery.Priority.NORMAL,
    **message: Unpack[MessageFields],
) -> Email:
    """Accept a message of `application` (None: the platform's own) and return it; it leaves in the background.

    The rest is as `prepare` takes it.
    """
    return accept([prepare(application, **message)], priority=priority)[0]


def prepare(
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
    scheduled_at: datetime | None = None,
) -> Prepared:
    """Validate a message of `application` (None: the platform's own) and render it; `accept` stores it.

    The From header is decided by the route; `sender_name` and `sender_address` are what the application asks for.
    Addresses may carry a display name. `mixed_subtype` says how attachments belong to the bodies: "related" for images
    that HTML shows. It leaves no sooner than `scheduled_at`, which is aware; now where that is over. Raises
    `ValidationError` naming the field, with nothing stored.
    """
    people = {field: validation.addresses(given, field) for field, given in (("to", to), ("cc", cc), ("bcc", bcc))}
    recipients = validation.envelope(*people.values())
    to_shown = people["to"] if own_fields.to is None else validation.addresses(own_fields.to, "headers")
    cc_shown = people["cc"] if own_fields.cc is None else validation.addresses(own_fields.cc, "headers")
    addresses = [*recipients, *(person.address for person in (*to_shown, *cc_shown))]
    message_id = validation.message_id(own_fields.message_id) if own_fields.message_id else new_message_id()
    email = _email(application, message_id, sender_name, sender_address, reply_to, subject, addresses)
    email.scheduled_at = validation.scheduled_at(scheduled_at) if scheduled_at else None
    body = Body.of(
        subject=email.subject, text=text, html=html, headers=headers or {}, attachments=attachments,
        alternatives=alternatives, mixed_subtype=mixed_subtype,
    )  # fmt: skip
    date = validation.date(own_fields.date) if own_fields.date else ""
    visible = address_lines(email.message_id, to_shown, cc_shown, smtputf8=email.smtputf8)
    email.content = visible + render(body, at=email.leaves_from, smtputf8=email.smtputf8, date=date)
    return email, recipients


def prepare_written(
    application: Application | None,
    *,
    content: bytes,
    recipients: Iterable[str],
    message_id: str,
    subject: str,
    sender_name: str = "",
    sender_address: str = "",
    reply_to: str | Iterable[str] = (),
    smtputf8: bool = False,
    null_reverse_path: bool = False,
) -> Prepared:
    """Take a message that is written already, as `prepare` does one that is not.

    `content` is the message in wire form (CRLF, no line over 998 octets) with Message-ID and Date, without From,
    Reply-To and Bcc. `recipients` are those of the envelope; `smtputf8` says that the header has characters beyond
    ASCII, and `null_reverse_path` that MAIL FROM is `<>`. Raises `ValidationError` naming the field.
    """
    envelope = validation.envelope(validation.addresses(recipients, "to"))
    email = _email(application, message_id, sender_name, sender_address, reply_to, subject, envelope)
    validation.rendered_size(content)
    email.content, email.null_reverse_path = content, null_reverse_path
    email.smtputf8 = email.smtputf8 or smtputf8
    return email, envelope


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
    addresses = [person.address for person in people]
    model = _email(application, "", sender_name, sender_address, reply_to, subject, addresses)
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
    message_id: str,
    sender_name: str,
    sender_address: str,
    reply_to: str | Iterable[str],
    subject: str,
    recipients: Sequence[str],
) -> Email:
    """Return the unsaved e-mail, still without content."""
    if application and application.is_archived:
        raise ValidationError({"application": ARCHIVED})
    answers = validation.addresses(reply_to, "reply_to")
    wanted_address = validation.address(sender_address, "sender_address").address if sender_address else ""
    return Email(
        application=application,
        white_label_id=application.white_label_id if application else None,
        message_id=message_id,
        accepted_at=timezone.now(),
        wanted_name=validation.one_line(sender_name, "sender_name", most=validation.MAX_NAME_CHARS),
        wanted_address=wanted_address,
        reply_to=", ".join(str(honest_reply_to(Address(item.name, item.address), application)) for item in answers),
        subject=validation.one_line(subject, "subject", most=validation.MAX_SUBJECT_CHARS),
        smtputf8=not all(item.isascii() for item in (*recipients, wanted_address, *(a.address for a in answers))),
    )
