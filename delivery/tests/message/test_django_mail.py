"""Django's `EmailMessage` in every form of its documentation: sent as Django does, or refused naming the field."""

import base64
import logging
from collections.abc import Callable
from email.charset import QP, Charset
from email.message import EmailMessage as NewerMessage
from email.mime.base import MIMEBase
from email.mime.image import MIMEImage
from email.mime.text import MIMEText
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, EmailMultiAlternatives, mail_admins, send_mail
from django.core.mail.message import EmailAlternative, EmailAttachment
from django.utils.translation import gettext_lazy

from delivery.backend import OutboxBackend
from delivery.models import Email
from delivery.tests.message import reading
from delivery.tests.message.reading import Leaf

pytestmark = pytest.mark.django_db
PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
CALENDAR = "text/calendar; method=REQUEST"


def mail(body: str = "Text", from_email: str | None = None, **values: Any) -> EmailMultiAlternatives:
    return EmailMultiAlternatives("Hi", body, from_email, ["eve@users.test"], **values)


def accepted(message: EmailMessage) -> Email:
    assert OutboxBackend().send_messages([message]) == 1
    return Email.objects.latest("accepted_at")


def wire(message: EmailMessage) -> bytes:
    return reading.on_the_wire(accepted(message))


def refused(message: EmailMessage) -> list[str]:
    """Return the fields that the refusal names; nothing is stored."""
    with pytest.raises(ValidationError) as refusal:
        OutboxBackend().send_messages([message])
    assert not Email.objects.exists()
    return list(refusal.value.message_dict)


def types(octets: bytes) -> list[str]:
    return [part.get_content_type() for part in reading.parsed(octets).walk()]


def test_an_image_that_html_shows_is_related_to_it() -> None:
    image = MIMEImage(PNG)
    image.add_header("Content-ID", "<logo>")
    image.add_header("Content-Disposition", "inline", filename="Übersicht.png")
    message = mail(alternatives=[('<img src="cid:logo">', "text/html")])
    message.mixed_subtype = "related"  # type: ignore[attr-defined]
    message.attach(image)
    octets = wire(message)
    assert types(octets) == ["multipart/related", "multipart/alternative", "text/plain", "text/html", "image/png"]
    assert reading.parsed(octets).get_param("type") == "multipart/alternative"
    (part,) = list(reading.parsed(octets).iter_parts())[1:]
    assert (part["Content-ID"], part.get_content_disposition(), part.get_content()) == ("<logo>", "inline", PNG)
    assert reading.leaves(octets)[-1] == Leaf("image/png", "Übersicht.png", PNG)


@pytest.mark.parametrize(
    "mimetype", [CALENDAR, "text/x-amp-html", "text/html; charset=utf-8", "TEXT/HTML", "text/html", "application/ics"]
)
@pytest.mark.parametrize("content", ["Grüße", "Hello", "BEGIN:VCALENDAR\r\nEND:VCALENDAR"])
def test_every_alternative_is_sent(mimetype: str, content: str) -> None:
    octets = wire(mail(alternatives=[(content, mimetype)]))
    assert types(octets) == ["multipart/alternative", "text/plain", mimetype.partition(";")[0].lower()]
    kind = mimetype.partition(";")[0].lower()
    assert reading.leaves(octets)[1].content == reading.lines(kind, content.encode())
    part = list(reading.parsed(octets).iter_parts())[1]
    assert part.get_content_charset() == ("utf-8" if kind.startswith("text/") else None)
    assert part.get_param("method") == ("REQUEST" if mimetype == CALENDAR else None)


def test_alternatives_keep_their_order_behind_the_text() -> None:
    message = mail(alternatives=[EmailAlternative("<html ⚡4email>", "text/x-amp-html"), ("<p>Text</p>", "text/html")])
    message.attach_alternative(b"BEGIN:VCALENDAR", CALENDAR)
    message.attach("a.txt", "x")
    assert types(wire(message)) == [
        *("multipart/mixed", "multipart/alternative", "text/plain", "text/x-amp-html", "text/html", "text/calendar"),
        "text/plain",
    ]
    assert not message.body_contains("Text")


