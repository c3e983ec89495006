"""What becomes of a message that an application wrote itself."""

from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.mime.multipart import MIMEMultipart
from typing import Any

import pytest

from delivery.tests.message.test_reserved_fields import ALLOWED, REFUSED
from gateway.smtp import written
from gateway.smtp.written import Unacceptable, Written

WRITTEN_HERE = {  # from what the message says, or kept as it came
    *("to", "cc", "subject", "date", "message-id", "mime-version", "content-type", "received", "dkim-signature"),
}
AT = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
TRACE = "Received: from client ([127.0.0.1])\r\n by door.test with ESMTPSA id 1; now\r\n"
SOUND = (
    b"Message-ID: <1@acme.test>\r\nDate: Sun, 29 Nov 2026 10:00:00 +0100\r\nTo: Dana <dana@customer.test>\r\n"
    b"Subject:\r\n =?utf-8?q?caf=C3=A9?=\r\nMIME-Version: 1.0\r\nX-Odd:  two  blanks\r\n"
    b'Content-Type: multipart/mixed; boundary="b"\r\n'
)
PART = b"--b\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
BODY = PART + b"Gr\xc3\xbc\xc3\x9fe \r\n.\r\n--b--\r\n"


def read(data: bytes, *, utf8: bool = False) -> Written:
    return written.read(data, trace=TRACE, at=AT, utf8=utf8)


def header(message: Written) -> Any:
    return message_from_bytes(message.content, policy=policy.default)


def test_a_sound_message_keeps_every_octet_but_what_is_the_routes_to_write() -> None:
    routes = (
        b"From: Shop <shop@acme.test>\r\nReply-To: help@acme.test\r\nBcc: eve@users.test\r\nSender: x@acme.test\r\n"
    )
    message = read(routes + SOUND + b"\r\n" + BODY)
    kept = SOUND.partition(b"To:")[2]
    expected = b"Message-ID: <1@acme.test>\r\nDate: Sun, 29 Nov 2026 10:00:00 +0100\r\nTo:" + kept + b"\r\n" + BODY
    assert message.content == TRACE.encode() + expected
    assert (message.sender_name, message.sender_address) == ("Shop", "shop@acme.test")
    assert message.reply_to == ["help@acme.test"]
    assert message.subject == "café"


@pytest.mark.parametrize("bcc", [b"Bcc: eve@users.test", b"bcc:\r\n eve@users.test", b"BCC : eve@users.test"])
def test_nobody_sees_bcc_however_it_is_written(bcc: bytes) -> None:
    assert b"eve@" not in read(b"To: dana@customer.test\r\n" + bcc + b"\r\nbcc: eve@users.test\r\n\r\nHi\r\n").content


@pytest.mark.parametrize("name", [name for name in REFUSED if name.lower() not in WRITTEN_HERE])
def test_what_steers_servers_is_left_out_however_it_is_written(name: str) -> None:
    for line in (f"{name}: secret", f"{name.upper()} :\r\n secret", f"{name.lower()}:secret\r\n\tsecret"):
        message = read(f"To: dana@customer.test\r\n{line}\r\nX-Shop: 1\r\n\r\nHi\r\n".encode())
        assert b"secret" not in message.content
        assert b"X-Shop: 1\r\n" in message.content


@pytest.mark.parametrize("name", ["Received", "DKIM-Signature", *ALLOWED])
def test_what_is_about_the_message_stays(name: str) -> None:
    field = f"{name}: kept\r\n".encode()
    assert field in read(b"To: dana@customer.test\r\n" + field + b"\r\nHi\r\n").content


def test_what_a_scanner_leaves_out_is_mended() -> None:
    message = read(b"From: Scanner\r\nMessage-ID: <>\r\nDate: yesterday\r\nSubject: Gr\xfc\xdfe\r\n\r\nscan\r\n")
    assert header(message)["Date"].datetime == AT
    assert header(message)["Message-ID"] == message.message_id
    assert header(message)["To"] == "undisclosed-recipients:;"
    assert (message.subject, header(message)["Subject"]) == ("Grüße", "Grüße")
    assert (message.sender_name, message.sender_address) == ("Scanner", "")
    assert message.content.isascii()


@pytest.mark.parametrize("data", [b"just a text\r\n", b"\r\njust a text\r\n", b"From x@y Mon\r\n\r\njust a text\r\n"])
def test_a_message_without_a_header_gets_one(data: bytes) -> None:
    message = read(data)
    assert message.content.endswith(b"\r\n\r\njust a text\r\n")
    assert header(message)["Message-ID"]


def test_letters_beyond_ascii_stay_where_smtputf8_was_said_and_are_encoded_otherwise() -> None:
    data = "To: Zoë <zoe@users.test>\r\nSubject: Grüße\r\n\r\nHi\r\n".encode()
    announced, not_announced = read(data, utf8=True), read(data)
    assert "Subject: Grüße\r\n".encode() in announced.content
    assert announced.smtputf8
    assert not not_announced.smtputf8
    assert str(header(not_announced)["To"]) == "Zoë <zoe@users.test>"
    assert str(header(not_announced)["Subject"]) == "Grüße"


