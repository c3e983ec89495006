"""A message that an application wrote itself, as the outbox takes it: its header mended, its content untouched.

From and Reply-To are the route's to write, Bcc is nobody's to see; Message-ID and Date stay where they are sound. What
scanners and printers leave out or write in raw octets is mended; what cannot be is an `Unacceptable`.
"""

import re
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.utils import format_datetime

from django.core.exceptions import ValidationError
from django.utils.functional import cached_property

from delivery.message import validation
from delivery.message.ascii_form import has_long_lines, in_ascii
from delivery.message.part_objects import OF_ADDRESSES, OF_PARAMETERS, is_lawful, written_field
from delivery.message.rendering import new_message_id
from delivery.message.reserved_fields import is_left_out
from phrases.names import CONTROL, SURROGATE
from smtp_settings.header_fields import (
    MAX_LINE_OCTETS,
    address_field,
    is_structured,
    readable,
    structured_field,
    text_field,
)
from smtp_settings.mailboxes import mailboxes

FIELD = re.compile(rb"([!-9;-~]{1,70})([\t ]*):([^\r\n]*(?:\r\n[\t ][^\r\n]*)*)\r\n")
MAILBOX_LINE = re.compile(rb">?From [^\r\n]*\r\n")  # how a mailbox file begins a message
DATE = re.compile(  # RFC 5322 3.3, without comments
    r"(?:(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), )?\d{1,2} (?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec) \d{4}"
    r" \d\d:\d\d(?::\d\d)? (?:[+-]\d{4}|GMT|UT)\Z"
)
WRITTEN_ANEW = {"date", "message-id"}
ONCE = {  # RFC 5322 3.6, RFC 2045 3
    *("subject", "in-reply-to", "references", "mime-version", "content-type", "content-transfer-encoding"),
    *("content-id", "content-description", "content-disposition"),
}
JOINED = ("to", "cc")
TRACE = "received"
HEADER_MAX_OCTETS = 256 * 1024
FIELDS_MAX = 1000
RECEIVED_MAX = 50  # hops after which a message goes in circles (RFC 5321 6.3)
ENCODED_MAX_CHARS = 2_000  # that are decoded: Python takes time that grows with the square of them
SUBJECT_MAX_CHARS = validation.MAX_SUBJECT_CHARS
UNDISCLOSED = b"To: undisclosed-recipients:;\r\n"


class Unacceptable(Exception):
    """The message cannot be sent as it is; `args` are the reply's code with its enhanced code, and why."""


@dataclass(frozen=True)
class Field:
    """A field of the header; `octets` is all of it, the line end too, as it came."""

    name: str
    value: bytes
    octets: bytes

    @cached_property
    def key(self) -> str:
        return self.name.lower()

    @cached_property
    def text(self) -> str:
        """The value on one line, in the letters that its octets most likely mean."""
        raw = self.value.replace(b"\r\n", b"").strip(b"\t ")
        try:
            text = raw.decode()
        except UnicodeDecodeError:
            text = raw.decode("cp1252", "replace")
        return CONTROL.sub(" ", text)


@dataclass(frozen=True)
class Written:
    """What `delivery.api.prepare_written` is told; `smtputf8` says that the header has letters beyond ASCII."""

    content: bytes
    message_id: str
    subject: str
    sender_name: str
    sender_address: str
    reply_to: list[str]
    smtputf8: bool


def has_bare_line_end(data: bytes) -> bool:
    """Return whether a CR or an LF stands alone (RFC 5321 2.3.8)."""
    lines = data.count(b"\r\n")
    return data.count(b"\r") != lines or data.count(b"\n") != lines


def read(data: bytes, *, trace: str, at: datetime, utf8: bool) -> Written:
    """Return the message in `data` (CRLF lines), with `trace` on top, its Received field.

    `utf8` says that the client announced letters beyond ASCII (SMTPUTF8), which may stay. Raises `Unacceptable`.
    """
    fields, body = _parts(data)
    message_id, date = _message_id(fields), _date(fields, at)
    way_here = [field for field in fields if field.key == TRACE]
    others = [field for field in fields if field.key != TRACE]
    head = (
        trace.encode(),
        *_kept(way_here, utf8=utf8),
        f"Message-ID: {message_id}\r\nDate: {date}\r\n".encode(),
        *_addressed(_kept(others, utf8=utf8), others),
    )
    content = _sound(b"".join((*head, b"\r\n", body)))
    sender_name, sender_address = _sender(fields)
    return Written(
        content=content,
        message_id=message_id,
        subject=_subject(fields),
        sender_name=sender_name,
        sender_address=sender_address,
        reply_to=_reply_to(fields),
        smtputf8=not content.partition(b"\r\n\r\n")[0].isascii(),
    )


def _parts(data: bytes) -> tuple[list[Field], bytes]:
    """Return header and body; what is no field ends the header, as for every reader of mail."""
    start = MAILBOX_LINE.match(data)
    fields, at = list[Field](), start.end() if start else 0
    while field := FIELD.match(data, at):
        fields.append(Field(field[1].decode(), field[3], field[0] if not field[2] else b""))
        at = field.end()
        if at > HEADER_MAX_OCTETS or len(fields) > FIELDS_MAX:
            raise Unacceptable("552 5.3.4", f"The header is larger than {HEADER_MAX_OCTETS // 1024} KB")
    if sum(field.key == TRACE for field in fields) > RECEIVED_MAX:
        raise Unacceptable("554 5.4.6", "The message goes in circles: it has been received too often")
    return fields, data[at + 2 :] if data.startswith(b"\r\n", at) else data[at:]


