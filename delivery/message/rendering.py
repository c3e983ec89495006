"""Turn a validated message into the bytes that travel; once for all, and at dispatch for From and Reply-To."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from functools import lru_cache

from django.conf import settings

from delivery.message import validation
from delivery.message.mime import attached, mixed_content, simple_content
from delivery.message.validation import Attachment, Recipient
from delivery.models import Email
from delivery.outbox.leased import LeasedDelivery
from smtp_settings.header_fields import address_field, field, mailboxes_in, structured_field, text_field
from whitelabel.routing import Address, Route


def new_message_id() -> str:
    """Return a Message-ID, without the angle brackets' blanks (RFC 5322 3.6.4)."""
    return f"<{uuid.uuid4().hex}@{settings.MAIL_NAME}>"


@dataclass(frozen=True)
class Body:
    """The validated part of a message that is the same for all its recipients."""

    subject: str
    text: str
    html: str
    headers: Mapping[str, str]
    attachments: Sequence[Attachment]

    @classmethod
    def of(
        cls, *, subject: str, text: str, html: str, headers: Mapping[str, str], attachments: Sequence[Attachment]
    ) -> "Body":
        """Return the body; raises `ValidationError` naming the field."""
        validation.size(text, html, validation.attachments(attachments))
        subject = validation.one_line(subject, "subject", most=validation.MAX_SUBJECT_CHARS)
        return cls(subject, text, html, validation.headers(headers), attachments)


def render(body: Body, *, at: datetime, smtputf8: bool) -> bytes:
    """Return the message with CRLF line ends and no line longer than 998 octets, without its addresses' lines."""
    head = f"Date: {format_datetime(at)}\r\n" + text_field("Subject", body.subject, utf8=smtputf8)
    head += "".join(field(name, value, utf8=smtputf8) for name, value in body.headers.items())
    if body.attachments:
        parts = [attached(item.mimetype, item.filename, item.content) for item in body.attachments]
        content = mixed_content(body.text, body.html, parts)
    else:
        content = simple_content(body.text, body.html)
    return head.encode() + b"MIME-Version: 1.0\r\n" + content


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


def reply_to(email: Email | LeasedDelivery, route: Route) -> str:
    """Return who gets the answers: whom the caller gave, else what the route keeps of the wanted sender."""
    return email.reply_to or (str(route.reply_to) if route.reply_to else "")
