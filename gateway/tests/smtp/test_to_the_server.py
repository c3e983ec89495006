"""What a server gets of a message that an application wrote: with the route's sender, in a form that it takes."""

import pytest

from delivery.models import Delivery, Email
from gateway.models import Key
from gateway.smtp import acceptance
from people.models import User
from testing import factories
from testing.outbox import send_what_is_due
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import WhiteLabel

pytestmark = pytest.mark.django_db(transaction=True)

DANA = "dana@customer.test"
BODY = "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\nGrüße\r\n".encode()
SIGNED = (
    'Content-Type: multipart/signed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nGrüße\r\n'
    "--b\r\nContent-Type: application/pgp-signature\r\n\r\nx\r\n--b--\r\n"
).encode()


@pytest.fixture
def server(smtp_server: LoopbackSmtpServer) -> LoopbackSmtpServer:
    """The platform's server, switched on."""
    row = factories.make_server(secret="secret", sender_address="hello@builder.example", **smtp_server.fields)
    factories.switch_on_platform_smtp(row)
    return smtp_server


@pytest.fixture
def key(acme: WhiteLabel, alice: User) -> Key:
    key = factories.make_key(factories.make_application(alice, acme), alice)
    assert key.application is not None
    return key


def submit(key: Key, data: bytes, *, null: bool = False, smtputf8: bool = False, to: str = DANA) -> str:
    submitted = acceptance.Submitted(key, b"\r\n" + data, [to], null, smtputf8, "laptop", "2001:db8::1")
    return acceptance.take([submitted])[0]


def test_the_routes_sender_stands_behind_the_way_and_the_applications_gets_the_answers(
    server: LoopbackSmtpServer, key: Key
) -> None:
    assert (
        submit(key, b"From: Shop <shop@acme.test>\r\nTo: dana@customer.test\r\nSubject: x\r\n\r\nHi\r\n")[:3] == "250"
    )
    send_what_is_due()
    message = server.messages[0]
    names = [name for name, _ in message.parsed.items()]
    assert names == ["Received", "From", "Reply-To", "Message-ID", "Date", "To", "Subject"]
    assert message.parsed["From"].addresses[0].addr_spec == message.sender == "hello@builder.example"
    assert message.parsed["Reply-To"] == "Shop <shop@acme.test>"
    assert "from laptop ([IPv6:2001:db8::1])" in message.parsed["Received"]


@pytest.mark.parametrize(("smtputf8", "protocol"), [(False, "ESMTPSA"), (True, "UTF8SMTPSA")])
def test_received_says_by_which_protocol_it_came(smtputf8: bool, protocol: str, key: Key) -> None:
    assert submit(key, b"Subject: x\r\n\r\nHi\r\n", smtputf8=smtputf8)[:3] == "250"
    assert f" with {protocol} id ".encode() in bytes(Email.objects.get().content or b"")


def test_the_null_reverse_path_is_null_at_the_server(server: LoopbackSmtpServer, key: Key) -> None:
    submit(key, b"From: shop@acme.test\r\n\r\nI am away\r\n", null=True)
    send_what_is_due()
    assert server.messages[0].sender == ""


def test_8bit_content_is_sent_as_it_is_to_a_server_that_takes_it(server: LoopbackSmtpServer, key: Key) -> None:
    submit(key, BODY)
    send_what_is_due()
    assert server.messages[0].content.endswith("\r\n\r\nGrüße\r\n".encode())
    assert "BODY=8BITMIME" in server.messages[0].options


def test_8bit_content_is_encoded_for_a_server_that_does_not_take_it(server: LoopbackSmtpServer, key: Key) -> None:
    server.extensions = ("PIPELINING",)
    submit(key, BODY)
    send_what_is_due()
    message = server.messages[0]
    assert message.content.isascii()
    assert message.parsed.get_content() == "Grüße\r\n"
    assert "BODY" not in message.options


def test_letters_in_the_header_are_encoded_for_a_server_without_smtputf8(server: LoopbackSmtpServer, key: Key) -> None:
    server.extensions = ("8BITMIME",)
    submit(key, "To: Zoë <zoe@customer.test>\r\nSubject: Grüße\r\n\r\nHi\r\n".encode(), smtputf8=True)
    send_what_is_due()
    message = server.messages[0]
    assert message.content.isascii()
    assert (message.parsed["Subject"], message.parsed["To"]) == ("Grüße", "Zoë <zoe@customer.test>")


def test_letters_in_the_header_stay_for_a_server_with_smtputf8(server: LoopbackSmtpServer, key: Key) -> None:
    submit(key, "To: zoe@customer.test\r\nSubject: Grüße\r\n\r\nHi\r\n".encode(), smtputf8=True)
    send_what_is_due()
    assert "Subject: Grüße\r\n".encode() in server.messages[0].content


@pytest.mark.parametrize(("data", "to", "why"), [(SIGNED, DANA, "signature"), (BODY, "zoë@customer.test", "SMTPUTF8")])
def test_what_no_encoding_can_mend_fails_in_words(
    server: LoopbackSmtpServer, key: Key, data: bytes, to: str, why: str
) -> None:
    server.extensions = ()
    submit(key, data, to=to, smtputf8=True)
    send_what_is_due()
    delivery = Delivery.objects.get()
    assert delivery.status == Delivery.Status.FAILED
    assert why in delivery.status_reason
    assert server.received == []


def test_a_test_key_sends_nothing_but_all_else_is_the_same(
    server: LoopbackSmtpServer, acme: WhiteLabel, alice: User
) -> None:
    key = factories.make_key(factories.make_application(alice, acme), alice, test=True)
    assert submit(key, b"Subject: x\r\n\r\nHi\r\n")[:3] == "250"
    send_what_is_due()
    assert Delivery.objects.get().status == Delivery.Status.TEST
    assert server.received == []
