"""Several connections in one run: none waits for another, and what is in doubt is at most one delivery for each."""

import threading
import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

import pytest
from django.db import OperationalError, connection

from delivery.models import Attempt, ConnectionSlot, Delivery, Email
from delivery.outbox import record_sql
from delivery.outbox.batch import claim
from delivery.outbox.leased import LeasedDelivery
from delivery.outbox.record_sql import Accepted
from delivery.worker import send_loop
from delivery.worker.connection_pool import ConnectionSet, pool
from delivery.worker.queue_run import QueueRun
from delivery.worker.recording import Recorder
from smtp_settings.models import Communication, ServerHealth
from smtp_settings.transport.connection import Connection, wait_for_input
from smtp_settings.transport.session import Session
from smtp_settings.transport.submission import Submission
from testing.mail import accept, worker_died
from testing.servers.smtp import LoopbackSmtpServer

pytestmark = pytest.mark.django_db(transaction=True)


def run_over(count: int, *recipients: str) -> QueueRun:
    """Return a run over mail for `recipients` that has so many connections."""
    run = QueueRun(accept(*recipients)[0].server_key)
    server = Communication.current().smtp
    run.connections.taken = [taken for _ in range(count) if (taken := pool.take(server))]
    return run


def statuses() -> dict[str, int]:
    found = list(Delivery.objects.values_list("status", flat=True))
    return {status: found.count(status) for status in set(found)}


def run(count: int, *recipients: str) -> dict[str, int]:
    """Let mail for `recipients` leave over so many connections at once; return how many are in which status."""
    run_over(count, *recipients).run()
    return statuses()


def wait_until(true: Callable[[], bool], seconds: float = 5) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


def many(count: int) -> list[str]:
    return [f"user{number}@users.test" for number in range(count)]


def test_a_run_uses_all_its_connections(server: LoopbackSmtpServer) -> None:
    assert run(5, *many(30)) == {"SENT": 30}
    assert server.connections == 5
    assert len({mail.recipients for mail in server.messages}) == 30


@pytest.mark.parametrize("count", [1, 2])
def test_no_mail_is_begun_behind_a_final_dot_before_its_reply(count: int, server: LoopbackSmtpServer) -> None:
    server.script("FINAL_DOT", lambda: slowly(0.02, "250 2.0.0 kept"))
    assert run(count, *many(9)) == {"SENT": 9}
    assert (server.connections, server.too_early) == (count, b"")


