"""What becomes of a delivery: each outcome of a try over a real connection, and of a worker that died."""

import threading
from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone

from delivery.models import Attempt, Delivery
from delivery.outbox import record_sql
from delivery.outbox.batch import claim
from delivery.outbox.leased import LeasedDelivery
from delivery.outbox.record_sql import Accepted
from delivery.outbox.route_cache import cached_route
from delivery.tasks import sweep
from delivery.worker.recording import AttemptResult, Recorder
from people.models import User
from smtp_settings.choices import Outcome, Phase
from smtp_settings.transport.submission import SubmissionResult
from testing.mail import accept, drain, make_due, worker_died
from testing.servers.smtp import LoopbackSmtpServer

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_temporary_failure_is_tried_again_and_then_sent(server: LoopbackSmtpServer) -> None:
    server.script("RCPT", "450 4.2.1 mailbox busy", times=1)
    delivery = drain(accept()[0])
    assert (delivery.status, delivery.attempt_count) == ("DEFERRED", 1)
    assert delivery.due_at
    assert timedelta(seconds=45) < delivery.due_at - timezone.now() < timedelta(seconds=75)
    make_due(delivery)
    assert drain(delivery).status == "SENT"
    assert [(attempt.outcome, attempt.reply_code) for attempt in delivery.attempts.all()] == [
        ("TRANSIENT", 450),
        ("SENT", 250),
    ]


def test_a_permanent_failure_is_final_and_says_why(server: LoopbackSmtpServer) -> None:
    server.script("RCPT", "550 5.1.1 no such user")
    delivery = drain(accept()[0])
    assert (delivery.status, delivery.status_reason) == ("FAILED", "Refused (recipient): 550 5.1.1 no such user")
    assert (delivery.attempts.get().enhanced_code, server.messages) == ("5.1.1", [])


def test_one_refused_recipient_does_not_touch_the_other(server: LoopbackSmtpServer) -> None:
    server.script("RCPT", "550 5.1.1 no such user", about="nobody@")
    first, second = accept("nobody@users.test", "eve@users.test")
    assert (drain(first).status, drain(second).status) == ("FAILED", "SENT")
    assert [mail.recipients for mail in server.messages] == [("eve@users.test",)]


def test_mail_for_several_people_travels_over_one_connection(server: LoopbackSmtpServer) -> None:
    drain(accept("eve@users.test", "fay@users.test", "gus@users.test")[0])
    assert (len(server.messages), server.connections) == (3, 1)
    assert len({mail.parsed["Message-ID"] for mail in server.messages}) == 1


@pytest.mark.parametrize("phase", ["CONNECT", "EHLO", "STARTTLS", "AUTH", "MAIL", "RCPT", "DATA"])
def test_a_link_lost_before_the_final_dot_is_no_doubt(phase: str, server: LoopbackSmtpServer) -> None:
    server.script(phase, "close", times=1)
    delivery = drain(accept()[0])
    assert (delivery.status, delivery.attempt_count) == ("DEFERRED", 0)
    make_due(delivery)
    assert drain(delivery).status == "SENT"
    assert len(server.received) == 1


def test_a_link_lost_after_the_final_dot_is_uncertain_and_sent_once_more_flagged(server: LoopbackSmtpServer) -> None:
    server.script("FINAL_DOT", "close", times=1)
    delivery = drain(accept()[0])
    assert (delivery.status, delivery.possible_duplicate) == ("UNCERTAIN", True)
    assert delivery.due_at
    assert delivery.due_at - timezone.now() > timedelta(minutes=14)
    make_due(delivery)
    assert drain(delivery).status == "SENT"
    assert [attempt.possible_duplicate for attempt in delivery.attempts.all()] == [False, True]
    assert server.received[0].content == server.received[1].content


def test_uncertain_twice_waits_for_a_person(server: LoopbackSmtpServer) -> None:
    server.script("FINAL_DOT", "close")
    delivery = drain(accept()[0])
    make_due(delivery)
    assert (drain(delivery).status, delivery.due_at) == ("UNCERTAIN", None)


def test_garbage_after_acceptance_changes_nothing(server: LoopbackSmtpServer) -> None:
    server.script("QUIT", b"\x00\xff garbage\r\n")
    assert drain(accept()[0]).status == "SENT"
    assert len(server.messages) == 1


def test_a_server_that_refuses_the_sign_in_uses_up_no_tries(server: LoopbackSmtpServer) -> None:
    server.script("AUTH", "535 5.7.8 dXNlcjpzZWNyZXQ= is wrong, secret")
    deliveries = accept(*(f"user{number}@users.test" for number in range(30)))
    delivery = drain(deliveries[0])
    assert (delivery.status, delivery.attempt_count, server.connections) == ("DEFERRED", 0, 1)
    assert "secret" not in delivery.status_reason.replace("[secret]", "")
    assert Delivery.objects.filter(status="SENDING").count() == 0