@pytest.mark.parametrize(
    ("body", "subtype", "kinds"),
    [
        ("Text", "plain", ["text/plain"]),
        ("<p>Grüße</p>", "html", ["text/html"]),
        ("# Grüße", "markdown; variant=GFM", ["text/markdown"]),
        ("", "plain", ["text/plain"]),
    ],
)
def test_the_body_is_of_the_type_that_was_asked_for(body: str, subtype: str, kinds: list[str]) -> None:
    message = EmailMessage("Hi", body, None, ["eve@users.test"])
    message.content_subtype = subtype
    octets = wire(message)
    assert types(octets) == kinds
    assert reading.leaves(octets)[0].content == body.encode()


def test_an_html_body_may_have_alternatives_too() -> None:
    message = mail("<p>Text</p>", alternatives=[("{}", "application/json")])
    message.content_subtype = "html"
    assert types(wire(message)) == ["multipart/alternative", "text/html", "application/json"]


quoted = Charset("iso-8859-1")
quoted.body_encoding = QP


@pytest.mark.parametrize("encoding", ["iso-8859-1", quoted, "utf-16", "utf-8", "iso-2022-jp"])
def test_a_text_is_in_the_charset_that_was_asked_for(encoding: str | Charset) -> None:
    body = "日本語" if encoding == "iso-2022-jp" else "Grüße"
    message = mail(body, alternatives=[(f"<p>{body}</p>", "text/html")])
    message.encoding = encoding
    message.attach("a.txt", body, "text/plain")
    charset = str(getattr(encoding, "output_charset", encoding))
    for part in list(reading.parsed(wire(message)).walk())[2:]:
        if not part.is_multipart():
            assert part.get_content_charset() == charset
            assert body in part.get_payload(decode=True).decode(charset)  # type: ignore[union-attr]


def test_what_a_charset_has_not_is_refused() -> None:
    message = mail("日本語")
    message.encoding = "iso-8859-1"
    assert refused(message) == ["alternatives"]


def test_attachments_are_what_they_were(tmp_path: Path) -> None:
    (tmp_path / "Grüße.csv").write_bytes(b"a;b\r\n1;2\n")
    (tmp_path / "old.txt").write_bytes("Grüße".encode("iso-8859-1"))
    message = mail(attachments=[("notes.txt", "Grüße\n", "text/plain"), EmailAttachment("a.png", PNG, "image/png")])
    message.attach("invite.ics", "BEGIN:VCALENDAR\r\n", CALENDAR)
    message.attach("x", b"\x00\r\n\xff", "application/x-a_b")
    message.attach_file(str(tmp_path / "Grüße.csv"))
    message.attach_file(str(tmp_path / "old.txt"))
    message.attach(None, "no name", "text/plain")
    octets = wire(message)
    contents = [part.get_payload(decode=True) for part in reading.parsed(octets).walk() if not part.is_multipart()]
    assert contents[1:] == [
        *("Grüße\n".encode(), PNG, b"BEGIN:VCALENDAR\r\n", b"\x00\r\n\xff", b"a;b\r\n1;2\n", b"Gr\xfc\xdfe", b"no name")
    ]
    assert [(leaf.media_type, leaf.filename) for leaf in reading.leaves(octets)[1:]] == [
        *(("text/plain", "notes.txt"), ("image/png", "a.png"), ("text/calendar", "invite.ics")),
        *(("application/x-a_b", "x"), ("text/csv", "Grüße.csv"), ("application/octet-stream", "old.txt")),
        ("text/plain", ""),
    ]


def test_an_attachment_needs_no_body() -> None:
    message = EmailMessage("Hi", "", None, ["eve@users.test"])
    message.attach("a.pdf", b"%PDF", "application/pdf")
    assert types(wire(message)) == ["multipart/mixed", "application/pdf"]


