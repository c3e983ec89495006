"""What Django's `EmailMessage` asks for, in the terms of the outbox (Django's documentation, "Sending email")."""

import mimetypes
from collections.abc import Iterable
from email.message import Message
from typing import Any, TypedDict

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.functional import Promise

from delivery.message import part_objects, validation
from delivery.message.rendering import Body, address_lines, new_message_id, render, sender_lines
from delivery.message.validation import Alternative, Attachment, OwnFields
from smtp_settings.header_fields import readable
from smtp_settings.mailboxes import mailbox, mailboxes
from whitelabel.routing import Address

PLAIN, HTML, MESSAGE, UNKNOWN = "text/plain", "text/html", "message/rfc822", "application/octet-stream"
USUAL = ([PLAIN], [HTML], [PLAIN, HTML])
OWN_FIELDS = {"from", "reply-to", "to", "cc", "message-id", "date"}


class Content(TypedDict):
    """Arguments of `delivery.api.send` that say what the message is."""

    subject: str
    text: str
    html: str
    alternatives: list[Alternative]
    mixed_subtype: str
    attachments: list[Attachment | Message]
    headers: dict[str, str]


class Addresses(TypedDict):
    """Arguments of `delivery.api.send` that say whom the message names; the sender is for the route to decide."""

    sender_name: str
    sender_address: str
    reply_to: list[str]
    own_fields: OwnFields


def content(message: EmailMessage) -> Content:
    """Raises `ValidationError` naming the attribute."""
    if getattr(message, "alternative_subtype", "alternative") != "alternative":
        raise ValidationError({"alternatives": "Alternatives can be sent as multipart/alternative only."})
    text, html, alternatives = _bodies(message)
    return Content(
        subject=_text(message.subject, "subject"),
        text=text,
        html=html,
        alternatives=alternatives,
        mixed_subtype=getattr(message, "mixed_subtype", "mixed"),
        attachments=[_attachment(item, message) for item in message.attachments],
        headers={name: value for name, value in _headers(message).items() if name.lower() not in OWN_FIELDS},
    )


def addresses(message: EmailMessage) -> Addresses:
    """Return whom it names; without a sender of its own, the default one. Raises as `content`."""
    own = {name.lower(): value for name, value in _headers(message).items() if name.lower() in OWN_FIELDS}
    sender = own.get("from") or _text(message.from_email or settings.DEFAULT_FROM_EMAIL, "from_email")
    name, address = _mailbox(sender, "headers" if own.get("from") else "from_email")
    return Addresses(
        sender_name=name,
        sender_address=address,
        reply_to=_listed(own["reply-to"]) if "reply-to" in own else people(message.reply_to, "reply_to"),
        own_fields=OwnFields(
            message_id=own.get("message-id", ""),
            date=own.get("date", ""),
            to=_listed(own["to"]) if "to" in own else None,
            cc=_listed(own["cc"]) if "cc" in own else None,
        ),
    )


def people(values: Iterable[Any], field: str) -> list[str]:
    """Return the addresses as text, without empty ones, which Django passes over as well."""
    return [_text(value, field) for value in values if value]


def written(message: EmailMessage) -> bytes:
    """Return a message that another one carries: with the sender that it names itself; raises as `content`."""
    own = addresses(message)
    sender = Address(own["sender_name"], own["sender_address"])
    if "@" not in sender.address:
        raise ValidationError({"from_email": f"{str(sender)[:100]!r} is not an e-mail address."})
    to, cc = (
        validation.addresses(people(given, field) if shown is None else shown, field)
        for field, given, shown in (("to", message.to, own["own_fields"].to), ("cc", message.cc, own["own_fields"].cc))
    )
    answers = ", ".join(readable(item.name, item.address) for item in validation.addresses(own["reply_to"], "reply_to"))
    message_id = own["own_fields"].message_id
    head = sender_lines(sender, answers, smtputf8=False)
    head += address_lines(validation.message_id(message_id) if message_id else new_message_id(), to, cc, smtputf8=False)
    date = own["own_fields"].date and validation.date(own["own_fields"].date)
    return head + render(Body.of(**content(message)), at=timezone.now(), smtputf8=False, date=date)


