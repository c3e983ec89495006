"""What a message must be before it is accepted; every refusal is a `ValidationError` that names the field."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from email_validator import EmailNotValidError, validate_email

from phrases import names
from smtp_settings import header_fields

MAX_RECIPIENTS = 50
MAX_ATTACHMENTS = 10
MAX_BYTES = 10 * 1024 * 1024
MAX_SUBJECT_CHARS = 900
MAX_NAME_CHARS = 200
MAX_HEADER_CHARS = 2000
MAX_WORD_CHARS = 900  # of what can neither be encoded nor folded
HEADER_NAME = re.compile(r"[!-9;-~]{1,70}\Z")  # RFC 5322 3.6.8
NAMED_ADDRESS = re.compile(r'\s*(?:"(?P<quoted>(?:[^"\\]|\\.)*)"|(?P<name>[^"<>]*?))\s*<(?P<address>[^<>]*)>\s*\Z')
RESERVED = re.compile(
    r"(from|sender|reply-to|to|cc|bcc|date|message-id|subject|mime-version|return-path|received|authentication-results"
    r"|content-.*|resent-.*|dkim-.*|arc-.*)\Z",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Recipient:
    """A display name, possibly "", and a normalised address."""

    name: str
    address: str


@dataclass(frozen=True)
class Attachment:
    filename: str
    content: bytes
    mimetype: str = "application/octet-stream"


def one_line(value: str, field: str, *, most: int) -> str:
    """Return `value` if it fits into one header line."""
    try:
        names.one_line(value)
    except ValidationError as error:
        raise ValidationError({field: error.messages}) from None
    if len(value) > most:
        raise ValidationError({field: f"At most {most} characters are allowed here."})
    return value.strip()


def address(value: str, field: str) -> Recipient:
    """Return the parts of `value`, an address with or without a display name."""
    one_line(value, field, most=MAX_HEADER_CHARS)
    named = NAMED_ADDRESS.match(value)
    name, bare = (named["quoted"] or named["name"] or "", named["address"]) if named else ("", value)
    try:
        valid = validate_email(bare.strip(), check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise ValidationError({field: f"{value[:100]!r} is not an e-mail address: {error}"}) from None
    normal = valid.ascii_email or f"{valid.local_part}@{valid.ascii_domain}"
    return Recipient(one_line(re.sub(r"\\(.)", r"\1", name), field, most=MAX_NAME_CHARS), normal)


def addresses(values: str | Iterable[str], field: str) -> list[Recipient]:
    listed = [values] if isinstance(values, str) else list(values)
    return [address(value, field) for value in listed]


def envelope(*groups: Sequence[Recipient]) -> list[str]:
    """Return the envelope recipients, each once."""
    unique = {recipient.address.lower(): recipient.address for group in groups for recipient in group}
    if not unique:
        raise ValidationError({"to": "A mail needs at least one recipient."})
    if len(unique) > MAX_RECIPIENTS:
        raise ValidationError({"to": f"A mail may have at most {MAX_RECIPIENTS} recipients."})
    return list(unique.values())


def headers(values: Mapping[str, str]) -> dict[str, str]:
    for name, value in values.items():
        if not HEADER_NAME.match(name):
            raise ValidationError({"headers": f"{name[:70]!r} is not the name of a header."})
        if RESERVED.match(name):
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


def attachments(values: Sequence[Attachment]) -> Sequence[Attachment]:
    if len(values) > MAX_ATTACHMENTS:
        raise ValidationError({"attachments": f"A mail may have at most {MAX_ATTACHMENTS} attachments."})
    for value in values:
        one_line(value.filename, "attachments", most=MAX_NAME_CHARS)
        if not re.fullmatch(r"[a-z0-9.+-]+/[a-z0-9.+-]+", value.mimetype, re.IGNORECASE):
            raise ValidationError({"attachments": f"{value.mimetype[:70]!r} is not a media type such as image/png."})
    return values


def size(text: str, html: str, attached: Sequence[Attachment]) -> None:
    if not text and not html:
        raise ValidationError({"text": "A mail needs a text or an HTML body."})
    if "\x00" in text or "\x00" in html:
        raise ValidationError({"text" if "\x00" in text else "html": "A body must not contain NUL characters."})
    total = _octets(text, "text") + _octets(html, "html") + sum(len(item.content) for item in attached)
    if total > MAX_BYTES:
        field = "attachments" if attached else "html" if html else "text"
        raise ValidationError({field: f"The mail has {total:,} bytes; at most {MAX_BYTES:,} are accepted."})


def _octets(text: str, field: str) -> int:
    try:
        return len(text.encode())
    except UnicodeEncodeError:
        raise ValidationError({field: names.HALF_A_CHARACTER}) from None