def test_text_with_umlauts_says_its_charset() -> None:
    message = mail()
    message.attach("a.txt", "Grüße")
    message.attach(MIMEText("Grüße", "plain", "iso-8859-1"))
    parts = list(reading.parsed(wire(message)).iter_parts())[1:]
    assert [(part.get_content_charset(), part.get_content().strip()) for part in parts] == [
        ("utf-8", "Grüße"),
        ("iso-8859-1", "Grüße"),
    ]


def test_headers_of_its_own_are_kept() -> None:
    headers = {
        "Message-ID": "<order-7.1@shop.acme.test>",
        "Date": "Tue, 2 Jan 2024 03:04:05 +0100",
        "reply-to": '"Zoë, Desk" <desk@acme.test>, two@acme.test',
        "From": "Zoë <zoe@acme.test>",
        "X-Number": 7,
        "List-Unsubscribe": "<https://acme.test/u>",
    }
    email = accepted(mail(headers=headers, reply_to=["other@acme.test"], from_email="bounces@acme.test"))
    octets = reading.on_the_wire(email)
    message = reading.parsed(octets)
    assert email.message_id == message["Message-ID"] == "<order-7.1@shop.acme.test>"
    assert message["Date"] == "Tue, 02 Jan 2024 03:04:05 +0100"
    assert reading.mailboxes(octets, "Reply-To") == [("Zoë, Desk", "desk@acme.test"), ("", "two@acme.test")]
    assert (email.wanted_name, email.wanted_address) == ("Zoë", "zoe@acme.test")
    assert reading.mailboxes(octets, "From") == [("", "no-reply@localhost")]
    assert (message["X-Number"], message["List-Unsubscribe"]) == ("7", "<https://acme.test/u>")
    assert len(reading.field_names(octets)) == len(set(reading.field_names(octets)))


def test_the_same_message_may_be_sent_twice() -> None:
    message = mail(headers={"Message-ID": "<order-7.1@shop.acme.test>"})
    assert accepted(message).message_id == accepted(message).message_id


def test_whom_receivers_see_may_be_others_than_those_who_get_it() -> None:
    email = accepted(
        mail(headers={"To": '"Our, Friends" <list@acme.test>', "Cc": "b@acme.test, c@acme.test"}, cc=["x@users.test"])
    )
    octets = reading.on_the_wire(email)
    assert reading.mailboxes(octets, "To") == [("Our, Friends", "list@acme.test")]
    assert reading.mailboxes(octets, "Cc") == [("", "b@acme.test"), ("", "c@acme.test")]
    assert set(email.deliveries.values_list("recipient", flat=True)) == {"eve@users.test", "x@users.test"}


def test_nobody_is_shown_where_a_group_is_empty() -> None:
    octets = wire(mail(headers={"To": "Undisclosed recipients:;"}))
    assert b"\r\nTo: undisclosed-recipients:;\r\n" in octets
    assert b"eve@users.test" not in octets


@pytest.mark.parametrize(
    ("from_email", "wanted"),
    [
        (None, ("", "")),
        ("", ("", "")),
        ("no-reply@localhost", ("", "")),
        ("Shop <no-reply@localhost>", ("", "")),
        ("shop@acme.test", ("", "shop@acme.test")),
        ("<shop@acme.test>", ("", "shop@acme.test")),
        ("Shop <shop@acme.test>", ("Shop", "shop@acme.test")),
        ('"Shop, the \\"best\\"" <shop@acme.test>', ('Shop, the "best"', "shop@acme.test")),
        ("Zoë <shop@bücher.test>", ("Zoë", "shop@xn--bcher-kva.test")),
        ("=?utf-8?q?caf=C3=A9?= <shop@acme.test>", ("=?utf-8?q?caf=C3=A9?=", "shop@acme.test")),
        (gettext_lazy("Shop <shop@acme.test>"), ("Shop", "shop@acme.test")),
    ],
)
def test_the_sender_is_what_was_asked_for(from_email: str | None, wanted: tuple[str, str]) -> None:
    email = accepted(mail(from_email=from_email))
    assert (email.wanted_name, email.wanted_address) == wanted


