"""Read back a stored message: whom it names, and its bodies as text."""

from collections.abc import Iterator
from contextlib import suppress
from email.header import decode_header
from email.message import Message
from email.parser import BytesParser, HeaderParser

from delivery.message.limits import is_no_charset, is_too_complex
from smtp_settings.mailboxes import mailboxes

HEAD_BYTES = 64 * 1024  # in which the lines of all recipients are
ENCODED_MAX_CHARS = 2_000  # of a name that is decoded


def people(content: bytes, field: str) -> list[tuple[str, str]]:
    """Return the names and addresses in To or Cc; also of a message that is cut after its head."""
    head = content.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")  # letters beyond ASCII: RFC 6532 3.2
    written = str(HeaderParser().parsestr(head).get(field, "")).replace("\r\n", "").replace("\n", "")
    try:
        return [(_decoded(name), address) for name, address in mailboxes(written)]
    except ValueError:
        return []


def bodies(content: bytes) -> tuple[str, str]:
    """Return the text and the HTML body, "" where there is none, or none that can be taken out of so many parts."""
    found = {"text/plain": "", "text/html": ""}
    if is_too_complex(content):
        return "", ""
    with suppress(RecursionError):
        for part in _bodies(BytesParser().parsebytes(content)):
            kind = part.get_content_type()
            found[kind] = found.get(kind) or _text(part)
    return found["text/plain"], found["text/html"]


def _bodies(message: Message) -> Iterator[Message]:
    for part in message.walk():
        is_text = part.get_content_maintype() == "text" and not part.is_multipart()
        if is_text and not part.get_filename() and part.get_content_disposition() != "attachment":
            yield part


def _text(part: Message) -> str:
    octets = part.get_payload(decode=True)
    raw = octets if isinstance(octets, bytes) else b""
    charset = part.get_content_charset("utf-8")
    try:
        text = raw.decode("utf-8" if is_no_charset(charset) else charset, "replace")
    except (LookupError, ValueError):
        text = raw.decode("utf-8", "replace")
    return text.replace("\r\n", "\n")


def _decoded(name: str) -> str:
    """Return a name without encoded words (RFC 2047); as it is where one makes no sense, or it is too long."""
    if len(name) > ENCODED_MAX_CHARS:
        return name
    try:
        parts = [(part, charset) for part, charset in decode_header(name)]
        return "".join(part.decode(charset or "ascii") if isinstance(part, bytes) else part for part, charset in parts)
    except (LookupError, ValueError):
        return name
