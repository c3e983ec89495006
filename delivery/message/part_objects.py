"""Parts that were built with Python's email package, written without its generator, whose bytes differ by version.

What can travel as it is stays as it is, so that a signature of it still holds (RFC 1847 2.1); the rest is encoded anew.
"""

import re
import uuid
from collections.abc import Container, Sequence
from email.header import Header
from email.message import Message
from email.mime.base import MIMEBase
from email.utils import collapse_rfc2231_value
from typing import Any

from delivery.message.media_type import LITERALLY, MediaType
from delivery.message.mime import (
    LINE_END,
    LINE_END_OCTETS,
    attached,
    base64_lines,
    encoded,
    octet_encoding,
    wire_lines,
)
from smtp_settings.header_fields import MAX_LINE_OCTETS, address_field, field, parameter_field
from smtp_settings.mailboxes import mailboxes

MAX_FIELD_CHARS = 10_000
MAX_DEPTH = 50
FIELD_NAME = re.compile(r"[!-9;-~]{1,70}\Z")
PRINTABLE = re.compile(r"[\t -~]*\Z")
BOUNDARY = re.compile(r"[!-~](?:[ -~]{0,68}[!-~])?\Z")  # RFC 2046 5.1.1, and what is seen beside
FOLD = re.compile(r"\r\n(?=[\t ])")
OF_A_MESSAGE = ("From", "Subject", "Date", "Message-ID")
OF_PARAMETERS = {"content-type", "content-disposition"}
OF_ADDRESSES = re.compile(r"(resent-)?(from|sender|reply-to|to|cc|bcc)\Z", re.IGNORECASE)
ENCODED = {"base64", "quoted-printable"}
NOT_ENCODED = {"", "7bit", "8bit", "binary"}
TYPE, ENCODING = "content-type", "content-transfer-encoding"


def part(message: Message) -> bytes:
    """Return the part that `message` is or, where it has fields of a message of its own, is attached as.

    Raises `ValueError` for what cannot be written.
    """
    if not isinstance(message, MIMEBase) and any(name in message for name in OF_A_MESSAGE):
        return attached(MediaType("message/rfc822"), "", entity(message))
    return entity(message) + b"\r\n"


def entity(message: Message, depth: int = 0) -> bytes:
    """Return fields, blank line and content; raises `ValueError` for what cannot be written."""
    if depth > MAX_DEPTH:
        raise ValueError("it has too many parts within parts")
    if not message.is_multipart():
        return _leaf(message)
    inner_messages: Any = message.get_payload()
    parts = [entity(inner, depth + 1) for inner in inner_messages]
    if message.get_content_maintype() == "multipart":
        return _multipart(message, parts)
    if message.get_content_subtype() == "delivery-status":  # blocks of fields, a blank line between them (RFC 3464 2.1)
        return _unencoded(message, "", b"".join(parts).removesuffix(b"\r\n"))
    return _unencoded(message, "", b"".join(parts))


def _leaf(message: Message) -> bytes:
    encoding, main = _encoding(message), message.get_content_maintype()
    if encoding not in ENCODED | NOT_ENCODED:
        raise ValueError(f"{encoding[:70]!r} is no transfer encoding of today")
    content = _octets(message)
    if main in LITERALLY:
        return _unencoded(message, "", wire_lines(content))
    raw = str(message.get_payload()).encode("utf-8", "replace") if encoding in ENCODED else content
    if _can_stay(raw, text=main == "text" or encoding in ENCODED):
        return _fields(message, ()) + b"\r\n" + wire_lines(raw)
    if main != "text" or b"\x00" in content:
        return _rewritten(message, "", "base64", base64_lines(content))
    media_type = _media_type(message)
    if not media_type.parameter("charset") and not content.isascii():
        media_type = media_type.with_parameter("charset", "utf-8")
    return _rewritten(message, media_type.field, *encoded(LINE_END_OCTETS.sub(b"\n", content)))


