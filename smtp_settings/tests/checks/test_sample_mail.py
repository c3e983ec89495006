"""Test e-mails: to the person alone, by the client of real mail, five an hour and twenty a day."""

import datetime
from email import message_from_bytes
from email.header import decode_header, make_header
from email.utils import parseaddr

import pytest
import time_machine

from people.models import User
from smtp_settings.checks import preflight, request
from smtp_settings.models import SmtpCheck, SmtpServer
from testing import factories
from testing.fixtures import SmtpServerFactory
from testing.servers.smtp import LoopbackSmtpServer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("worker_at_once")]
NOON = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)
TEST = SmtpCheck.Kind.TEST
FIELDS = "Subject From To Date Message-ID Auto-Submitted Content-Type Content-Transfer-Encoding MIME-Version".split()


def server_for(loopback: LoopbackSmtpServer) -> SmtpServer:
    return factories.make_server(
        secret="secret", sender_name="Bücher, Ltd", sender_address="mail@acme.test", **loopback.fields
    )


def test_a_test_e_mail_arrives(smtp_server: LoopbackSmtpServer, alice: User) -> None:
    check = request.start(TEST, server_for(smtp_server), "secret", alice)
    assert check.ok
    (mail,) = smtp_server.messages
    assert (mail.sender, mail.recipients, mail.tls, mail.user) == ("mail@acme.test", ("alice@acme.test",), True, "user")
    assert mail.parsed["From"] == '"Bücher, Ltd" <mail@acme.test>'
    assert mail.parsed["Auto-Submitted"] == "auto-generated"
    assert "alice@acme.test asked for it" in mail.parsed.get_content()


@pytest.mark.parametrize("end", ["=0D=0A", "=0D=0A=0D=0A"])
def test_a_sender_name_of_a_test_e_mail_is_never_decoded(
    end: str, smtp_server: LoopbackSmtpServer, alice: User
) -> None:
    server = server_for(smtp_server)
    server.sender_name = f"=?utf-8?q?a{end}Bcc:_x@users.test?="
    assert request.start(TEST, server, "secret", alice).ok
    mail = smtp_server.messages[0].parsed
    assert sorted(mail.keys()) == sorted(FIELDS)
    name, address = parseaddr(message_from_bytes(smtp_server.messages[0].content)["From"].replace("\r\n", ""))
    assert (str(make_header(decode_header(name))), address) == (server.sender_name, "mail@acme.test")


def test_a_test_e_mail_is_written_down(smtp_server: LoopbackSmtpServer, alice: User) -> None:
    server = server_for(smtp_server)
    check = request.start(TEST, server, "secret", alice)
    assert (check.kind, check.ok, check.person, check.destination) == ("TEST", True, alice, str(server))
    assert check.steps[-1]["step"] == "Accepted by the server"
    assert check.transcript[-1] == "S: 250 2.0.0 kept"


@pytest.mark.parametrize(
    ("phase", "reply", "words"),
    [
        ("EHLO", "close", "hung up in the middle"),
        ("MAIL", "hang", "The server stopped answering"),
        ("MAIL", "close", "hung up in the middle"),
        ("MAIL", "welcome", "answered something that is not SMTP"),
        ("RCPT", "550 5.1.8 no", "does not know the domain of mail@acme.test"),
        ("RCPT", "550 5.7.1 no", "refused the recipient, your own address: “550 5.7.1 no”"),
        ("DATA", "554 5.7.1 no", "refused the message: “554 5.7.1 no”"),
        ("FINAL_DOT", "550 5.7.1 spam", "refused the message: “550 5.7.1 spam”"),
        ("FINAL_DOT", "close", "closed the connection after the whole message was sent. It may arrive all the same"),
        ("FINAL_DOT", "welcome", "not SMTP after the whole message was sent. It may arrive all the same"),
    ],
)
def test_how_far_it_came_is_said(
    smtp_server: LoopbackSmtpServer, alice: User, monkeypatch: pytest.MonkeyPatch, phase: str, reply: str, words: str
) -> None:
    monkeypatch.setattr(preflight, "REPLY_SECONDS", 1)
    smtp_server.script(phase, reply)
    check = request.start(TEST, server_for(smtp_server), "secret", alice)
    assert words in check.failed_step["sentence"]


def test_a_message_that_the_server_cannot_take_is_said_to_be_that(
    smtp_server_factory: SmtpServerFactory, alice: User
) -> None:
    check = request.start(TEST, server_for(smtp_server_factory(max_bytes=10)), "secret", alice)
    assert "this server takes at most 10" in check.failed_step["sentence"]


def test_a_secret_that_the_server_echoes_is_not_written_down(smtp_server: LoopbackSmtpServer, alice: User) -> None:
    smtp_server.password = "canary-8731"
    smtp_server.script("FINAL_DOT", "554 no canary-8731")
    check = request.start(TEST, server_for(smtp_server), "canary-8731", alice)
    assert "canary-8731" not in str(SmtpCheck.objects.values().get())
    assert "[secret]" in check.failed_step["sentence"]


def test_five_an_hour_and_twenty_a_day(alice: User, bob: User) -> None:
    sent = [NOON + datetime.timedelta(minutes=13 * number) for number in range(60)]
    allowed = []
    for moment in sent:
        with time_machine.travel(moment, tick=False):
            if SmtpCheck.objects.may_start(alice, TEST):
                SmtpCheck.objects.create(scope_key="t", destination="d", kind=TEST, person=alice)
                allowed.append(moment)
    hours = [sum(begin <= one < begin + datetime.timedelta(hours=1) for one in allowed) for begin in allowed]
    assert max(hours) == 5
    assert len(allowed) == 20
    with time_machine.travel(sent[-1], tick=False):
        assert SmtpCheck.objects.may_start(bob, TEST)