def _headers(message: EmailMessage) -> dict[str, str]:
    return {str(name): _text(value, "headers") for name, value in message.extra_headers.items()}


def _bodies(message: EmailMessage) -> tuple[str, str, list[Alternative]]:
    """Return text, HTML and, where these two do not say it all, every body as an alternative, in Django's order."""
    given: list[tuple[Any, str]] = [tuple(item) for item in getattr(message, "alternatives", [])]
    body = _text(message.body or "", "body")
    if body or not (given or message.attachments):
        given.insert(0, (body, f"text/{message.content_subtype}"))
    types = [mimetype for _, mimetype in given]
    if types in USUAL and not message.encoding and all(item and isinstance(item, str | Promise) for item, _ in given):
        texts = {mimetype: str(item) for item, mimetype in given}
        return texts.get(PLAIN, ""), texts.get(HTML, ""), []
    return "", "", [Alternative(*_typed(item, mimetype, message, "alternatives")) for item, mimetype in given]


def _attachment(item: Any, message: EmailMessage) -> Attachment | Message:
    if isinstance(item, Message):
        return item
    if isinstance(item, EmailMessage):
        item = ("", item, MESSAGE)
    if not isinstance(item, tuple) or len(item) not in (2, 3):
        raise ValidationError({"attachments": f"{type(item).__name__} is nothing that can be attached."})
    filename, given, mimetype = (*item, None)[:3]
    is_message = isinstance(given, Message | EmailMessage)
    mimetype = mimetype or (MESSAGE if is_message else mimetypes.guess_type(filename or "")[0] or UNKNOWN)
    return Attachment(_text(filename or "", "attachments"), *_typed(given, mimetype, message, "attachments"))


def _typed(given: Any, mimetype: Any, message: EmailMessage, field: str) -> tuple[bytes | str, str]:
    """Return content and media type, a text in the charset that the message asks for."""
    mimetype = _text(mimetype, field)
    if isinstance(given, Message | EmailMessage):
        return _carried(given, field), mimetype
    if isinstance(given, bytearray | memoryview):
        given = bytes(given)
    elif isinstance(given, Promise):
        given = str(given)
    charset = getattr(message.encoding, "output_charset", message.encoding)
    is_typed = isinstance(given, str) and mimetype.lower().startswith("text/") and "charset=" not in mimetype.lower()
    return given, f"{mimetype}; charset={charset}" if charset and is_typed else mimetype


def _carried(given: Message | EmailMessage, field: str) -> bytes:
    try:
        return written(given) if isinstance(given, EmailMessage) else part_objects.entity(given)
    except ValidationError as error:
        raise ValidationError({field: error.messages}) from error
    except ValueError as error:
        raise ValidationError({field: f"The message in it cannot be sent: {error}."}) from error


def _mailbox(text: str, field: str) -> tuple[str, str]:
    try:
        return mailbox(validation.one_line(text, field, most=validation.MAX_HEADER_CHARS))
    except ValueError as error:
        raise ValidationError({field: f"{error}."}) from error


def _listed(text: str) -> list[str]:
    """Return the mailboxes of a header, each as text."""
    try:
        found = mailboxes(validation.one_line(text, "headers", most=validation.MAX_LIST_CHARS))
    except ValueError as error:
        raise ValidationError({"headers": f"{error}."}) from error
    return [readable(name, address) for name, address in found]


def _text(value: Any, field: str) -> str:
    """Return `value` as Django reads it: whatever is no text becomes one, but for bytes, whose charset nobody knows."""
    if isinstance(value, bytes | bytearray | memoryview):
        raise ValidationError({field: "This must be text, not bytes."})
    return str(value)