def test_a_raw_file_name_is_encoded_as_a_parameter() -> None:
    data = "Content-Type: application/pdf; name=Übersicht.pdf\r\nTo: a@b.test\r\n\r\nx\r\n".encode()
    message = read(data)
    assert message.content.isascii()
    assert header(message).get_param("name") == "Übersicht.pdf"


def test_a_field_that_may_be_there_once_is_there_once_and_recipients_are_joined() -> None:
    data = b"To: a@b.test\r\nSubject: one\r\nTo: c@d.test,\r\nSubject: two\r\nDate: x\r\nDate: y\r\n\r\nHi\r\n"
    parsed = header(read(data))
    assert [parsed.get_all(name) for name in ("To", "Subject")] == [["a@b.test, c@d.test"], ["one"]]
    assert len(parsed.get_all("Date")) == 1


def test_a_header_line_that_is_too_long_is_folded_where_nothing_changes() -> None:
    people = ", ".join(f"person{number}@customer.test" for number in range(100))
    message = read(
        f"To: {people}\r\nReferences: {' '.join(f'<{n}@x.test>' for n in range(200))}\r\n\r\nHi\r\n".encode()
    )
    assert max(map(len, message.content.split(b"\r\n"))) <= 998
    assert header(message)["To"] == people


def test_a_body_line_that_is_too_long_is_encoded_and_says_the_same() -> None:
    text = "word " * 600
    message = read(f"To: a@b.test\r\nSubject: x\r\n\r\n{text}\r\nend\r\n".encode())
    assert max(map(len, message.content.split(b"\r\n"))) <= 998
    assert header(message).get_content() == f"{text}\r\nend\r\n"
    assert header(message)["Subject"] == "x"


def test_a_part_with_a_long_line_is_encoded_and_its_neighbours_stay_as_they_are() -> None:
    html = b"<p>" + b"x" * 2000 + b"</p>"
    parts = b"--b\r\nContent-Type: text/plain\r\n\r\nHi  there\r\n--b\r\nContent-Type: text/html\r\n\r\n" + html
    data = b'To: a@b.test\r\nMIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary="b"\r\n\r\n' + parts
    message = read(data + b"\r\n--b--\r\n")
    assert b"--b\r\nContent-Type: text/plain\r\n\r\nHi  there\r\n--b\r\n" in message.content
    assert header(message).get_payload(1).get_content().strip().encode() == html


def test_a_signed_message_is_refused_where_encoding_would_break_the_signature() -> None:
    signed = b"Content-Type: text/plain\r\n\r\n" + b"x" * 2000
    data = (
        b'To: a@b.test\r\nContent-Type: multipart/signed; boundary="b"; protocol="x/y"; micalg=z\r\n\r\n--b\r\n'
        + signed
        + b"\r\n--b\r\nContent-Type: x/y\r\n\r\nsignature\r\n--b--\r\n"
    )
    with pytest.raises(Unacceptable, match="signature"):
        read(data)


@pytest.mark.parametrize(
    "sender",
    [
        b"=?utf-8?q?a=0D=0ABcc:_x@users.test?= <shop@acme.test>",
        b'"a\\"b" <shop@acme.test>',
        b"=?unknown?x?y?= <shop@acme.test>",
        b"=?utf-8?b?!!!?= <shop@acme.test>, b@c.test",
    ],
)
def test_a_name_is_text_whatever_is_encoded_in_it(sender: bytes) -> None:
    message = read(b"From: " + sender + b"\r\nTo: a@b.test\r\n\r\nHi\r\n")
    assert message.sender_address == "shop@acme.test"
    assert message.sender_name.isprintable()


def test_the_way_of_a_message_stays_together_on_top() -> None:
    way = b"Received: by relay.test (Postfix, from userid 0)\r\n\tid 1; now\r\n"
    message = read(b"Subject: x\r\n" + way + b"To: a@b.test\r\n\r\nHi\r\n")
    assert message.content.startswith(TRACE.encode() + way + b"Message-ID: ")


def test_a_message_that_goes_in_circles_is_refused() -> None:
    with pytest.raises(Unacceptable, match="circles"):
        read(b"Received: from a by b; now\r\n" * 60 + b"\r\nHi\r\n")


def test_the_header_of_a_message_has_an_end() -> None:
    with pytest.raises(Unacceptable, match="larger"):
        read(b"X-Long: x\r\n" * 100_000)


def test_many_parts_within_parts_are_refused_and_not_parsed() -> None:
    message = MIMEMultipart()
    for _ in range(150):
        outer = MIMEMultipart()
        outer.attach(message)
        message = outer
    data = message.as_bytes().replace(b"\n", b"\r\n") + b"x" * 2000 + b"\r\n"
    with pytest.raises(Unacceptable, match="parts within parts"):
        read(data)
