"""Whose fault a refusal is decides what becomes of the mail, of its server and of the mail of others."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.core.mail import EmailMessage
from django.utils import timezone

from delivery.models import Attempt, ConnectionSlot, Delivery, Suppression
from delivery.outbox.release import release
from delivery.tasks import sweep
from people.models import User
from smtp_settings.choices import Fault, State
from smtp_settings.models import Communication, ServerHealth, SmtpServer
from testing.factories import make_application, make_domain
from testing.mail import accept, drain, make_due
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import WhiteLabel

pytestmark = pytest.mark.django_db(transaction=True)

OURS = [
    ("MAIL", "553 5.7.1 sender not allowed", "the sender"),
    ("RCPT", "550 5.1.8 <sender@platform.test>: Sender address rejected: Domain not found", "the sender"),
    ("RCPT", "553 5.7.1 <sender@platform.test>: Sender address rejected: not owned by user bob", "the sender"),
    ("FINAL_DOT", "554 Message rejected: Email address is not verified.", "the sender"),
    ("MAIL", "530 5.7.0 Authentication required", "the sign-in"),
    ("RCPT", "550 5.7.1 Authentication required", "the sign-in"),
    ("RCPT", "554 5.7.1 <eve@users.test>: Relay access denied", "mail from this client"),
    ("RCPT", "554 5.7.1 <host[192.0.2.1]>: Client host rejected: Access denied", "mail from this client"),
    ("RCPT", "504 5.5.2 <localhost>: Helo command rejected: need fully-qualified hostname", "mail from this client"),
    ("EHLO", "550 5.7.1 go away", "mail from this client"),
]
TOO_MUCH = "450 4.7.1 Error: too much mail from 127.0.0.1"


def many(count: int) -> list[str]:
    return [f"user{number}@users.test" for number in range(count)]


def statuses() -> dict[str, int]:
    found = list(Delivery.objects.values_list("status", flat=True))
    return {status: found.count(status) for status in sorted(set(found))}


def drain_all() -> None:
    drain(Delivery.objects.latest("pk"))


@pytest.mark.parametrize(("phase", "reply", "what"), OURS)
def test_our_settings_refused_twice_pause_the_server_hold_its_mail_and_tell_its_people_once(
    phase: str, reply: str, what: str, server: LoopbackSmtpServer, owner: User, mailoutbox: list[EmailMessage]
) -> None:
    server.script(phase, reply)
    accept(*many(6))
    for _ in range(3):
        drain_all()
        sweep()
    row = SmtpServer.objects.get()
    assert (row.state, row.pause_reason) == (State.PAUSED, f"It refused {what} twice: {reply}")
    assert set(statuses()) <= {"HELD", "DEFERRED"}
    assert Attempt.objects.count() == 2
    assert [mail.to for mail in mailoutbox] == [[owner.email]]
    assert not Suppression.objects.exists()


@pytest.mark.parametrize(("phase", "reply", "what"), OURS)
def test_switched_on_again_all_of_it_leaves_and_has_lost_no_try(
    phase: str, reply: str, what: str, server: LoopbackSmtpServer
) -> None:
    server.script(phase, reply)
    accept(*many(6))
    for _ in range(3):
        drain_all()
    assert set(Delivery.objects.values_list("attempt_count", flat=True)) == {0}
    server.behave()
    SmtpServer.objects.update(state=State.VERIFIED, pause_reason="")
    release(Communication.current().smtp.key)
    drain_all()
    assert statuses() == {"SENT": 6}


@pytest.mark.parametrize("reply", ["554 5.7.1 Relay access denied", "550 5.1.8 Sender address rejected"])
def test_what_is_said_of_one_recipient_alone_pauses_nothing_and_fails_that_one_in_the_end(
    reply: str, server: LoopbackSmtpServer
) -> None:
    server.script("RCPT", reply, about="user3@")
    accept(*many(6))
    drain_all()
    assert statuses() == {"DEFERRED": 1, "SENT": 5}
    make_due(Delivery.objects.get(status="DEFERRED"))
    drain_all()
    assert statuses() == {"FAILED": 1, "SENT": 5}
    assert (SmtpServer.objects.get().state, ServerHealth.objects.get().failures) == (State.VERIFIED, 0)


def test_nor_does_one_recipient_refused_again_and_again_where_there_is_no_other_mail(
    server: LoopbackSmtpServer,
) -> None:
    server.script("RCPT", "554 5.7.1 Relay access denied")
    (delivery,) = accept()
    for _ in range(3):
        make_due(delivery)
        drain(delivery)
    assert (delivery.status, delivery.attempt_count) == ("DEFERRED", 0)
    assert SmtpServer.objects.get().state == State.VERIFIED


def test_what_is_said_of_two_messages_pauses_no_server_that_has_just_taken_others(server: LoopbackSmtpServer) -> None:
    accept("eve@users.test")
    drain_all()
    server.script("FINAL_DOT", "554 5.7.1 Message rejected: From address is a known spammer's", times=2)
    accept(*many(2))
    drain_all()
    assert SmtpServer.objects.get().state == State.VERIFIED
    assert ServerHealth.objects.get().failures == 0


@pytest.mark.parametrize(
    "reply",
    ["450 4.7.1 Slow down", "452 4.3.1 Insufficient system storage", "503 5.5.1 I do not like it", "421 4.3.2 no"],
)
def test_a_mail_that_is_refused_again_and_again_while_others_are_taken_uses_up_tries(
    reply: str, server: LoopbackSmtpServer
) -> None:
    server.script("RCPT", reply, about="user0@")
    (bad,) = accept("user0@users.test")
    for number in range(1, 6):
        ServerHealth.objects.all().delete()
        make_due(bad)
        drain(bad)
        accept(f"user{number}@users.test")
        Delivery.objects.filter(pk=bad.pk).update(due_at=timezone.now() + timedelta(hours=1))
        ServerHealth.objects.all().delete()
        drain_all()
    bad.refresh_from_db()
    assert statuses() == {"DEFERRED": 1, "SENT": 5}
    assert bad.attempt_count >= 2


def test_a_white_labels_domain_that_is_refused_as_sender_pauses_no_server_of_others(
    alice: User, acme: WhiteLabel, owner: User, server: LoopbackSmtpServer, mailoutbox: list[EmailMessage]
) -> None:
    make_domain(acme)
    server.script("MAIL", "554 5.1.8 domain not verified", about="@acme.test")
    accept(*many(4), application=make_application(alice, acme))
    accept("eve@users.test")
    drain_all()
    sweep()
    assert statuses() == {"DEFERRED": 4, "SENT": 1}
    assert SmtpServer.objects.get().state == State.VERIFIED
    assert sorted(mail.to[0] for mail in mailoutbox) == sorted(["alice@acme.test", "bob@acme.test", owner.email])
    assert "takes no mail from acme.test" in mailoutbox[0].body


def test_the_server_default_cannot_be_paused_and_is_left_alone_by_its_breaker(
    smtp_server: LoopbackSmtpServer, settings: LazySettings
) -> None:
    default = settings.DEFAULT_SMTP | {"host": "127.0.0.1", "port": smtp_server.port, "security": "NONE"}
    settings.DEFAULT_SMTP = default | {"auth": "NONE", "username": "", "password": ""}
    smtp_server.tls = None
    smtp_server.script("RCPT", "554 5.7.1 Relay access denied")
    accept(*many(20))
    for _ in range(4):
        drain_all()
    assert ServerHealth.objects.get(key="default").keeps_back
    assert Attempt.objects.count() < 10
    assert set(Delivery.objects.values_list("attempt_count", flat=True)) == {0}


def test_what_of_our_settings_is_refused_for_now_pauses_nothing(server: LoopbackSmtpServer) -> None:
    server.script("RCPT", "450 4.1.8 Sender address rejected: Domain not found")
    accept(*many(6))
    for _ in range(4):
        drain_all()
    assert (SmtpServer.objects.get().state, ServerHealth.objects.get().keeps_back) == (State.VERIFIED, True)
    assert set(Delivery.objects.values_list("attempt_count", flat=True)) == {0}


def test_a_secret_that_cannot_be_opened_pauses_the_server_at_once(
    server: LoopbackSmtpServer, owner: User, mailoutbox: list[EmailMessage]
) -> None:
    SmtpServer.objects.update(sealed_secret="sealed for another place")
    accept(*many(3))
    for _ in range(2):
        drain_all()
        sweep()
    assert SmtpServer.objects.get().pause_reason == "The stored secret cannot be opened; type it again."
    assert (Attempt.objects.count(), len(mailoutbox), server.connections) == (1, 1, 1)


@pytest.mark.parametrize("phase", ["MAIL", "RCPT", "FINAL_DOT"])
def test_a_rate_limit_slows_the_server_down_and_costs_no_try(phase: str, server: LoopbackSmtpServer) -> None:
    server.script(phase, "250 ok", times=3)
    server.script(phase, TOO_MUCH, times=2 if phase == "MAIL" else 1)  # also on a fresh connection
    accept(*many(6))
    drain_all()
    assert statuses() == {"SENT": 6}
    health = ServerHealth.objects.get()
    assert (health.failures, health.is_paced, health.is_resting) == (0, True, False)
    assert set(Delivery.objects.values_list("attempt_count", flat=True)) == {1}
    assert [attempt.fault for attempt in Attempt.objects.all() if attempt.fault] == [Fault.RATE_LIMIT]


def test_what_a_server_took_at_once_is_not_taken_for_its_rate_when_it_refuses_again(server: LoopbackSmtpServer) -> None:
    accept(*many(9))
    drain_all()
    now = timezone.now()
    ServerHealth.objects.update(rate=100, rate_at=now, allowance=9, allowance_at=now)
    server.script("MAIL", "250 ok", times=3)
    server.script("MAIL", TOO_MUCH)
    accept(*many(9))
    drain_all()
    assert ServerHealth.objects.get().taken_before == 3


def test_while_it_takes_no_more_its_mail_waits_and_is_not_tried(server: LoopbackSmtpServer) -> None:
    server.script("MAIL", TOO_MUCH)
    accept(*many(30))
    drain_all()
    tries = Attempt.objects.count()
    assert tries <= 3
    drain_all()
    assert Attempt.objects.count() == tries
    assert set(statuses()) == {"DEFERRED", "QUEUED"}
    assert Delivery.objects.filter(status="DEFERRED").first().status_reason == (  # type: ignore[union-attr]
        f"The server takes no more for now (sender): {TOO_MUCH}"
    )
    assert not ServerHealth.objects.get().is_open


def test_a_quota_that_is_used_up_rests_for_long(server: LoopbackSmtpServer) -> None:
    server.script("FINAL_DOT", "550 5.4.5 Daily user sending limit exceeded.", times=1)
    accept(*many(3))
    drain_all()
    assert statuses() == {"DEFERRED": 1, "QUEUED": 2}
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        drain_all()
    assert statuses() == {"SENT": 3}
    assert not ServerHealth.objects.get().is_paced


@pytest.mark.parametrize("phase", ["CONNECT", "EHLO", "MAIL", "FINAL_DOT"])
def test_a_crowd_while_others_work_gets_fewer_connections_and_opens_no_breaker(
    phase: str, server: LoopbackSmtpServer
) -> None:
    key = Communication.current().smtp.key
    others = [ConnectionSlot.take(key, most=5) for _ in range(3)]
    server.script(phase, "421 4.7.0 Error: too many connections from 127.0.0.1", times=1)
    accept(*many(3))
    drain_all()
    health = ServerHealth.objects.get()
    assert (health.failures, health.connections_of(5), health.is_resting) == (0, 2, False)
    for slot in filter(None, others):
        slot.release()
    drain_all()
    assert statuses() == {"SENT": 3}
    assert set(Delivery.objects.values_list("attempt_count", flat=True)) == {1}


def test_what_a_crowd_leaves_is_sent_at_once_over_fewer_connections(
    server: LoopbackSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    requested = list[str]()
    monkeypatch.setattr("delivery.outbox.wakeups.enqueue_run", requested.append)
    key = Communication.current().smtp.key
    ConnectionSlot.take(key, most=5)
    server.script("FINAL_DOT", "432 4.3.2 Concurrent connections limit exceeded.", times=1)
    accept(*many(3))
    requested.clear()
    drain_all()
    assert requested == [key]


def test_a_crowd_of_strangers_is_waited_for(server: LoopbackSmtpServer) -> None:
    server.script("CONNECT", "421 Too many concurrent SMTP connections; please try again later", times=1)
    accept(*many(3))
    drain_all()
    assert statuses() == {"SENT": 3}
    assert not ServerHealth.objects.get().is_paced


@pytest.mark.parametrize("reply", ["452 4.2.2 mailbox full", "552 5.2.2 mailbox full", "450 4.2.1 receiving too much"])
def test_one_full_mailbox_keeps_no_other_waiting(reply: str, server: LoopbackSmtpServer) -> None:
    server.script("RCPT", reply, about="user3@")
    accept(*many(30))
    accept(*(f"fay{number}@users.test" for number in range(30)))
    drain_all()
    assert statuses().get("SENT") == 59
    health = ServerHealth.objects.get()
    assert (health.failures, health.is_crowded, health.is_paced) == (0, False, False)


@pytest.mark.parametrize("reply", ["452 4.3.1 Insufficient system storage", "451 4.3.5 Server configuration problem"])
def test_a_busy_server_is_left_alone_and_costs_no_try(reply: str, server: LoopbackSmtpServer) -> None:
    server.script("RCPT", reply, times=1)
    accept(*many(3))
    drain_all()
    assert (statuses(), ServerHealth.objects.get().failures) == ({"DEFERRED": 1, "QUEUED": 2}, 1)
    drain_all()
    assert (statuses(), ServerHealth.objects.get().failures) == ({"SENT": 3}, 0)


@pytest.mark.parametrize(
    "reply", ["421 too many messages in this connection", "452 4.5.3 too many messages per session"]
)
def test_a_connection_that_has_carried_what_it_may_is_followed_by_another(
    reply: str, server: LoopbackSmtpServer
) -> None:
    server.script("MAIL", "250 ok", times=2)
    server.script("MAIL", reply, times=1)
    accept(*many(5))
    drain_all()
    assert (statuses(), server.connections) == ({"SENT": 5}, 2)
    assert not ServerHealth.objects.get().is_paced


@pytest.mark.parametrize(
    "reply",
    [
        "452 4.5.3 Too many recipients: Too many messages sent",
        "421 4.7.0 Too many messages for this session",
        "450 4.7.1 Error: too much mail from 127.0.0.1",
        "550 5.7.0 limit of messages per connection exceeded",
        "451 4.7.1 slow down",
    ],
)
def test_a_session_that_has_carried_what_it_may_is_followed_by_a_fresh_one(
    reply: str, server: LoopbackSmtpServer
) -> None:
    server.messages_a_session, server.session_is_over = 3, reply
    accept(*many(10))
    drain_all()
    assert statuses() == {"SENT": 10}
    assert set(Attempt.objects.values_list("outcome", flat=True)) == {"SENT"}
    health = ServerHealth.objects.get()
    assert (health.failures, health.is_well, SmtpServer.objects.get().state) == (0, True, State.VERIFIED)