def _kept(fields: list[Field], *, utf8: bool) -> list[bytes]:
    """Return the fields that stay, in their order, each as it came where it is sound."""
    written, seen = list[bytes](), set[str]()
    for field in fields:
        if field.key in WRITTEN_ANEW or field.key in seen or is_left_out(field.key):
            continue
        if field.key in JOINED:
            seen.add(field.key)
            field = _together([other for other in fields if other.key == field.key])
        if field.key in ONCE:
            seen.add(field.key)
        written.append(_as_it_came_or_mended(field, utf8=utf8))
    return written


def _addressed(written: list[bytes], fields: list[Field]) -> list[bytes]:
    """Return the fields with one that says that the recipients are nobody's to know, where none names any."""
    named = any(field.key in JOINED and field.text for field in fields)
    return written if named else [UNDISCLOSED, *written]


def _together(fields: list[Field]) -> Field:
    """Return one field of addresses in place of several."""
    if len(fields) == 1:
        return fields[0]
    value = b",\r\n ".join(value for field in fields if (value := field.value.strip(b"\t\r\n ,")))
    return Field(fields[0].name, value, b"%s: %s\r\n" % (fields[0].name.encode(), value))


def _as_it_came_or_mended(field: Field, *, utf8: bool) -> bytes:
    if _is_sound(field, utf8=utf8):
        return field.octets
    if not field.text:
        return b""
    try:
        return _mended(field).encode()
    except ValueError:
        raise Unacceptable("550 5.6.0", f"The header {field.name} cannot be sent as it is") from None


def _is_sound(field: Field, *, utf8: bool) -> bool:
    try:
        text = field.octets.removesuffix(b"\r\n").decode("utf-8" if utf8 else "ascii")
    except UnicodeDecodeError:
        return False
    if not field.octets or not field.value.strip():
        return False
    if text.isascii():
        return is_lawful(text)
    plain = "".join(char if char.isascii() or CONTROL.match(char) else "x" for char in text)
    return is_lawful(plain) and not has_long_lines(field.octets)


def _mended(field: Field) -> str:
    """Return the field in ASCII, on lines that are short enough; raises `ValueError`."""
    name, text = field.name, field.text
    if text.isascii() or is_structured(name):
        with suppress(ValueError):
            return structured_field(name, text.encode("ascii", "replace").decode())
    if OF_ADDRESSES.match(name) and (people := _mailboxes(text)):
        with suppress(ValueError):
            return address_field(name, people)
    if field.key in OF_PARAMETERS:
        message = Message()
        message[name] = text
        return written_field(message, name, text)
    return text_field(name, _decoded(text))


def _message_id(fields: list[Field]) -> str:
    given = _first(fields, "message-id")
    for candidate in (given, f"<{given}>"):
        if validation.MESSAGE_ID.match(candidate):
            return candidate
    return new_message_id()


def _date(fields: list[Field], at: datetime) -> str:
    given = _first(fields, "date")
    if DATE.match(given):
        return given
    try:
        return validation.date(given)
    except (ValidationError, TypeError, IndexError):
        return format_datetime(at)


def _subject(fields: list[Field]) -> str:
    return _decoded(_first(fields, "subject"))[:SUBJECT_MAX_CHARS].strip()


def _sender(fields: list[Field]) -> tuple[str, str]:
    """Return whom the message says it is from: the display name, and the address where it is one."""
    for name, address in _mailboxes(_first(fields, "from")):
        name = name[: validation.MAX_NAME_CHARS].strip()
        return (name, address) if _is_address(address) else (name or address[: validation.MAX_NAME_CHARS], "")
    return "", ""


def _reply_to(fields: list[Field]) -> list[str]:
    listed = _mailboxes(_first(fields, "reply-to"))[: validation.MAX_ADDRESSES]
    return [readable(name[: validation.MAX_NAME_CHARS].strip(), to) for name, to in listed if _is_address(to)]


def _mailboxes(text: str) -> list[tuple[str, str]]:
    """Return decoded names and addresses, none where `text` cannot be understood."""
    try:
        return [(_decoded(name), address) for name, address in mailboxes(text[: validation.MAX_LIST_CHARS])]
    except ValueError:
        return []


def _is_address(text: str) -> bool:
    try:
        validation.address(text, "from")
    except ValidationError:
        return False
    return True


def _first(fields: list[Field], key: str) -> str:
    return next((field.text for field in fields if field.key == key), "")


def _decoded(text: str) -> str:
    """Return what encoded words in `text` say (RFC 2047), without what no header may carry."""
    encoded = "=?" in text and len(text) <= ENCODED_MAX_CHARS
    try:
        decoded = str(make_header(decode_header(text))) if encoded else text
    except (HeaderParseError, LookupError, ValueError):
        decoded = text
    return SURROGATE.sub("�", CONTROL.sub(" ", decoded))


def _sound(content: bytes) -> bytes:
    """Return the message as it is, or encoded anew where a line is too long or has a NUL."""
    if b"\x00" not in content and not has_long_lines(content):
        return content
    try:
        return in_ascii(content)
    except ValueError as error:
        raise Unacceptable(
            "550 5.6.0", f"A line has more than {MAX_LINE_OCTETS} octets or a NUL, and {error}"
        ) from None


def host_said(name: str) -> str:
    """Return what a client called itself as a word of Received: clients call themselves anything."""
    return re.sub(r"[^A-Za-z0-9.:_\[\]-]", "?", name)[:255] or "unknown"


def address_literal(address: str) -> str:
    """Return an IP address as mail writes it (RFC 5321 4.1.3)."""
    return f"[IPv6:{address}]" if ":" in address else f"[{address}]"
