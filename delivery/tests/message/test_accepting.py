"""What is refused before the outbox, with an error that names the field, and what the rendered mail looks like."""

import re
from email import message_from_bytes, policy
from email.message import EmailMessage as ReadMessage

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage, EmailMultiAlternatives, send_mail
from django.core.mail.backends.base import BaseEmailBackend
from hypothesis import given, settings
from hypothesis import strategies as st

from delivery.api import Attachment, send
from delivery.backend import OutboxBackend
from delivery.message.mime import simple_content
from delivery.message.rendering import sender_lines
from delivery.message.validation import Recipient, address, one_line
from delivery.models import Delivery, Email
from people.models import User
from phrases.names import CONTROL
from testing.factories import make_application
from whitelabel.models import WhiteLabel
from whitelabel.routing import Address

pytestmark = pytest.mark.django_db

GOOD: dict[str, object] = {"to": "eve@users.test", "subject": "Hi", "text": "Text"}
EVIL = "x\r\nBcc: victim@evil.test"


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("to", {"to": []}),
        ("to", {"to": ""}),
        ("to", {"to": "nobody"}),
        ("to", {"to": f"eve@users.test{EVIL}"}),
        ("to", {"to": [f"user{number}@users.test" for number in range(101)]}),
        ("cc", {"cc": "not an address"}),
        ("bcc", {"bcc": ["eve@users.test", "a@b@c"]}),
        ("subject", {"subject": EVIL}),
        ("subject", {"subject": "line\u2028separator"}),
        ("subject", {"subject": "next\u0085line"}),
        ("subject", {"subject": "x" * 901}),
        ("sender_name", {"sender_name": EVIL}),
        ("sender_address", {"sender_address": "shop"}),
        ("reply_to", {"reply_to": EVIL}),
        ("headers", {"headers": {"X-A\r\nBcc": "victim@evil.test"}}),
        ("headers", {"headers": {"X-A": EVIL}}),
        ("headers", {"headers": {"X A": "space"}}),
        ("headers", {"headers": {"Bcc": "victim@evil.test"}}),
        ("headers", {"headers": {"content-type": "text/html"}}),
        ("headers", {"headers": {"=?utf-8?q?a=0D=0ABcc:_x@users.test?=": "b"}}),
        ("headers", {"headers": {"List-Unsubscribe": "<https://acme.test/ü>"}}),
        ("headers", {"headers": {"References": "<" + "x" * 998 + "@acme.test>"}}),
        ("to", {"to": "\ud800 <eve@users.test>"}),
        ("subject", {"subject": "half \udcff"}),
        ("sender_name", {"sender_name": "\ud800"}),
        ("reply_to", {"reply_to": "\ud800 <eve@users.test>"}),
        ("headers", {"headers": {"X-A": "\ud800"}}),
        ("text", {"text": "\ud800"}),
        ("html", {"html": "\ud800"}),
        ("attachments", {"attachments": [Attachment("\ud800", b"x")]}),
        ("text", {"text": ""}),
        ("text", {"text": "NUL \x00"}),
        ("text", {"text": "x" * (10 * 1024 * 1024 + 1)}),
        ("attachments", {"attachments": [Attachment(EVIL, b"x")]}),
        ("attachments", {"attachments": [Attachment("a", b"x", "text/html\r\nX: y")]}),
        ("attachments", {"attachments": [Attachment("a", b"x")] * 11}),
        ("attachments", {"attachments": [Attachment("a", b"x" * (10 * 1024 * 1024))]}),
    ],
)
def test_a_bad_mail_is_refused_naming_the_field_and_stores_nothing(field: str, values: dict[str, object]) -> None:
    with pytest.raises(ValidationError) as refused:
        send(None, **(GOOD | values))  # type: ignore[arg-type]
    assert list(refused.value.message_dict) == [field]
    assert not Email.objects.exists()


def test_each_recipient_has_a_delivery_of_its_own_and_nobody_two() -> None:
    email = send(
        None, to=["eve@users.test", "EVE@users.test"], cc="fay@users.test", bcc="gus@users.test", subject="s", text="t"
    )
    assert sorted(email.deliveries.values_list("recipient", flat=True)) == [
        "EVE@users.test",
        "fay@users.test",
        "gus@users.test",
    ]


def test_a_blind_copy_is_in_no_header() -> None:
    email = send(None, to="eve@users.test", bcc="gus@users.test", subject="s", text="t")
    assert set(email.deliveries.values_list("recipient", flat=True)) == {"eve@users.test", "gus@users.test"}
    assert b"eve@users.test" in bytes(email.content or b"")
    assert b"gus" not in bytes(email.content or b"")


def test_the_mail_is_rendered_once_with_text_html_and_attachment() -> None:
    email = send(
        None, to="Ève <eve@users.test>", subject="Grüße", text="Guten Tag", html="<p>Guten Tag</p>",
        headers={"X-Campaign": "spring"}, attachments=[Attachment("Übersicht.pdf", b"%PDF", "application/pdf")],
    )  # fmt: skip
    message = message_from_bytes(bytes(email.content or b""), policy=policy.default)
    assert (message["Subject"], message["To"], message["X-Campaign"]) == ("Grüße", "Ève <eve@users.test>", "spring")
    assert message["Message-ID"] == email.message_id
    assert [part.get_content_type() for part in message.walk() if not part.is_multipart()] == [
        "text/plain",
        "text/html",
        "application/pdf",
    ]


