"""Content as MIME (RFC 2045, 2046), a tenth of the time that Python's email package takes for the same.

A part is bytes: its fields, a blank line, its content, and the line end that belongs to the boundary behind it.
"""

import base64
import binascii
import re
import uuid
from collections.abc import Sequence

from delivery.message.media_type import MediaType
from smtp_settings.header_fields import MAX_LINE_OCTETS, attachment_field, parameter_field

LINE_OCTETS = 76
TYPE_OF_PART = re.compile(rb"Content-Type: ([^\s;]+)")
LINE_END = re.compile(r"\r\n?|\n")
LINE_END_OCTETS = re.compile(rb"\r\n?|\n")


def simple_content(text: str, html: str) -> bytes:
    """Return Content-Type and what follows for a text, an HTML body, or both as alternatives; CRLF line ends."""
    parts = [_part("plain", text)] if text or not html else []
    if html:
        parts.append(_part("html", html))
    return together(parts)


def together(parts: Sequence[bytes]) -> bytes:
    """Return the only body, or several as alternatives."""
    if len(parts) == 1:
        return parts[0]
    boundary = _boundary()
    return _framed(f'Content-Type: multipart/alternative;\r\n boundary="{boundary}"\r\n', boundary, parts)


def multipart(media_type: MediaType, parts: Sequence[bytes]) -> bytes:
    """Return parts as one; those that belong to the first say what that is (RFC 2387 3.1)."""
    if media_type.name.lower() == "multipart/related" and (root := TYPE_OF_PART.match(parts[0])):
        media_type = media_type.with_parameter("type", root[1].decode())
    boundary = _boundary()
    return _framed(media_type.with_parameter("boundary", boundary).field, boundary, parts)


def _boundary() -> str:
    return f"=_{uuid.uuid4().hex}"  # neither quoted-printable nor base64 can contain "=_"


def _framed(field: str, boundary: str, parts: Sequence[bytes]) -> bytes:
    """Return the parts between boundaries; one of 8-bit octets makes the whole so (RFC 2045 6.4)."""
    opening = b"--" + boundary.encode() + b"\r\n"
    content = b"".join(opening + part for part in parts)
    encoding = "" if content.isascii() else "Content-Transfer-Encoding: 8bit\r\n"
    return b"".join((f"{field}{encoding}\r\n".encode(), content, f"--{boundary}--\r\n".encode()))


def attached(media_type: MediaType, filename: str, content: bytes | str, content_id: str = "") -> bytes:
    """Return an attachment, octet by octet what it was; raises `ValueError` for what cannot travel as this type."""
    media_type, raw = _octets(media_type, content)
    encoding, payload = _literal(media_type, raw) if media_type.is_literal else ("base64", base64_lines(raw))
    return _fields(media_type, encoding, _disposition(filename, content_id)) + payload


def _disposition(filename: str, content_id: str) -> str:
    if not content_id:
        return attachment_field(filename)
    inline = parameter_field("Content-Disposition", "inline", [("filename", filename)] if filename else [])
    return f"{inline}Content-ID: <{content_id}>\r\n"


def alternative(media_type: MediaType, content: bytes | str) -> bytes:
    """Return a body; of a text the lines are what counts, not what ends them. Raises `ValueError` as `attached`."""
    media_type, raw = _octets(media_type, content)
    if media_type.is_literal:
        encoding, payload = _literal(media_type, raw)
    elif media_type.main == "text" and b"\x00" not in raw:
        encoding, payload = encoded(LINE_END_OCTETS.sub(b"\n", raw).removesuffix(b"\n") + b"\n")
    else:
        encoding, payload = "base64", base64_lines(raw)
    return _fields(media_type, encoding, "") + payload


def encoded(raw: bytes) -> tuple[str, bytes]:
    """Return the transfer encoding and the encoded lines: as they are where they fit, else the shorter of the two."""
    if raw.isascii() and max(map(len, raw.split(b"\n"))) <= LINE_OCTETS and b"\x00" not in raw:
        return "7bit", raw.replace(b"\n", b"\r\n")
    quoted = binascii.b2a_qp(raw, istext=True).replace(b"\n", b"\r\n")
    if len(quoted) <= len(raw) * 4 // 3:
        return "quoted-printable", quoted
    return "base64", base64_lines(raw.replace(b"\n", b"\r\n"))


def base64_lines(raw: bytes) -> bytes:
    return base64.encodebytes(raw).replace(b"\n", b"\r\n") or b"\r\n"


def wire_lines(raw: bytes) -> bytes:
    """Return octets that travel unencoded, with CRLF line ends; raises `ValueError` where they cannot."""
    lines = LINE_END_OCTETS.sub(b"\r\n", raw)
    if b"\x00" in raw or max(map(len, lines.split(b"\r\n"))) > MAX_LINE_OCTETS:
        raise ValueError(f"it has a NUL or a line of more than {MAX_LINE_OCTETS} octets, and must not be encoded")
    return lines


def octet_encoding(raw: bytes) -> str:
    """Return how octets are called that travel as they are (RFC 2045 6.2)."""
    return "7bit" if raw.isascii() else "8bit"


def _literal(media_type: MediaType, raw: bytes) -> tuple[str, bytes]:
    boundary = media_type.parameter("boundary").encode()
    if media_type.main == "multipart" and (not boundary or b"--" + boundary not in raw):
        raise ValueError(f"{media_type.name} needs the boundary of its parts")
    return octet_encoding(raw), wire_lines(raw) + b"\r\n"


def _octets(media_type: MediaType, content: bytes | str) -> tuple[MediaType, bytes]:
    """Return the content in the charset that the type names, UTF-8 where it names none."""
    charset = media_type.parameter("charset")
    if isinstance(content, str):
        try:
            raw = content.encode(charset or "utf-8")
        except (LookupError, UnicodeError) as error:
            raise ValueError(f"it cannot be written in {charset or 'UTF-8'}") from error
    else:
        raw = content
    if media_type.main == "text" and not charset and (isinstance(content, str) or _is_utf8(raw)):
        media_type = media_type.with_parameter("charset", "utf-8")
    return media_type, raw


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def _fields(media_type: MediaType, encoding: str, disposition: str) -> bytes:
    return f"{media_type.field}Content-Transfer-Encoding: {encoding}\r\n{disposition}\r\n".encode()


def _part(subtype: str, content: str) -> bytes:
    """Return what `alternative` does for the two usual types, quicker."""
    encoding, payload = encoded((LINE_END.sub("\n", content).removesuffix("\n") + "\n").encode())
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return head.encode() + payload