def test_the_default_sender_may_have_a_name(settings: LazySettings) -> None:
    settings.DEFAULT_FROM_EMAIL = "Zoë, Builder <hello@builder.example>"
    assert send_mail("Hi", "Text", None, ["eve@users.test"], connection=OutboxBackend()) == 1
    email = Email.objects.get()
    assert (email.wanted_name, email.wanted_address) == ("", "")
    assert reading.mailboxes(reading.on_the_wire(email), "From") == [("Zoë, Builder", "hello@builder.example")]


def test_mail_to_the_admins_is_from_the_default_sender(settings: LazySettings) -> None:
    settings.ADMINS = [("Alice", "alice@builder.example")]
    settings.EMAIL_BACKEND = "delivery.backend.OutboxBackend"
    mail_admins("Broken", "Text", html_message="<p>Text</p>")
    email = Email.objects.get()
    assert (email.subject, email.wanted_address) == ("[Django] Broken", "")


def test_what_is_translated_later_is_text() -> None:
    people: list[Any] = [gettext_lazy("eve@users.test"), ""]
    file: Any = gettext_lazy("File")
    message = EmailMessage(gettext_lazy("Subject"), gettext_lazy("Body"), None, people)
    message.attach("a.txt", file, "text/plain")
    octets = wire(message)
    assert reading.subject(octets) == "Subject"
    assert [leaf.content for leaf in reading.leaves(octets)] == [b"Body", b"File"]


def attaching(*items: Any) -> EmailMessage:
    message = mail()
    message.attachments = list(items)
    return message


def with_values(**values: Any) -> EmailMessage:
    message = mail()
    for name, value in values.items():
        setattr(message, name, value)
    return message


def loose(name: str, value: str, payload: str = "x") -> MIMEBase:
    part = MIMEBase("application", "x-loose")
    part[name] = value
    part.set_payload(payload)
    return part


def newer(subject: str) -> NewerMessage:
    message = NewerMessage()
    message["Subject"] = subject
    return message


