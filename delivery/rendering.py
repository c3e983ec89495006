"""Turn a validated mail into the bytes that travel; once for the message, and at dispatch for From and Reply-To."""

import uuid
from collections.abc import Mapping, Sequence
from datetime import datetime
from email.headerregistry import Address as HeaderAddress
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import lru_cache
from urllib.parse import urlsplit

from django.conf import settings

from delivery.models import Email
from delivery.validation import Attachment, Recipient
from whitelabel.routing import Address, Route

WIRE = SMTP.clone(cte_type="7bit")
WIRE_UTF8 = WIRE.clone(utf8=True)


def new_message_id() -> str:
    """Return a Message-ID, without the angle brackets' blanks (RFC 5322 3.6.4)."""
    return f"<{uuid.uuid4().hex}@{urlsplit(settings.SITE_URL).hostname}>"


def render(
    *,
    message_id: str,
    at: datetime,
    to: Sequence[Recipient],
    cc: Sequence[Recipient],
    subject: str,
    text: str,
    html: str,
    headers: Mapping[str, str],
    attachments: Sequence[Attachment],
    smtputf8: bool,
) -> bytes:
    """Return the message with CRLF line ends, without From and Reply-To; no line is longer than 998 octets."""
    message = EmailMessage(policy=WIRE_UTF8 if smtputf8 else WIRE)
    message["Message-ID"] = message_id
    message["Date"] = format_datetime(at)
    message["Subject"] = subject
    if to:
        message["To"] = [_header_address(recipient.name, recipient.address) for recipient in to]
    if cc:
        message["Cc"] = [_header_address(recipient.name, recipient.address) for recipient in cc]
    if not to and not cc:
        message["To"] = "undisclosed-recipients:;"
    for name, value in headers.items():
        message[name] = value
    if text or not html:
        message.set_content(text)
    if html and text:
        message.add_alternative(html, subtype="html")
    elif html:
        message.set_content(html, subtype="html")
    for item in attachments:
        maintype, _, subtype = item.mimetype.partition("/")
        message.add_attachment(item.content, maintype=maintype, subtype=subtype, filename=item.filename)
    return message.as_bytes()


@lru_cache(maxsize=1024)
def sender_lines(sender: Address, answers_to: str, *, smtputf8: bool) -> bytes:
    """Return the From and Reply-To lines that go before the stored content."""
    head = EmailMessage(policy=WIRE_UTF8 if smtputf8 else WIRE)
    head["From"] = _header_address(sender.name, sender.address)
    if answers_to:
        head["Reply-To"] = answers_to
    return head.as_bytes().removesuffix(b"\r\n")


def reply_to(email: Email, route: Route) -> str:
    """Return the Reply-To header: what the caller gave, else what the route keeps of the wanted sender."""
    return email.reply_to or (header_value(route.reply_to.name, route.reply_to.address) if route.reply_to else "")


def header_value(name: str, address: str) -> str:
    return str(_header_address(name, address))


def _header_address(name: str, address: str) -> HeaderAddress:
    local, _, domain = address.rpartition("@")
    return HeaderAddress(display_name=name, username=local, domain=domain)
