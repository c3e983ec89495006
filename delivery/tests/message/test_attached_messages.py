"""Messages and parts within a message: unencoded, with CRLF, so that parsers see what is in them (RFC 2046 5.2.1)."""

from email import message_from_bytes, policy
from email.message import EmailMessage as NewerMessage
from email.message import Message
from email.mime.application import MIMEApplication
from email.mime.base import MIMEBase
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, EmailMultiAlternatives
from fast_mail_parser import parse_email_tree

from delivery.api import Attachment, send
from delivery.backend import OutboxBackend
from delivery.models import Email
from delivery.tests.message import reading

pytestmark = pytest.mark.django_db

RAW = b"Subject: Inner\nFrom: gus@users.test\n\nFirst\nSecond\n"
RAW_8BIT = "Subject: Inner\nContent-Type: text/plain; charset=utf-8\n\nGrüße\n".encode()
STATUS = "Reporting-MTA: dns; mx.test\n\nFinal-Recipient: rfc822; eve@users.test\nAction: failed\nStatus: 5.1.1\n"


def wire(*attachments: Attachment | Message) -> bytes:
    email = send(None, to="eve@users.test", subject="Hi", text="Text", attachments=attachments)
    return reading.on_the_wire(email)


def second_part(octets: bytes) -> Any:
    """Return the attachment as Python reads it."""
    return list(reading.parsed(octets).iter_parts())[1]


def django_mail() -> EmailMultiAlternatives:
    message = EmailMultiAlternatives(
        "=?utf-8?q?caf=C3=A9?=", "Grüße", '"Zoë, Shop" <shop@acme.test>', ["a@users.test"], bcc=["secret@users.test"],
        cc=["Łódź <b@users.test>"], reply_to=["r@users.test"], headers={"X-A": "ü"},
        alternatives=[("<p>Grüße</p>", "text/html")],
    )  # fmt: skip
    message.attach("Übersicht.pdf", b"%PDF", "application/pdf")
    return message


def newer_message() -> NewerMessage:
    message = NewerMessage()
    message["Subject"], message["From"] = "Größe und mehr", "Zoë <zoe@users.test>"
    message.set_content("Grüße")
    message.add_alternative("<p>Grüße</p>", subtype="html")
    message.add_attachment(b"\x00\xff", maintype="application", subtype="pdf", filename="Übersicht.pdf")
    return message


def older_message() -> Message:
    message = MIMEMultipart()
    message["Subject"], message["From"] = "Größe und mehr", "Zoë <zoe@users.test>"
    message.attach(MIMEText("Grüße", "plain", "utf-8"))
    message.attach(MIMEText("<p>Grüße</p>", "html", "iso-8859-1"))
    part = MIMEApplication(b"\x00\xff", "pdf")
    part.add_header("Content-Disposition", "attachment", filename="Übersicht.pdf")
    message.attach(part)
    return message


@pytest.mark.parametrize(
    ("raw", "encoding"), [(RAW, "7bit"), (RAW_8BIT, "8bit"), (RAW.replace(b"\n", b"\r\n"), "7bit")]
)
def test_a_message_in_octets_travels_as_it_is(raw: bytes, encoding: str) -> None:
    octets = wire(Attachment("a.eml", raw, "message/rfc822"))
    assert raw.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n") in octets
    assert second_part(octets)["Content-Transfer-Encoding"] == encoding
    assert second_part(octets).get_content()["Subject"] == "Inner"
    assert reading.leaves(octets)[1].content == raw.replace(b"\r\n", b"\n").partition(b"\n\n")[2].removesuffix(b"\n")
    assert (reading.parsed(octets)["Content-Transfer-Encoding"] == "8bit") == (encoding == "8bit")


def test_a_message_of_django_is_written_as_it_would_have_been_sent() -> None:
    message = EmailMultiAlternatives("Hi", "Text", None, ["eve@users.test"])
    message.attach("a.eml", django_mail(), "message/rfc822")
    OutboxBackend().send_messages([message])
    octets = reading.on_the_wire(Email.objects.get())
    inner = second_part(octets).get_content()
    assert [str(inner[field]) for field in ("Subject", "X-A")] == ["=?utf-8?q?caf=C3=A9?=", "ü"]
    assert (inner["From"].addresses[0].display_name, inner["Reply-To"]) == ("Zoë, Shop", "r@users.test")
    assert (inner["To"], inner["Cc"].addresses[0].display_name) == ("a@users.test", "Łódź")
    assert b"secret@users.test" not in octets
    assert [leaf.filename for leaf in reading.leaves(octets)] == ["", "", "", "Übersicht.pdf"]


def test_a_message_of_django_has_the_default_sender_where_it_names_none() -> None:
    message = EmailMultiAlternatives("Hi", "Text", None, ["eve@users.test"])
    message.attach("a.eml", EmailMessage("Inner", "Text", None, ["a@users.test"]), "message/rfc822")
    OutboxBackend().send_messages([message])
    inner = second_part(reading.on_the_wire(Email.objects.get())).get_content()
    assert (inner["From"], inner["To"], inner["Subject"]) == ("no-reply@localhost", "a@users.test", "Inner")


