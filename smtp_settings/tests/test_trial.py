"""Test e-mails: to the person alone, by the client of real mail, five an hour and twenty a day."""

import datetime
import threading

import pytest
import time_machine
from django.db import connection

from backoffice.models import User
from smtp_settings import preflight, trial
from smtp_settings.models import SmtpCheck, SmtpServer
from testing import factories
from testing.smtp import LoopbackSmtpServer

NOON = datetime.datetime(2026, 11, 23, 12, tzinfo=datetime.UTC)


def server_for(loopback: LoopbackSmtpServer) -> SmtpServer:
    return factories.make_server(
        secret="secret", sender_name="Bücher, Ltd", sender_address="mail@acme.test", **loopback.fields
    )


def test_a_test_e_mail_arrives(smtp_server: LoopbackSmtpServer, alice: User) -> None:
    steps = trial.send(server=server_for(smtp_server), secret="secret", person=alice)
    assert preflight.passed(steps)
    (mail,) = smtp_server.messages
    assert (mail.sender, mail.recipients, mail.tls, mail.user) == ("mail@acme.test", ("alice@acme.test",), True, "user")
    assert mail.parsed["From"] == '"Bücher, Ltd" <mail@acme.test>'
    assert mail.parsed["Auto-Submitted"] == "auto-generated"
    assert "alice@acme.test asked for it" in mail.parsed.get_content()


def test_a_test_e_mail_is_written_down(smtp_server: LoopbackSmtpServer, alice: User) -> None:
    server = server_for(smtp_server)
    steps = trial.send(server=server, secret="secret", person=alice)
    check = SmtpCheck.objects.get()
    assert (check.kind, check.ok, check.person, check.destination) == ("TEST", True, alice, str(server))
    assert check.steps == [step.as_json() for step in steps]


@pytest.mark.parametrize(
    ("phase", "reply", "words"),
    [
        ("RCPT", "550 5.7.1 relaying denied", "refused the recipient: “550 5.7.1 relaying denied”"),
        ("DATA", "554 5.7.1 no", "refused the message: “554 5.7.1 no”"),
        ("FINAL_DOT", "550 5.7.1 spam", "refused the message: “550 5.7.1 spam”"),
        ("FINAL_DOT", "close", "it may arrive all the same"),
    ],
)
def test_how_far_it_came_is_said(
    smtp_server: LoopbackSmtpServer, alice: User, phase: str, reply: str, words: str
) -> None:
    smtp_server.script(phase, reply)
    step = trial.send(server=server_for(smtp_server), secret="secret", person=alice)[-1]
    assert not step.ok
    assert words in step.sentence


def test_a_secret_that_the_server_echoes_is_not_written_down(smtp_server: LoopbackSmtpServer, alice: User) -> None:
    smtp_server.password = "canary-8731"
    smtp_server.script("FINAL_DOT", "554 no canary-8731")
    steps = trial.send(server=server_for(smtp_server), secret="canary-8731", person=alice)
    assert "canary-8731" not in repr(steps) + str(SmtpCheck.objects.get().steps)
    assert "[secret]" in repr(steps)


@pytest.mark.django_db
def test_five_an_hour_and_twenty_a_day(alice: User, bob: User) -> None:
    sent = [NOON + datetime.timedelta(minutes=13 * number) for number in range(60)]
    allowed = []
    for moment in sent:
        with time_machine.travel(moment, tick=False):
            if SmtpCheck.objects.may_test(alice):
                SmtpCheck.objects.create(tenant="t", destination="d", kind="TEST", person=alice, ok=False)
                allowed.append(moment)
    hours = [sum(begin <= one < begin + datetime.timedelta(hours=1) for one in allowed) for begin in allowed]
    assert max(hours) == 5
    assert len(allowed) == 20
    with time_machine.travel(sent[-1], tick=False):
        assert SmtpCheck.objects.may_test(bob)


@pytest.mark.django_db(transaction=True)
def test_two_tests_at_once_cannot_both_be_the_last(smtp_server: LoopbackSmtpServer, alice: User) -> None:
    server, refused = server_for(smtp_server), []
    for _ in range(4):
        SmtpCheck.objects.create(tenant="t", destination="d", kind="TEST", person=alice, ok=True)

    def send() -> None:
        try:
            trial.send(server=server, secret="secret", person=alice)
        except trial.TooManyTests as error:
            refused.append(str(error))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 3
    assert len(smtp_server.messages) == 1
