"""What a message must be before it is accepted; every refusal is a `ValidationError` that names the field."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import Message
from email.utils import format_datetime, parsedate_to_datetime
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils import timezone
from email_validator import EmailNotValidError, validate_email

from delivery.message.reserved_fields import is_reserved
from phrases import names
from phrases.address_limits import too_long
from smtp_settings import header_fields
from smtp_settings.mailboxes import mailbox

MAX_RECIPIENTS = 100  # RFC 5321 4.5.3.1.8
MAX_ADDRESSES = 200  # of a field, before those that stand there twice are left out
MAX_ATTACHMENTS = 10
MAX_ALTERNATIVES = 10
MAX_SUBJECT_CHARS = 900
MAX_NAME_CHARS = 200
MAX_ADDRESS_CHARS = 254  # RFC 5321 4.5.3.1.3, without the angle brackets
MAX_HEADERS = 100
MAX_HEADER_CHARS = 2000
MAX_LIST_CHARS = 50_000
ADDRESSES_REMEMBERED = 4096
MAX_WORD_CHARS = 900  # of what can neither be encoded nor folded
FURTHEST = timedelta(days=30)  # from now, of what is scheduled
LATEST = timedelta(days=1)  # a request that is repeated after an outage still means its mail to leave
HEADER_NAME = re.compile(r"[!-9;-~]{1,70}\Z")  # RFC 5322 3.6.8
MESSAGE_ID = re.compile(r"<[!-;=?A-~]{1,120}@[!-;=?A-~]{1,120}>\Z")  # RFC 5322 3.6.4
USUAL = re.compile(  # RFC 5321 4.1.2, in lower case and far from every limit; what is longer or rarer takes its time
    r"[a-z0-9_+-]{1,32}(?:\.[a-z0-9_+-]{1,15}){0,2}@[a-z0-9.-]{1,100}\Z", re.ASCII
)
CONTENT_ID = re.compile(r"[!-;=?-~]{1,200}\Z")  # RFC 2392 2, and without its @ as well


@dataclass(frozen=True)
class Recipient:
    """A display name, possibly "", and a normalised address."""

    name: str
    address: str


@dataclass(frozen=True)
class Attachment:
    """A file; a text that names no charset is sent in UTF-8, a type that holds messages or parts as it is.

    What the HTML shows as `cid:` has a `content_id` (RFC 2392), without angle brackets.
    """

    filename: str
    content: bytes | str | Message
    mimetype: str = "application/octet-stream"
    content_id: str = ""


@dataclass(frozen=True)
class Alternative:
    """The same message once more in another type, such as `text/calendar; method=REQUEST`."""

    content: bytes | str
    mimetype: str


@dataclass(frozen=True)
class OwnFields:
    """Fields that a caller writes itself, in place of those that `send` would; "" or None where it does not.

    `to` and `cc` are whom receivers see as recipients, whoever gets the message.
    """

    message_id: str = ""
    date: str = ""
    to: Sequence[str] | None = None
    cc: Sequence[str] | None = None


def one_line(value: str, field: str, *, most: int) -> str:
    """Return `value` if it fits into one header line."""
    if len(value) > most:
        raise ValidationError({field: f"At most {most} characters are allowed here."})
    try:
        names.in_header(value)
    except ValidationError as error:
        raise ValidationError({field: error.messages}) from None
    return value.strip()


def address(value: str, field: str) -> Recipient:
    """Return the parts of `value`, an address with or without a display name."""
    try:
        name, bare = mailbox(one_line(value, field, most=MAX_HEADER_CHARS))
        one_line(bare, field, most=MAX_ADDRESS_CHARS)
        normal = _normal(bare)
    except (EmailNotValidError, ValueError) as error:
        raise ValidationError({field: f"{value[:100]!r} is not an e-mail address: {error}"}) from None
    return Recipient(one_line(name, field, most=MAX_NAME_CHARS), normal)


@lru_cache(ADDRESSES_REMEMBERED)
def _normal(bare: str) -> str:
    """Return an address as it travels; the same one comes again and again, at a door even within one message.

    Of the usual ones only the domain is looked at closely, once for all. Raises `EmailNotValidError`.
    """
    if USUAL.match(bare):
        local, _, domain = bare.rpartition("@")
        return f"{local}@{_domain(domain)}"
    return _thoroughly(bare)


@lru_cache(ADDRESSES_REMEMBERED)
def _domain(domain: str) -> str:
    return _thoroughly(f"a1@{domain}").removeprefix("a1@")


def _thoroughly(bare: str) -> str:
    if why := too_long(bare):
        raise ValueError(why)
    valid = validate_email(bare, check_deliverability=False, test_environment=True)
    return valid.ascii_email or f"{valid.local_part}@{valid.ascii_domain}"


def addresses(values: str | Iterable[str], field: str, *, most: int = MAX_ADDRESSES) -> list[Recipient]:
    listed = [values] if isinstance(values, str) else list(values)
    if len(listed) > most:
        raise ValidationError({field: f"At most {most:,} addresses are allowed here."})
    return [address(value, field) for value in listed]


def envelope(*groups: Sequence[Recipient]) -> list[str]:
    """Return the envelope recipients, each once."""
    unique = {recipient.address.lower(): recipient.address for group in groups for recipient in group}
    if not unique:
        raise ValidationError({"to": "A mail needs at least one recipient."})
    if len(unique) > MAX_RECIPIENTS:
        raise ValidationError({"to": f"A mail may have at most {MAX_RECIPIENTS} recipients."})
    return list(unique.values())


def message_id(value: str) -> str:
    if not MESSAGE_ID.match(value):
        raise ValidationError({"headers": "A Message-ID must be such as <unique.part@host.example>."})
    return value


def date(value: str) -> str:
    """Return a date as RFC 5322 3.3 has it, however it was written."""
    try:
        return format_datetime(parsedate_to_datetime(one_line(value, "headers", most=MAX_NAME_CHARS)))
    except (ValueError, OverflowError):
        raise ValidationError({"headers": f"{value[:100]!r} is no date of a mail."}) from None


def scheduled_at(at: datetime) -> datetime | None:
    """Return when a mail is to leave, None where that is over, so that it leaves now."""
    if timezone.is_naive(at):
        raise ValidationError({"scheduled_at": "A time needs its time zone."})
    now = timezone.now()
    if at > now + FURTHEST:
        raise ValidationError({"scheduled_at": f"A mail can be scheduled at most {FURTHEST.days} days ahead."})
    if at < now - LATEST:
        raise ValidationError({"scheduled_at": "This time is long over."})
    return at if at > now else None


def headers(values: Mapping[str, str]) -> dict[str, str]:
    if len(values) > MAX_HEADERS:
        raise ValidationError({"headers": f"A mail may have at most {MAX_HEADERS} headers of its own."})
    for name, value in values.items():
        if not HEADER_NAME.match(name):
            raise ValidationError({"headers": f"{name[:70]!r} is not the name of a header."})
        if is_reserved(name):
            raise ValidationError({"headers": f"The header {name} cannot be set."})
        one_line(value, "headers", most=MAX_HEADER_CHARS)
        _fit_for_software(name, value)
    return {name: value.strip() for name, value in values.items()}


def _fit_for_software(name: str, value: str) -> None:
    """Refuse a value that only encoding could get into a field that must not be encoded."""
    if not header_fields.is_structured(name):
        return
    if not value.isascii():
        raise ValidationError({"headers": f"The header {name} may have ASCII characters only."})
    if max(map(len, value.split(" "))) > MAX_WORD_CHARS:
        raise ValidationError({"headers": f"The header {name} needs a blank after {MAX_WORD_CHARS} characters."})


def attachments(values: Sequence[Attachment | Message]) -> None:
    if len(values) > MAX_ATTACHMENTS:
        raise ValidationError({"attachments": f"A mail may have at most {MAX_ATTACHMENTS} attachments."})
    for value in values:
        if isinstance(value, Attachment):
            one_line(value.filename, "attachments", most=MAX_NAME_CHARS)
            if value.content_id and not CONTENT_ID.match(value.content_id):
                raise ValidationError({"attachments": f"{value.content_id[:100]!r} is no Content-ID."})


def size(text: str, html: str, alternatives: Sequence[Alternative], attached: Sequence[Attachment | Message]) -> None:
    """Refuse a mail of nothing, or of too much; parts that are built already are measured when they are written."""
    if len(alternatives) > MAX_ALTERNATIVES:
        raise ValidationError({"alternatives": f"A mail may have at most {MAX_ALTERNATIVES} alternatives."})
    if not (text or html or alternatives or attached):
        raise ValidationError({"text": "A mail needs a text, an HTML body or an attachment."})
    if "\x00" in text or "\x00" in html:
        raise ValidationError({"text" if "\x00" in text else "html": "A body must not contain NUL characters."})
    total = _octets(text, "text") + _octets(html, "html")
    total += sum(_octets(item.content, "alternatives") for item in alternatives)
    total += sum(_octets(item.content, "attachments") for item in attached if isinstance(item, Attachment))
    if total > settings.MAX_MESSAGE_BYTES:
        field = "attachments" if attached else "alternatives" if alternatives else "html" if html else "text"
        raise ValidationError(
            {field: f"The mail has {total:,} bytes; at most {settings.MAX_MESSAGE_BYTES:,} are accepted."}
        )


def rendered_size(content: bytes) -> None:
    """Refuse what is too large as it travels: base64 makes three octets four, and lines of them."""
    if len(content) > settings.MAX_MESSAGE_BYTES * 3 // 2:
        most = settings.MAX_MESSAGE_BYTES
        raise ValidationError({"attachments": f"The mail may have at most {most:,} bytes of content."})


def _octets(content: object, field: str) -> int:
    if isinstance(content, bytes):
        return len(content)
    if isinstance(content, Message):
        return 0
    if not isinstance(content, str):
        raise ValidationError({field: f"This must be text or bytes, not {type(content).__name__}."})
    try:
        return len(content) if content.isascii() else len(content.encode())
    except UnicodeEncodeError:
        raise ValidationError({field: names.HALF_A_CHARACTER}) from None