@pytest.mark.parametrize("make", [newer_message, older_message])
@pytest.mark.parametrize("wrapped", ["attachment", "part", "object"])
def test_an_object_of_pythons_package_is_written_with_all_that_is_in_it(make: Any, wrapped: str) -> None:
    message = make()
    item = {
        "attachment": Attachment("a.eml", message, "message/rfc822"),
        "part": MIMEMessage(message),
        "object": message,
    }
    octets = wire(item[wrapped])
    texts = ["Grüße", "<p>Grüße</p>"]
    assert octets.isascii()
    parts = [part for part in reading.parsed(octets).walk() if not part.is_multipart()][1:]
    assert [part.get_content().strip() for part in parts[:2]] == texts
    assert (parts[2].get_filename(), parts[2].get_content()) == ("Übersicht.pdf", b"\x00\xff")
    assert reading.leaves(octets)[-1].content == b"\x00\xff"
    if wrapped != "object" or make is newer_message:
        inner = second_part(octets).get_content()
        assert (inner["Subject"], inner["From"].addresses[0].display_name) == ("Größe und mehr", "Zoë")


@pytest.mark.parametrize(
    "item",
    [
        Attachment("a.txt", STATUS, "message/delivery-status"),
        Attachment("a.txt", STATUS.encode(), "MESSAGE/delivery-status"),
        message_from_bytes(b"Content-Type: message/delivery-status\n\n" + STATUS.encode()),
    ],
)
def test_a_delivery_status_is_read_field_by_field(item: Attachment | Message) -> None:
    octets = wire(item)
    first, second = second_part(octets).get_payload()
    assert (first["Reporting-MTA"], second["Status"]) == ("dns; mx.test", "5.1.1")
    (_, status) = parse_email_tree(octets).children
    assert status.content_type == "message/delivery-status"
    assert (status.content or b"").rstrip() == STATUS.rstrip().replace("\n", "\r\n").encode()


@pytest.mark.parametrize("kind", ["message/disposition-notification", "message/feedback-report", "message/x-unknown"])
def test_any_other_message_is_not_encoded_either(kind: str) -> None:
    octets = wire(Attachment("a.txt", "Reporting-UA: mail.test\nFinal-Recipient: rfc822; eve@users.test\n", kind))
    assert b"\r\nReporting-UA: mail.test\r\nFinal-Recipient: rfc822; eve@users.test\r\n" in octets
    assert second_part(octets)["Content-Transfer-Encoding"] == "7bit"


def test_parts_in_octets_travel_as_they_are() -> None:
    raw = b"--b\nContent-Type: text/plain\n\nHello\n--b\nContent-Type: text/html\n\n<p>Hello</p>\n--b--\n"
    octets = wire(Attachment("a", raw, 'multipart/alternative; boundary="b"'))
    assert [leaf.content for leaf in reading.leaves(octets)] == [b"Text", b"Hello", b"<p>Hello</p>"]


@pytest.mark.parametrize(
    ("content", "mimetype"),
    [
        (b"--b\n\nHello\n--b--\n", "multipart/mixed"),
        (b"--b\n\nHello\n--b--\n", "multipart/mixed; boundary=c"),
        (b"Subject: a\n\n" + b"x" * 999, "message/rfc822"),
        (b"Subject: a\n\n\x00", "message/rfc822"),
    ],
)
def test_what_must_not_be_encoded_and_cannot_travel_as_it_is_is_refused(content: bytes, mimetype: str) -> None:
    with pytest.raises(ValidationError) as refused:
        wire(Attachment("a", content, mimetype))
    assert list(refused.value.message_dict) == ["attachments"]


def test_what_was_signed_stays_what_it_was() -> None:
    signed, outer = MIMEMultipart(boundary="inner"), MIMEMultipart("signed", protocol="application/pgp-signature")
    signed.attach(MIMEText("Grüße und mehr\n", "plain", "utf-8"))
    signed.attach(MIMEText("Plain\n\nlines \n", "plain", "us-ascii"))
    signed["X-Long"] = f"{'as it is ' * 12}here"
    outer.attach(signed)
    outer.attach(MIMEApplication(b"signature", "pgp-signature"))
    exactly = signed.as_bytes(policy=policy.compat32.clone(max_line_length=0)).replace(b"\n", b"\r\n")
    assert exactly in wire(outer)


def test_octets_that_nobody_encoded_are_what_they_were() -> None:
    binary, lines = MIMEBase("application", "x-loose"), MIMEBase("application", "x-lines")
    binary.set_payload(b"\x89PNG\r\n\x00\xff")
    lines.set_payload(b"a\nb\r\nc\r")
    text = MIMEBase("text", "x-loose")
    text.set_payload("Grüße")
    octets = wire(binary, lines, text)
    assert [leaf.content for leaf in reading.leaves(octets)[1:]] == [
        b"\x89PNG\r\n\x00\xff",
        b"a\nb\r\nc\r",
        "Grüße".encode(),
    ]
    assert list(reading.parsed(octets).iter_parts())[3].get_content_charset() == "utf-8"


def test_too_much_in_an_object_is_refused_as_well() -> None:
    with pytest.raises(ValidationError) as refused:
        wire(MIMEApplication(b"x" * (16 * 1024 * 1024)))
    assert list(refused.value.message_dict) == ["attachments"]