def test_a_sign_in_refused_twice_pauses_the_server_and_tells_the_owner_once(
    server: LoopbackSmtpServer, owner: User, mailoutbox: list[EmailMessage]
) -> None:
    server.script("AUTH", "535 5.7.8 wrong")
    (delivery,) = accept()
    for _ in range(3):
        make_due(delivery)
        drain(delivery)
        sweep()
    assert (delivery.status, server.connections) == ("HELD", 2)
    assert (
        delivery.status_reason == "The platform's SMTP server is paused: It refused the sign-in twice: 535 5.7.8 wrong"
    )
    assert [(mail.to, mail.subject) for mail in mailoutbox] == [([owner.email], "The platform's SMTP server is paused")]


def test_a_kept_connection_that_was_closed_is_opened_again(server: LoopbackSmtpServer) -> None:
    server.script("RSET", "close", times=1)
    server.script("MAIL", "421 4.7.0 too many messages on one connection", times=1, about="SIZE")
    deliveries = accept("eve@users.test", "fay@users.test")
    drain(deliveries[0])
    make_due(deliveries[0])
    assert drain(deliveries[0]).status == "SENT"


def test_a_worker_that_died_before_the_final_dot_loses_nothing(server: LoopbackSmtpServer) -> None:
    (delivery,) = accept()
    claim(delivery.server_key, limit=1)
    worker_died()
    assert drain(delivery).status == "SENT"


def test_a_worker_that_died_after_announcing_the_final_dot_leaves_it_uncertain(server: LoopbackSmtpServer) -> None:
    (delivery,) = accept()
    batch = claim(delivery.server_key, limit=1)
    assert Recorder(batch.lease).announce(batch.deliveries)
    worker_died()
    delivery.refresh_from_db()
    assert (delivery.status, delivery.possible_duplicate) == ("UNCERTAIN", True)


def accepted(delivery: LeasedDelivery) -> Accepted:
    result = SubmissionResult(Outcome.SENT, Phase.DONE, "ok", 250)
    return AttemptResult(delivery, cached_route(delivery), result).accepted


def test_a_worker_that_lost_its_lease_can_write_nothing(server: LoopbackSmtpServer) -> None:
    (delivery,) = accept()
    stopped = claim(delivery.server_key, limit=1)
    worker_died()
    claim(delivery.server_key, limit=1)
    assert not Recorder(stopped.lease).announce(stopped.deliveries)
    assert not stopped.deliveries[0].row.fail("too late")
    record_sql.commit(stopped.lease, [accepted(stopped.deliveries[0])], [])
    assert (Delivery.objects.get().status, Attempt.objects.count()) == ("SENDING", 0)


def test_mail_is_given_up_after_its_time(server: LoopbackSmtpServer) -> None:
    server.script("RCPT", "450 4.2.1 mailbox busy")
    (delivery,) = accept()
    delivery.email.accepted_at = timezone.now() - timedelta(hours=73)
    delivery.email.save()
    assert (drain(delivery).status, delivery.status_reason[:9]) == ("EXPIRED", "Given up.")


def test_a_cancelled_delivery_is_not_sent_and_can_be_sent_after_all(server: LoopbackSmtpServer) -> None:
    (delivery,) = accept()
    assert delivery.cancel("Cancelled by Alice.")
    assert (drain(delivery).status, server.messages) == ("CANCELLED", [])
    assert delivery.retry()
    assert drain(delivery).status == "SENT"


def test_a_delivery_on_its_way_can_be_neither_cancelled_nor_retried(server: LoopbackSmtpServer) -> None:
    (delivery,) = accept()
    claim(delivery.server_key, limit=1)
    assert not delivery.cancel("Too late.")
    assert not delivery.retry()


def test_a_worker_told_to_end_stops_after_the_present_mail(
    server: LoopbackSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("delivery.worker.queue_run.stopping", told := threading.Event())

    def tell() -> str:
        told.set()
        return "250 2.0.0 kept"

    server.script("FINAL_DOT", tell)
    drain(accept("eve@users.test", "fay@users.test", "gus@users.test")[0])
    assert sorted(Delivery.objects.values_list("status", flat=True)) == ["QUEUED", "QUEUED", "SENT"]


def test_a_connection_in_the_middle_of_a_message_is_never_used_again(
    server: LoopbackSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down(*_: object) -> set[int]:
        raise RuntimeError("The database went away.")

    with monkeypatch.context() as before_the_final_dot:
        before_the_final_dot.setattr(record_sql, "commit", break_down)
        with pytest.raises(RuntimeError):
            drain(accept("eve@users.test")[0])
    assert server.received == []
    assert drain(accept("fay@users.test")[0]).status == "SENT"
    assert server.connections == 2
