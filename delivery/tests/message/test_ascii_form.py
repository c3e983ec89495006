"""A message written anew for servers that take ASCII and lines of 998 octets only."""

import time
from email import message_from_bytes, policy

import pytest

from delivery.message.ascii_form import in_ascii


def crlf(text: str, charset: str = "utf-8") -> bytes:
    return text.replace("\n", "\r\n").encode(charset)


def test_each_part_says_the_same_and_what_fits_stays_as_it_is() -> None:
    plain = "--b\nContent-Type: text/plain\n\nAs  it is.\n"
    html = '--b\nContent-Type: text/html; charset="utf-8"\nContent-Transfer-Encoding: 8bit\n\n<p>Grüße</p>\n'
    raw = crlf(f'Subject: x\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary="b"\n\n{plain}{html}--b--\n')
    written = in_ascii(raw)
    assert crlf(plain) in written
    parsed = message_from_bytes(written, policy=policy.default)
    assert parsed.get_payload(1).get_content() == "<p>Grüße</p>"  # type: ignore[union-attr]


def test_text_of_no_charset_gets_one_that_reads_it() -> None:
    written = in_ascii(crlf("Subject: x\n\nGrüße\n", "latin-1"))
    parsed = message_from_bytes(written, policy=policy.default)
    assert parsed.get_content() == "Grüße\r\n"
    assert parsed["MIME-Version"] == "1.0"


def test_base64_on_one_line_is_broken_into_lines() -> None:
    raw = crlf(f"Content-Type: image/png\nContent-Transfer-Encoding: base64\n\n{'QUJD' * 1000}\n")
    parsed = message_from_bytes(in_ascii(raw), policy=policy.default)
    assert parsed.get_content() == b"ABC" * 1000


def test_a_message_within_a_message_is_encoded_inside() -> None:
    inner = "Subject: Grüße\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\nGrüße\n"
    written = in_ascii(crlf(f"Content-Type: message/rfc822\n\n{inner}"))
    assert written.isascii()
    parsed = message_from_bytes(written, policy=policy.default)
    assert parsed.get_content().get_content() == "Grüße\r\n"


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("Content-Type: text/plain\nContent-Transfer-Encoding: x-uuencode\n\nGrüße\n", "transfer encoding"),
        ("To: zoë@x.test\n\nHi\n", "SMTPUTF8"),
    ],
)
def test_what_would_lose_something_is_refused_in_words(raw: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        in_ascii(crlf(raw))


@pytest.mark.parametrize("depth", [60, 99])
def test_parts_within_parts_are_refused_within_seconds(depth: int) -> None:
    opening = "".join(f'Content-Type: multipart/mixed; boundary="{n}"\n\n--{n}\n' for n in range(depth))
    began = time.monotonic()
    with pytest.raises(ValueError, match="parts within parts"):
        in_ascii(crlf(opening + "\n" + "x\n" * 50_000))
    assert time.monotonic() - began < 30