def test_a_connection_that_waits_for_its_server_keeps_no_other_waiting(
    server: LoopbackSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smtp_settings.transport.submission.FINAL_DOT_SECONDS", 4)
    server.script("FINAL_DOT", "hang", times=1)
    assert run(2, *many(9)) == {"SENT": 8, "UNCERTAIN": 1}
    doubt = Attempt.objects.get(outcome="UNCERTAIN")
    last = Attempt.objects.filter(outcome="SENT").latest("at")
    assert (doubt.at - last.at).total_seconds() > 1


def gets_further_connection(server: LoopbackSmtpServer, reply: str) -> bool:
    """Send where the server says `reply` to a second connection; return whether that was opened."""
    server.script("CONNECT", "220 welcome", times=1)
    server.script("CONNECT", reply)
    run = run_over(1, *many(9))
    run.connections.taken[0].session.open()
    run.connections.grow(Communication.current().smtp, 2)
    (connect,) = run.connections._connecting
    run.run()
    wait_until(lambda: connect.is_over)
    return connect.succeeded


@pytest.mark.parametrize("reply", ["421 4.3.2 enough", "554 5.7.1 no", "close"])
def test_a_connection_that_cannot_be_opened_beside_others_is_done_without(
    reply: str, server: LoopbackSmtpServer
) -> None:
    assert not gets_further_connection(server, reply)
    assert statuses() == {"SENT": 9}
    assert not ServerHealth.objects.filter(failures__gt=0).exists()
    wait_until(lambda: ConnectionSlot.objects.in_use(Communication.current().smtp.key).count() == 1)


def test_a_server_that_says_it_is_too_much_gets_fewer_connections(server: LoopbackSmtpServer) -> None:
    assert not gets_further_connection(server, "432 4.3.2 too many connections")
    assert ServerHealth.objects.get().is_crowded
    assert statuses() == {"SENT": 9}


def test_mail_in_numbers_gets_further_connections(server: LoopbackSmtpServer) -> None:
    server.script("FINAL_DOT", lambda: slowly(0.02, "250 2.0.0 kept"))
    assert run(1, *many(45)) == {"SENT": 45}
    assert server.connections > 1


def slowly(seconds: float, reply: str) -> str:
    time.sleep(seconds)
    return reply


def test_trouble_on_one_connection_gives_back_what_the_others_have_not_ended(server: LoopbackSmtpServer) -> None:
    server.script("RCPT", "421 4.3.2 going down", about="user3@")
    found = run(2, *many(20))
    assert found["DEFERRED"] == 1
    assert set(found) == {"DEFERRED", "QUEUED", "SENT"}
    assert len(server.messages) == found["SENT"]


def test_a_worker_that_dies_leaves_one_mail_in_doubt_for_each_of_its_connections() -> None:
    accept(*many(6))
    deliveries = claim("default", limit=6).deliveries
    assert Recorder(deliveries[0].lease).announce(deliveries[:2]) == {delivery.pk for delivery in deliveries[:2]}
    worker_died()
    assert Delivery.objects.filter(status="UNCERTAIN", possible_duplicate=True).count() == 2
    assert Delivery.objects.filter(status="QUEUED").count() == 4


def test_without_pipelining_it_is_all_the_same(server: LoopbackSmtpServer) -> None:
    server.extensions = ("8BITMIME",)
    assert run(2, *many(9)) == {"SENT": 9}


def test_large_mail_is_read_a_piece_at_a_time(server: LoopbackSmtpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("delivery.outbox.leased.PIECE_BYTES", 1)
    assert [run(1), run(1)][-1] == {"SENT": 2}
    assert [mail.parsed.get_content() for mail in server.messages] == ["Text\r\n", "Text\r\n"]


@pytest.mark.postgres
def test_what_is_said_for_each_mail_is_planned_once_for_a_connection(server: LoopbackSmtpServer) -> None:
    run(1, *many(20))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT sum(generic_plans), sum(custom_plans) FROM pg_prepared_statements WHERE statement LIKE '%attempts%'"
        )
        ((generic, custom),) = cursor.fetchall()
    assert generic > 5
    assert custom == 0


def test_a_mail_that_takes_longer_than_a_batch_may_is_sent_all_the_same(
    server: LoopbackSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("delivery.worker.send_loop.LONGEST_BATCH_SECONDS", 0.05)
    server.script("RCPT", lambda: slowly(0.2, "250 ok"))
    assert run(1, "eve@users.test") == {"SENT": 1}
    assert server.connections == 1


def test_connections_beside_a_hung_one_are_there_for_others(
    server: LoopbackSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smtp_settings.transport.submission.FINAL_DOT_SECONDS", 4)
    server.script("FINAL_DOT", "hang", times=1)
    hung = threading.Thread(target=run_aside)
    hung.start()
    server.wait_for("FINAL_DOT")
    key = Communication.current().smtp.key
    wait_until(lambda: ConnectionSlot.objects.in_use(key).count() <= 2)
    hung.join()


def run_aside() -> None:
    run(3, *many(9))
    connection.close()


def test_an_answer_that_came_in_time_counts_however_late_it_is_read(
    server: LoopbackSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smtp_settings.transport.submission.FINAL_DOT_SECONDS", 0.3)
    real = Submission.wait

    def late(submission: Submission) -> None:
        time.sleep(0.4)
        real(submission)

    monkeypatch.setattr(Submission, "wait", late)
    assert run(1, *many(2)) == {"SENT": 2}


def test_a_slow_answer_to_one_recipient_keeps_no_other_connection_waiting(server: LoopbackSmtpServer) -> None:
    server.script("RCPT", lambda: slowly(1.5, "250 ok"), about="user0@")
    assert run(2, *many(20)) == {"SENT": 20}
    first, *others = sorted(Attempt.objects.all(), key=lambda attempt: attempt.milliseconds, reverse=True)
    assert first.milliseconds > 1000 > others[0].milliseconds


def test_what_could_not_be_written_down_is_written_with_the_next_try(
    server: LoopbackSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, failed = record_sql.commit, list[int]()

    def fails_once(*args: Any) -> set[int]:
        if args[1] and not failed:
            failed.append(1)
            raise OperationalError("deadlock detected")
        return real(*args)

    monkeypatch.setattr(record_sql, "commit", fails_once)
    with pytest.raises(OperationalError):
        run(1, *many(2))
    assert Delivery.objects.filter(status="SENT").count() == len(server.messages) == 1


def test_a_mail_that_cannot_be_written_is_held_and_keeps_no_other_waiting(server: LoopbackSmtpServer) -> None:
    broken, *_ = accept("eve@users.test"), accept("fay@users.test")
    Email.objects.filter(pk=broken[0].email_id).update(content=b"")
    QueueRun(broken[0].server_key).run()
    assert statuses() == {"HELD": 1, "SENT": 1}


def test_what_was_at_its_final_dot_once_is_not_so_for_the_next_worker() -> None:
    accept("eve@users.test")
    batch = claim("default", limit=1)
    Recorder(batch.lease).announce(batch.deliveries)
    batch.give_back(batch.deliveries)
    claim("default", limit=1)
    worker_died()
    assert Delivery.objects.get().status == "QUEUED"


def test_slots_are_given_back_also_when_one_cannot_be(
    server: LoopbackSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, tried = ConnectionSlot.release, list[int]()

    def fails_once(slot: ConnectionSlot) -> None:
        tried.append(1)
        if len(tried) == 1:
            raise OperationalError("away")
        real(slot)

    monkeypatch.setattr(ConnectionSlot, "release", fails_once)
    with pytest.raises(OperationalError):
        run(3, *many(9))
    assert ConnectionSlot.objects.in_use(Communication.current().smtp.key).count() <= 2


def test_connections_that_a_server_ends_at_once_count_as_one_failure(
    server: LoopbackSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    together = threading.Barrier(3)

    def going_down() -> str:
        together.wait(5)
        return "421 4.3.2 going down"

    def later(connections: list[Connection], seconds: float) -> None:
        time.sleep(0.1)  # so that all have answered
        wait_for_input(connections, seconds)

    run = run_over(3, *many(3))
    for connection_ in run.connections:
        connection_.session.open()
        connection_.messages = 1
    server.script("MAIL", going_down)
    server.script("CONNECT", "421 4.3.2 going down")
    monkeypatch.setattr(send_loop, "wait_for_input", later)
    run.run()
    assert ServerHealth.objects.get().failures == 1
    assert statuses() == {"DEFERRED": 1, "QUEUED": 2}


def test_a_batch_is_given_back_where_further_connections_cannot_be_asked_for(
    server: LoopbackSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: Any) -> None:
        raise OperationalError("away")

    run = run_over(1, *many(12))
    monkeypatch.setattr(ConnectionSet, "grow", away)
    ServerHealth.of(run.server_key).note_success()
    with pytest.raises(OperationalError):
        run.run()
    assert statuses() == {"QUEUED": 12}


def test_final_dots_are_written_before_a_connection_is_opened_again(
    server: LoopbackSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit, end, open_ = record_sql.commit, Submission.end, Session.open
    steps: list[str] = []

    def first_is_not_held(lease: UUID, accepted: Sequence[Accepted], following: Sequence[LeasedDelivery]) -> set[int]:
        held = commit(lease, accepted, following)
        if len(following) < 2 or "announced" in steps:
            return held
        steps.append("announced")
        return held - {following[0].pk}

    def noted_end(submission: Submission) -> None:
        steps.append("dot")
        end(submission)

    def noted_open(session: Session) -> None:
        steps.append("opened")
        open_(session)

    monkeypatch.setattr(record_sql, "commit", first_is_not_held)
    monkeypatch.setattr(Submission, "end", noted_end)
    monkeypatch.setattr(Session, "open", noted_open)
    assert run(3, *many(30)) == {"SENT": 30}
    after = steps[steps.index("announced") + 1 :]
    assert after.index("dot") < after.index("opened")


def test_what_was_accepted_is_recorded_before_a_connection_is_opened(
    server: LoopbackSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("delivery.worker.connection_pool.MESSAGES_PER_CONNECTION", 1)
    recorded: list[int] = []

    def greeting() -> str:
        recorded.append(Delivery.objects.filter(status="SENT").count())
        connection.close()
        return "220 welcome"

    server.script("CONNECT", greeting)
    assert run(1, *many(3)) == {"SENT": 3}
    assert recorded == [0, 1, 2]
