"""What a hostile sender writes costs the reader no more than its length."""

import time
from collections.abc import Callable
from contextlib import suppress

import pytest

from delivery.message import stored
from delivery.message.ascii_form import in_ascii

MEGABYTES = 15
LONG = b"x" * 1200 + b"\r\n"
SECONDS = 10  # what is refused takes a tenth of one; what was not took between half a minute and days


def filled(piece: bytes) -> bytes:
    return piece * (MEGABYTES * 1024 * 1024 // len(piece))


def nested(depth: int) -> bytes:
    boundaries = range(depth)
    return b"\r\n".join(b"Content-Type: multipart/mixed; boundary=b%d\r\n\r\n--b%d" % (n, n) for n in boundaries)


COSTLY = {
    "parts": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + LONG + filled(b"--b\r\n\r\n"),
    "blocks": b"Content-Type: message/delivery-status\r\n\r\n" + LONG + filled(b"A: b\r\n\r\n"),
    "lines within parts": nested(99) + b"\r\n\r\n" + LONG + filled(b"ab\r\n"),
    "folded boundaries": nested(400).replace(b"boundary=", b"boundary\r\n =") + b"\r\n\r\n" + LONG,
    "messages within messages": b"Content-Type: message/rfc822\r\n\r\n" * 3000 + LONG,
    "quoted parameters": b'Content-Type: text/plain; x="' + b'\\";' * 80_000 + b'"\r\n\r\n' + LONG,
    "folded parameters": b'Content-Type: text/plain; x="' + b'\\";\r\n ' * 80_000 + b'"\r\n\r\n' + LONG,
    "parameters of a part": b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Disposition: inline; x="
    + b'"\\";' * 80_000 + b"\r\n\r\n" + LONG,
    "punycode": b"Content-Type: text/plain; charset=punycode\r\n\r\n\xff\r\n" + filled(b"egbpdaj6bu4bxfgehfvwxn"),
    "punycode by another name": b"Content-Type: text/plain; charset*=us-ascii''puny%63ode\r\n\r\n\xff"
    + filled(b"egbpdaj6bu4bxfgehfvwxn"),
}  # fmt: skip


@pytest.mark.parametrize("read", [in_ascii, stored.bodies])
@pytest.mark.parametrize("kind", COSTLY)
def test_what_is_made_to_cost_time_is_given_up(kind: str, read: Callable[[bytes], object]) -> None:
    began = time.process_time()
    with suppress(ValueError):
        read(COSTLY[kind])
    assert time.process_time() - began < SECONDS


@pytest.mark.parametrize("charset", ["undefined", "idna", "unicode_escape", "x\0y", "hex", "none", ""])
def test_text_in_what_is_no_charset_is_read_as_utf_8(charset: str) -> None:
    content = f"Content-Type: text/plain; charset={charset}\r\n\r\nGrüße".encode()
    assert stored.bodies(content) == ("Grüße", "")


def test_a_large_ordinary_message_is_read() -> None:
    part = b"--b\r\nContent-Type: application/pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n"
    text = b"--b\r\nContent-Type: text/plain\r\n\r\nHello\r\n"
    lines = filled((b"QUJD" * 19) + b"\r\n")
    content = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n" + text + part + lines + part + LONG + b"--b--\r\n"
    assert stored.bodies(content)[0] == "Hello"
    assert b"\r\nHello\r\n" in in_ascii(content)
