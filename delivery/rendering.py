"""Turn a validated mail into the bytes that travel; once for the message, and at dispatch for From and Reply-To."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP, EmailPolicy
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings

from delivery import validation
from delivery.claimed import Claimed
from delivery.mime import simple_content
from delivery.models import Email
from delivery.validation import Attachment, Recipient
from whitelabel.routing import Address, Route

WIRE = SMTP.clone(cte_type="7bit")
WIRE_UTF8 = WIRE.clone(utf8=True)
MAX_LINE_CHARS = 78  # that should not be exceeded, of which Python's policy counts the line end too (RFC 5322 2.1.1)


def new_message_id() -> str:
    """Return a Message-ID, without the angle brackets' blanks (RFC 5322 3.6.4)."""
    return f"<{uuid.uuid4().hex}@{urlsplit(settings.SITE_URL).hostname}>"


@dataclass(frozen=True)
class Body:
    """The validated part of a mail that is the same for all its recipients."""

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
    policy = _policy(smtputf8)
    head = f"Date: {format_datetime(at)}\r\n" + _subject_line(body.subject, policy)
    head += "".join(policy.fold(name, policy.header_factory(name, value)) for name, value in body.headers.items())
    content = _with_attachments(body) if body.attachments else simple_content(body.text, body.html)
    return head.encode("utf-8" if smtputf8 else "ascii") + b"MIME-Version: 1.0\r\n" + content


def _subject_line(subject: str, policy: "EmailPolicy[EmailMessage[str, str]]") -> str:
    """Return what `policy` makes of the subject, which leaves most as they are, at a tenth of the cost of a send."""
    line = f"Subject: {subject}\r\n"
    if subject and subject.isascii() and "=?" not in subject and len(line) <= MAX_LINE_CHARS:
        return line
    return policy.fold("Subject", policy.header_factory("Subject", subject))


def _with_attachments(body: Body) -> bytes:
    """Return Content-Type and what follows, by Python's own email package."""
    message = EmailMessage(policy=WIRE)
    if body.text or not body.html:
        message.set_content(body.text)
    if body.html and body.text:
        message.add_alternative(body.html, subtype="html")
    elif body.html:
        message.set_content(body.html, subtype="html")
    for item in body.attachments:
        maintype, _, subtype = item.mimetype.partition("/")
        message.add_attachment(item.content, maintype=maintype, subtype=subtype, filename=item.filename)
    del message["MIME-Version"]
    return message.as_bytes()


def address_lines(message_id: str, to: Sequence[Recipient], cc: Sequence[Recipient], *, smtputf8: bool) -> bytes:
    """Return the lines Message-ID, To and Cc, which go before the rest."""
    if len(to) == 1 and not cc and not to[0].name and to[0].address.isascii():
        return f"Message-ID: {message_id}\r\nTo: {to[0].address}\r\n".encode()
    head = EmailMessage(policy=_policy(smtputf8))
    head["Message-ID"] = message_id
    if to:
        head["To"] = [_header_address(recipient.name, recipient.address) for recipient in to]
    if cc:
        head["Cc"] = [_header_address(recipient.name, recipient.address) for recipient in cc]
    if not to and not cc:
        head["To"] = "undisclosed-recipients:;"
    return head.as_bytes().removesuffix(b"\r\n")


@lru_cache(maxsize=1024)
def sender_lines(sender: Address, answers_to: str, *, smtputf8: bool) -> bytes:
    """Return the From and Reply-To lines that go before the stored content."""
    head = EmailMessage(policy=_policy(smtputf8))
    head["From"] = _header_address(sender.name, sender.address)
    if answers_to:
        head["Reply-To"] = answers_to
    return head.as_bytes().removesuffix(b"\r\n")


def reply_to(email: Email | Claimed, route: Route) -> str:
    """Return the Reply-To header: what the caller gave, else what the route keeps of the wanted sender."""
    return email.reply_to or (header_value(route.reply_to.name, route.reply_to.address) if route.reply_to else "")


@lru_cache(maxsize=1024)
def header_value(name: str, address: str) -> str:
    return str(_header_address(name, address))


def _policy(smtputf8: bool) -> "EmailPolicy[EmailMessage[str, str]]":
    return WIRE_UTF8 if smtputf8 else WIRE


def _header_address(name: str, address: str) -> HeaderAddress:
    local, _, domain = address.rpartition("@")
    return HeaderAddress(display_name=name, username=local, domain=domain)