@pytest.mark.parametrize(
    ("typed", "parts"),
    [
        ("eve@users.test", ("", "eve@users.test")),
        ("Eve <eve@users.test>", ("Eve", "eve@users.test")),
        ('"Doe, \\"Eve\\"" <eve@users.test>', ('Doe, "Eve"', "eve@users.test")),
        ("<eve@USERS.test>", ("", "eve@users.test")),
    ],
)
def test_an_address_may_carry_a_display_name(typed: str, parts: tuple[str, str]) -> None:
    assert address(typed, "to") == Recipient(*parts)


@pytest.mark.parametrize("typed", ["Eve eve@users.test", "a@users.test, b@users.test", "<a@users.test> <b@users.test>"])
def test_two_addresses_in_one_are_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        address(typed, "to")


@given(st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), min_size=1))
def test_whatever_the_body_no_line_on_the_wire_is_too_long_or_badly_ended(body: str) -> None:
    content = bytes(send(None, to="eve@users.test", subject="s", text=body * 40, html=f"<p>{body}</p>").content or b"")
    assert max(len(line) for line in content.split(b"\r\n")) <= 998
    assert b"\r" not in content.replace(b"\r\n", b"")
    assert b"\n" not in content.replace(b"\r\n", b"")
    assert content.isascii()


@settings(deadline=None)
@given(
    st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=300),
    st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=300),
)
def test_what_is_read_is_what_was_written(text: str, html: str) -> None:
    message = message_from_bytes(b"MIME-Version: 1.0\r\n" + simple_content(text, html), policy=policy.default)
    assert isinstance(message, ReadMessage)
    written = {kind: content for kind, content in (("plain", text), ("html", html)) if content}
    for kind, content in written.items():
        part = message.get_body((kind,))
        assert part
        assert lines_of(part.get_content()) == lines_of(content)


def lines_of(content: str) -> list[str]:
    """Return the lines, whatever ends them; one line end more or less at the end of a message is none."""
    lines = re.split("\r\n?|\n", content)
    return lines[:-1] if len(lines) > 1 and not lines[-1] else lines


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=80))
def test_no_sender_name_can_begin_a_second_header(name: str) -> None:
    if CONTROL.search(name):
        with pytest.raises(ValidationError):
            one_line(name, "sender_name", most=80)
    else:
        lines = sender_lines(Address(name, "a@users.test"), "", smtputf8=False).split(b"\r\n")
        assert [line[:1] in b" \t" or line.startswith(b"From:") for line in lines[:-1]] == [True] * (len(lines) - 1)


def test_an_address_beyond_ascii_asks_for_smtputf8_and_its_domain_is_encoded() -> None:
    assert send(None, to="jörg@users.test", subject="s", text="t").smtputf8
    plain = send(None, to="joerg@bücher.test", subject="s", text="t")
    assert (plain.smtputf8, plain.deliveries.get().recipient) == (False, "joerg@xn--bcher-kva.test")


@pytest.fixture
def outbox() -> BaseEmailBackend:
    return OutboxBackend()


def test_djangos_own_mail_goes_into_the_outbox_on_the_platforms_route(outbox: BaseEmailBackend) -> None:
    assert send_mail("Hi", "Text", None, ["eve@users.test"], html_message="<p>Text</p>", connection=outbox) == 1
    email = Email.objects.get()
    assert (email.application, email.subject, email.wanted_address) == (None, "Hi", "")
    assert Delivery.objects.get().server_key == "default"


def test_djangos_mail_keeps_sender_reply_to_copies_and_attachments(outbox: BaseEmailBackend) -> None:
    message = EmailMultiAlternatives(
        "Hi", "Text", "Shop <shop@acme.test>", ["eve@users.test"], bcc=["gus@users.test"], cc=["fay@users.test"],
        reply_to=["desk@acme.test"], headers={"X-A": "b"}, connection=outbox,
    )  # fmt: skip
    message.attach("a.txt", "attached", "text/plain")
    message.send()
    email = Email.objects.get()
    assert (email.wanted_name, email.wanted_address, email.reply_to) == ("Shop", "shop@acme.test", "desk@acme.test")
    assert email.deliveries.count() == 3
    assert b'filename="a.txt"' in bytes(email.content or b"")


@pytest.mark.parametrize(
    ("asked", "sent"),
    [
        ("Globex Apps <eve@evil.test>", "eve@evil.test"),
        ('"desk@globex.test" <eve@evil.test>', "eve@evil.test"),
        ("Acme Desk <desk@acme.test>", "Acme Desk <desk@acme.test>"),
        ("\u202eDesk <desk@acme.test>", "Desk <desk@acme.test>"),
    ],
)
def test_no_reply_to_is_named_like_somebody_else(
    asked: str, sent: str, alice: User, acme: WhiteLabel, globex: WhiteLabel
) -> None:
    shop = make_application(alice, acme)
    assert send(shop, to="eve@users.test", subject="s", text="t", reply_to=asked).reply_to == sent


def test_djangos_mail_with_a_bad_header_is_refused_unless_told_to_be_silent(outbox: BaseEmailBackend) -> None:
    bad = EmailMessage("Hi", "Text", None, ["nobody"], connection=outbox)
    with pytest.raises(ValidationError):
        bad.send()
    assert OutboxBackend(fail_silently=True).send_messages([bad]) == 0
