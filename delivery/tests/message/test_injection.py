"""Text that looks like an encoded word arrives as text, whatever field it was typed into: bytes at a real server.

A program that decodes what it writes would put a line end and a Bcc field, or the end of the header, on the wire.
"""

from collections.abc import Callable
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.utils import getaddresses
from typing import Any

import pytest

from delivery.api import Attachment, send, send_bulk
from delivery.models import Attempt
from people.models import User
from smtp_settings.models import SmtpServer
from testing.factories import make_application, make_domain
from testing.outbox import send_what_is_due
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import WhiteLabel

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.parametrize(
        "typed", ["=?utf-8?q?a=0D=0ABcc:_x@users.test?=", "=?utf-8?q?a=0D=0A=0D=0ABcc:_x@users.test?="]
    ),
]
GOOD: dict[str, Any] = {"to": "eve@users.test", "subject": "Hi", "text": "Text"}
USUAL = "From Message-ID To Date Subject MIME-Version Content-Type Content-Transfer-Encoding".split()


def at_the_server(server: LoopbackSmtpServer) -> bytes:
    send_what_is_due()
    (mail,) = server.messages
    return mail.content


def field_names(content: bytes) -> list[str]:
    """Return the names of the header fields, as the wire has them."""
    lines = content.partition(b"\r\n\r\n")[0].split(b"\r\n")
    return sorted(line.partition(b":")[0].decode() for line in lines if not line.startswith(b" "))


def text_of(field: str) -> Callable[[bytes], str]:
    return lambda content: str(message_from_bytes(content, policy=policy.default)[field])


def name_in(field: str) -> Callable[[bytes], str]:
    """Read a display name by Python's older parser: the newer one doubles blanks between encoded words until 3.13.2."""
    return lambda content: str(
        make_header(decode_header(getaddresses([message_from_bytes(content)[field].replace("\r\n", "")])[0][0]))
    )


Values = Callable[[str], dict[str, Any]]
FIELDS: dict[str, tuple[Values, list[str], Callable[[bytes], str]]] = {
    "subject": (lambda typed: {"subject": typed}, [], text_of("Subject")),
    "to": (lambda typed: {"to": f'"{typed}" <eve@users.test>'}, [], name_in("To")),
    "cc": (lambda typed: {"cc": f'"{typed}" <fay@users.test>'}, ["Cc"], name_in("Cc")),
    "reply_to": (lambda typed: {"reply_to": f'"{typed}" <gus@users.test>'}, ["Reply-To"], name_in("Reply-To")),
    "sender_name": (
        lambda typed: {"sender_name": typed, "sender_address": "s@acme.test"}, ["Reply-To"], name_in("Reply-To"),
    ),
    "header": (lambda typed: {"headers": {"X-Campaign": typed}}, ["X-Campaign"], text_of("X-Campaign")),
    "smtputf8": (lambda typed: {"subject": f"ü {typed}", "cc": "jörg@users.test"}, ["Cc"],
                 lambda content: text_of("Subject")(content).removeprefix("ü ")),
}  # fmt: skip


@pytest.mark.parametrize("field", FIELDS)
def test_what_is_typed_into_a_field_of_a_mail_arrives_as_text(
    field: str, typed: str, server: LoopbackSmtpServer
) -> None:
    values, further, read = FIELDS[field]
    send(None, **(GOOD | values(typed)))
    send_what_is_due()
    (content,) = {mail.content for mail in server.messages}
    assert field_names(content) == sorted([*USUAL, *further])
    assert read(content) == typed


def test_what_is_typed_for_many_arrives_as_text(typed: str, server: LoopbackSmtpServer) -> None:
    send_bulk(None, to=[f'"{typed}" <eve@users.test>'], subject=typed, text="Text")
    content = at_the_server(server)
    assert field_names(content) == sorted(USUAL)
    assert (text_of("Subject")(content), name_in("To")(content)) == (typed, typed)


def test_the_name_of_a_file_arrives_as_text(typed: str, server: LoopbackSmtpServer) -> None:
    send(None, **GOOD, attachments=[Attachment(typed, b"%PDF", "application/pdf")])
    content = at_the_server(server)
    assert field_names(content) == sorted({*USUAL} - {"Content-Transfer-Encoding"})
    (part,) = message_from_bytes(content, policy=policy.default).iter_attachments()
    assert (part.keys(), part.get_filename()) == (
        ["Content-Type", "Content-Transfer-Encoding", "Content-Disposition"],
        typed,
    )
    assert part.get_content() == b"%PDF"


def test_the_sender_name_of_a_server_arrives_as_text(typed: str, server: LoopbackSmtpServer) -> None:
    SmtpServer.objects.update(sender_name=typed)
    send(None, **GOOD)
    content = at_the_server(server)
    assert field_names(content) == sorted(USUAL)
    assert name_in("From")(content) == typed


def test_the_name_of_an_application_arrives_as_text(
    typed: str, alice: User, acme: WhiteLabel, server: LoopbackSmtpServer
) -> None:
    make_domain(acme)
    send(make_application(alice, acme, typed), **GOOD)
    content = at_the_server(server)
    assert field_names(content) == sorted(USUAL)
    assert name_in("From")(content) == typed


def test_the_delivery_log_shows_the_text(typed: str, server: LoopbackSmtpServer) -> None:
    send(None, **GOOD, reply_to=f'"{typed}" <gus@users.test>')
    at_the_server(server)
    assert Attempt.objects.get().reply_to == f'"{typed}" <gus@users.test>'