REFUSED: dict[str, tuple[Callable[[], EmailMessage], str]] = {
    "half a character in the subject": (lambda: with_values(subject="\ud800"), "subject"),
    "in the body": (lambda: with_values(body="\ud800"), "body"),
    "in HTML": (lambda: mail(alternatives=[("\ud800", "text/html")]), "alternatives"),
    "in a body of HTML": (lambda: with_values(body="\ud800", content_subtype="html"), "body"),
    "in an alternative": (lambda: mail(alternatives=[("\ud800", CALENDAR)]), "alternatives"),
    "in the type of an alternative": (lambda: mail(alternatives=[("x", "text/\ud800")]), "alternatives"),
    "in a recipient": (lambda: with_values(to=["\ud800 <eve@users.test>"]), "to"),
    "in a copy": (lambda: with_values(cc=["\ud800@users.test"]), "cc"),
    "in a blind copy": (lambda: with_values(bcc=["\ud800@users.test"]), "bcc"),
    "in the sender": (lambda: with_values(from_email="\ud800 <eve@users.test>"), "from_email"),
    "in reply-to": (lambda: with_values(reply_to=["\ud800 <eve@users.test>"]), "reply_to"),
    "in the name of a header": (lambda: mail(headers={"X-\ud800": "a"}), "headers"),
    "in a header": (lambda: mail(headers={"X-A": "\ud800"}), "headers"),
    "in To of its own": (lambda: mail(headers={"To": "\ud800 <a@users.test>"}), "headers"),
    "in the name of a file": (lambda: attaching(("\ud800", b"x", None)), "attachments"),
    "in a file": (lambda: attaching(("a", "\ud800", "text/plain")), "attachments"),
    "in the type of a file": (lambda: attaching(("a", b"x", "text/\ud800")), "attachments"),
    "in a part": (lambda: attaching(loose("X-A", "\ud800")), "attachments"),
    "in the payload of a part": (lambda: attaching(loose("X-A", "a", "\ud800")), "attachments"),
    "in a message": (lambda: attaching(("a.eml", with_values(subject="\ud800"), "message/rfc822")), "attachments"),
    "in the kind of mixture": (
        lambda: with_values(mixed_subtype="\ud800", attachments=[("a", b"x", None)]),
        "mixed_subtype",
    ),
    "a line end in a part": (lambda: attaching(loose("X-A", "a\r\nBcc: b@users.test")), "attachments"),
    "a name of a header in a part": (lambda: attaching(loose("X-A: b\r\nBcc", "b@users.test")), "attachments"),
    "a line end in a disposition": (lambda: attaching(loose("Content-Disposition", "a\nBcc: b; x=y")), "attachments"),
    "a line end that Python decodes": (lambda: attaching(newer("=?utf-8?q?a=0D=0ABcc:_b?=")), "attachments"),
    "bytes as a subject": (lambda: with_values(subject=b"Hi"), "subject"),
    "bytes as a body": (lambda: with_values(body=b"Hi"), "body"),
    "no content": (lambda: attaching(("a", None, None)), "attachments"),
    "a file of numbers": (lambda: attaching(("a", 7, None)), "attachments"),
    "no attachment at all": (lambda: attaching("a"), "attachments"),
    "no media type": (lambda: attaching(("a", b"x", "png")), "attachments"),
    "a media type of several lines": (lambda: attaching(("a", b"x", 'a/b; c="d\r\nBcc: e"')), "attachments"),
    "an unsound Message-ID": (lambda: mail(headers={"Message-ID": "<a b@acme.test>"}), "headers"),
    "half a character in a Message-ID": (lambda: mail(headers={"Message-ID": "<\ud800@acme.test>"}), "headers"),
    "a NUL in a Message-ID": (lambda: mail(headers={"Message-ID": "<\x00@acme.test>"}), "headers"),
    "umlauts in a Message-ID": (lambda: mail(headers={"Message-ID": "<ü@acme.test>"}), "headers"),
    "half a character in a date": (lambda: mail(headers={"Date": "\ud800"}), "headers"),
    "half a character in From of its own": (lambda: mail(headers={"From": "\ud800 <a@acme.test>"}), "headers"),
    "half a character in Reply-To of its own": (lambda: mail(headers={"Reply-To": "\ud800 <a@b.test>"}), "headers"),
    "a Message-ID without brackets": (lambda: mail(headers={"message-id": "a@acme.test"}), "headers"),
    "no date": (lambda: mail(headers={"Date": "tomorrow"}), "headers"),
    "a Bcc of its own": (lambda: mail(headers={"Bcc": "a@users.test"}), "headers"),
    "a second subject": (lambda: mail(headers={"Subject": "Hi"}), "headers"),
    "a type of its own": (lambda: mail(headers={"Content-Type": "text/html"}), "headers"),
    "several senders": (lambda: mail(headers={"From": "a@acme.test, b@acme.test"}), "from_email"),
    "no sender": (lambda: with_values(from_email="Shop"), "from_email"),
    "alternatives that are none": (
        lambda: with_values(alternative_subtype="related", alternatives=[("x", "text/html")]),
        "alternatives",
    ),
}


@pytest.mark.parametrize("what", REFUSED)
def test_what_cannot_be_sent_is_refused_by_its_name(what: str) -> None:
    make, field = REFUSED[what]
    assert refused(make()) == [field]


def test_a_silent_backend_refuses_in_silence(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        assert OutboxBackend(fail_silently=True).send_messages([with_values(subject="\ud800"), mail()]) == 1
