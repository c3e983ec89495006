"""Turn a validated message into the bytes that travel; once for all, and at dispatch for From and Reply-To."""

import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from email.utils import format_datetime
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ValidationError

from delivery.message import mime, part_objects, validation
from delivery.message.media_type import MediaType
from delivery.message.validation import Alternative, Attachment, Recipient
from delivery.models import Email
from delivery.outbox.leased import LeasedDelivery
from smtp_settings.header_fields import address_field, field, mailboxes_in, structured_field, text_field
from whitelabel.routing import Address, Route

RELATED = MediaType("multipart/related")
DATE = re.compile(rb"^Date: [^\r]*\r\n", re.MULTILINE)
TRACE = re.compile(rb"(?:Received:[^\r]*\r\n(?:[ \t][^\r]*\r\n)*+)++")


def new_message_id() -> str:
    """Return a Message-ID, without the angle brackets' blanks (RFC 5322 3.6.4)."""
    return f"<{uuid.uuid4().hex}@{settings.MAIL_NAME}>"


@dataclass(frozen=True)
class Body:
    """The validated part of a message that is the same for all its recipients; `content` is MIME."""

    subject: str
    headers: Mapping[str, str]
    content: bytes

    @classmethod
    def of(
        cls,
        *,
        subject: str,
        text: str,
        html: str,
        headers: Mapping[str, str],
        attachments: Sequence[Attachment | Message],
        alternatives: Sequence[Alternative] = (),
        mixed_subtype: str = "mixed",
    ) -> "Body":
        """Return the body; raises `ValidationError` naming the field."""
        validation.attachments(attachments)
        validation.size(text, html, alternatives, attachments)
        subject = validation.one_line(subject, "subject", most=validation.MAX_SUBJECT_CHARS)
        headers = validation.headers(headers)
        if alternatives or attachments:
            content = _content(text, html, alternatives, attachments, mixed_subtype)
        else:
            content = mime.simple_content(text, html)
        return cls(subject, headers, content)


def _content(
    text: str,
    html: str,
    alternatives: Sequence[Alternative],
    attachments: Sequence[Attachment | Message],
    mixed_subtype: str,
) -> bytes:
    """Return the bodies, several as alternatives (RFC 2046 5.1.4), and what is attached behind them."""
    parts = [mime.simple_content(text, "")] if text else []
    parts += [mime.simple_content("", html)] if html else []
    with _naming("alternatives"):
        parts += [mime.alternative(MediaType.of(item.mimetype), item.content) for item in alternatives]
    bodies = [mime.together(parts)] if parts else []
    with _naming("attachments"):
        shown = [_attached(item) for item in attachments if getattr(item, "content_id", "")]
        attached = [_attached(item) for item in attachments if not getattr(item, "content_id", "")]
    if shown and bodies:
        bodies, shown = [mime.multipart(RELATED, [*bodies, *shown])], []
    if not (shown or attached):
        return bodies[0]
    with _naming("mixed_subtype"):
        mixed = MediaType.of(f"multipart/{mixed_subtype}")
    content = mime.multipart(mixed, [*bodies, *shown, *attached])
    validation.rendered_size(content)
    return content


def _attached(item: Attachment | Message) -> bytes:
    if isinstance(item, Message):
        return part_objects.part(item)
    content = part_objects.entity(item.content) if isinstance(item.content, Message) else item.content
    return mime.attached(MediaType.of(item.mimetype), item.filename, content, item.content_id)


@contextmanager
def _naming(field: str) -> Iterator[None]:
    """Turn what cannot be written into the refusal of a field."""
    try:
        yield
    except ValueError as error:
        raise ValidationError({field: f"This cannot be sent: {error}."}) from error


def render(body: Body, *, at: datetime, smtputf8: bool, date: str = "") -> bytes:
    """Return the message with CRLF line ends and no line longer than 998 octets, without its addresses' lines."""
    head = f"Date: {date or format_datetime(at)}\r\n" + text_field("Subject", body.subject, utf8=smtputf8)
    head += "".join(field(name, value, utf8=smtputf8) for name, value in body.headers.items())
    return head.encode() + b"MIME-Version: 1.0\r\n" + body.content


def redated(content: bytes, at: datetime) -> bytes:
    """Return the message that `render` and `address_lines` wrote with another Date."""
    return DATE.sub(f"Date: {format_datetime(at)}\r\n".encode(), content, count=1)


def address_lines(message_id: str, to: Sequence[Recipient], cc: Sequence[Recipient], *, smtputf8: bool) -> bytes:
    """Return the lines Message-ID, To and Cc, which go before the rest."""
    head = f"Message-ID: {message_id}\r\n"
    if len(to) == 1 and not cc and not to[0].name and to[0].address.isascii():
        return f"{head}To: {to[0].address}\r\n".encode()
    for name, people in (("To", to), ("Cc", cc)):
        if people:
            head += address_field(name, ((person.name, person.address) for person in people), utf8=smtputf8)
    if not to and not cc:
        head += structured_field("To", "undisclosed-recipients:;")
    return head.encode()


@lru_cache(maxsize=1024)
def sender_lines(sender: Address, answers_to: str, *, smtputf8: bool) -> bytes:
    """Return the From and Reply-To lines that go before the stored content."""
    head = address_field("From", [(sender.name, sender.address)], utf8=smtputf8)
    if answers_to:
        head += address_field("Reply-To", mailboxes_in(answers_to), utf8=smtputf8)
    return head.encode()


def with_sender(content: bytes, lines: bytes) -> bytes:
    """Return the stored content with the `lines` of the route, behind what traces its way here (RFC 5322 3.6.7)."""
    if not content.startswith(b"Received:"):
        return lines + content
    trace = TRACE.match(content)
    end = trace.end() if trace else 0
    return content[:end] + lines + content[end:]


def reply_to(email: Email | LeasedDelivery, route: Route) -> str:
    """Return who gets the answers: whom the caller gave, else what the route keeps of the wanted sender."""
    return email.reply_to or (str(route.reply_to) if route.reply_to else "")