def _multipart(message: Message, parts: Sequence[bytes]) -> bytes:
    boundary, field_of_type = message.get_boundary() or "", ""
    if not BOUNDARY.match(boundary) or any(b"--" + boundary.encode() in inner for inner in parts):
        boundary = f"=_{uuid.uuid4().hex}"
        field_of_type = _media_type(message).with_parameter("boundary", boundary).field
    line = b"--" + boundary.encode()
    body = b"".join(line + b"\r\n" + inner + b"\r\n" for inner in parts) + line + b"--\r\n"
    around = (message.preamble or "", message.epilogue or "")
    before, behind = (wire_lines(text.encode("ascii", "replace")) for text in around)
    content = (before + b"\r\n" if before else b"") + body + behind
    return _unencoded(message, field_of_type, content)


def _unencoded(message: Message, field_of_type: str, content: bytes) -> bytes:
    """Return the entity of a type that must not be encoded, with its fields as they are where these are true."""
    if content.isascii() and not field_of_type and _encoding(message) in NOT_ENCODED:
        return _fields(message, ()) + b"\r\n" + content
    return _rewritten(message, field_of_type, octet_encoding(content), content)


def _rewritten(message: Message, field_of_type: str, encoding: str, content: bytes) -> bytes:
    """Return the entity with another transfer encoding and, unless "", another field Content-Type."""
    head = field_of_type.encode() + _fields(message, (TYPE, ENCODING) if field_of_type else (ENCODING,))
    return head + f"Content-Transfer-Encoding: {encoding}\r\n\r\n".encode() + content


def _encoding(message: Message) -> str:
    return str(message.get(ENCODING, "")).strip().lower()


def _octets(message: Message) -> bytes:
    """Return the decoded payload. Text that was set without a charset is not what the package would make of it."""
    payload: Any = message.get_payload()
    octets = message.get_payload(decode=True)
    if not isinstance(octets, bytes):
        return b""
    if isinstance(payload, str) and not payload.isascii() and payload.encode("raw-unicode-escape") == octets:
        try:
            return payload.encode(message.get_content_charset("utf-8"))
        except (LookupError, UnicodeError) as error:
            raise ValueError("its text has characters that its charset has not") from error
    return octets


def _can_stay(raw: bytes, *, text: bool) -> bool:
    """Return whether octets can travel as they are and mean the same; line ends of what is no text would change."""
    lines = LINE_END_OCTETS.split(raw)
    lawful = raw.isascii() and b"\x00" not in raw and max(map(len, lines)) <= MAX_LINE_OCTETS
    return lawful and (text or len(lines) == 1)


def _media_type(message: Message) -> MediaType:
    return MediaType(message.get_content_type(), _parameters(message, TYPE))


def _parameters(message: Message, name: str) -> tuple[tuple[str, str], ...]:
    listed = message.get_params([], header=name)[1:]
    return tuple((key, collapse_rfc2231_value(value)) for key, value in listed)


def _fields(message: Message, without: Container[str]) -> bytes:
    items = [(name, value) for name, value in message.raw_items() if name.lower() not in without]
    return "".join(written_field(message, name, value) for name, value in items).encode()


def written_field(message: Message, name: str, value: Any) -> str:
    """Return a field of `message` as it is where that is lawful; what is not ASCII, or typed as text, as its name asks.

    Raises `ValueError` for what cannot be written.
    """
    text = LINE_END.sub("\r\n", value.encode() if isinstance(value, Header) else str(value))
    if not FIELD_NAME.match(name) or len(text) > MAX_FIELD_CHARS:
        raise ValueError(f"{name[:70]!r} is no header that can be written")
    is_wire_form = not (hasattr(value, "fold") and "=?" in text)  # what the newer API holds is decoded already
    if is_wire_form and is_lawful(f"{name}: {text}"):
        return f"{name}: {text}\r\n"
    text = FOLD.sub("", text).encode("utf-8", "surrogateescape").decode("utf-8", "replace").replace("\t", " ")
    if name.lower() in OF_PARAMETERS:
        return parameter_field(name, text.partition(";")[0].strip(), _parameters(message, name))
    return address_field(name, mailboxes(text)) if OF_ADDRESSES.match(name) else field(name, text)


def is_lawful(written: str) -> bool:
    """Return whether a field can be written so: printable ASCII, folded before a blank, no line blank or too long."""
    lines = FOLD.split(written)
    return all(PRINTABLE.match(line) and line.strip() and len(line) <= MAX_LINE_OCTETS for line in lines)
