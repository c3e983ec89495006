"""No mail is left that nobody looks for: a run that waits or ends lets others be called, or calls them itself."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.core.cache import cache
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from delivery.models import ConnectionSlot, Delivery, Suppression
from delivery.outbox.release import release
from delivery.outbox.wakeups import RunWakeups, polls_soon, suppress
from delivery.worker import heartbeat
from delivery.worker.connection_pool import ConnectionSet, pool
from delivery.worker.queue_run import QueueRun
from smtp_settings.models import Communication, ServerHealth, SmtpServer
from smtp_settings.models.health import PROBE_SECONDS
from testing.mail import accept, drain
from testing.servers.smtp import LoopbackSmtpServer

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The servers that a run has called others for."""
    called: list[str] = []
    monkeypatch.setattr(RunWakeups, "request", lambda run: called.append(run.server_key))
    return called


def others_may_be_called(key: str) -> bool:
    return cache.add(f"delivery:awake:{key}", 1) and not polls_soon(key)


def drained_apart(delivery: Delivery) -> None:
    """Drain over a database connection of an own."""
    drain(delivery)
    database.close()


def wait_until(true: Callable[[], bool], seconds: float = 4) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_run_that_finds_no_connection_lets_the_next_mail_call_another(server: LoopbackSmtpServer) -> None:
    (delivery,) = accept()
    SmtpServer.objects.update(max_connections=1)
    assert ConnectionSlot.take(delivery.server_key, most=1)
    suppress(delivery.server_key)
    assert drain(delivery).status == "QUEUED"
    assert others_may_be_called(delivery.server_key)


def test_a_run_that_its_server_keeps_waiting_calls_another(
    server: LoopbackSmtpServer, called: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smtp_settings.transport.submission.FINAL_DOT_SECONDS", 3)
    (delivery,) = accept()
    server.script("FINAL_DOT", "hang", times=1)
    run = threading.Thread(target=drained_apart, args=[delivery])
    run.start()
    server.wait_for("FINAL_DOT")
    run.join(timeout=2)
    assert run.is_alive()
    assert called == [delivery.server_key]
    assert others_may_be_called(delivery.server_key)
    run.join()


def test_what_came_while_a_run_had_the_only_connection_is_handed_over(
    server: LoopbackSmtpServer, called: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    release_all = ConnectionSet.release_all

    def mail_comes(connections: ConnectionSet) -> None:
        accept("late@users.test")
        release_all(connections)

    monkeypatch.setattr(ConnectionSet, "release_all", mail_comes)
    (delivery,) = accept()
    drain(delivery)
    assert called == [delivery.server_key]


def test_a_run_in_trouble_calls_nobody(server: LoopbackSmtpServer, called: list[str]) -> None:
    server.script("CONNECT", "421 4.3.2 too busy", times=1)
    accept("other@users.test")
    drain(accept()[0])
    assert Delivery.objects.due(timezone.now()).exists()
    assert called == []


def test_without_a_free_connection_no_probe_is_used_up(server: LoopbackSmtpServer) -> None:
    (delivery,) = accept()
    ServerHealth.objects.create(key=delivery.server_key, failures=3, open_until=timezone.now())
    SmtpServer.objects.update(max_connections=1)
    slot = ConnectionSlot.take(delivery.server_key, most=1)
    assert slot
    assert drain(delivery).status == "QUEUED"
    slot.release()
    assert drain(delivery).status == "SENT"


def test_a_probe_without_mail_is_given_back(server: LoopbackSmtpServer) -> None:
    key = Communication.current().smtp.key
    ServerHealth.objects.create(key=key, failures=3, open_until=timezone.now())
    with CaptureQueriesContext(database) as asked:
        QueueRun(key).run()
    assert any("""SET "probe_until" = '""" in query["sql"] for query in asked)  # it was taken
    assert ServerHealth.objects.get().probe_until is None


def test_released_mail_is_not_held_again_by_what_is_remembered(server: LoopbackSmtpServer) -> None:
    (delivery,) = accept()
    SmtpServer.objects.get().pause("It refused the sign-in twice.")
    assert drain(delivery).status == "HELD"
    SmtpServer.objects.update(state="VERIFIED", pause_reason="")
    release(delivery.server_key)
    QueueRun(delivery.server_key).run()
    delivery.refresh_from_db()
    assert delivery.status == "SENT"


def test_a_connection_kept_often_is_looked_after_once(server: LoopbackSmtpServer) -> None:
    smtp = Communication.current().smtp
    drain(accept()[0])
    for _ in range(3):
        connection = pool.take(smtp)
        assert connection
        pool.release(connection)
    assert heartbeat._held.count(pool._close_old) == 1


def test_a_probe_that_has_no_allowance_is_given_back(server: LoopbackSmtpServer) -> None:
    (delivery,) = accept()
    SmtpServer.objects.update(messages_per_minute=1)
    health = ServerHealth.of(delivery.server_key)
    health.take_allowance(1, per_minute=1)
    ServerHealth.objects.update(failures=3, open_until=timezone.now())
    assert drain(delivery).status == "QUEUED"
    assert ServerHealth.objects.get().take_probe()


def test_where_the_mail_of_a_probe_is_held_the_next_one_is_the_probe(server: LoopbackSmtpServer) -> None:
    Suppression.objects.create(address="gone@users.test", reason="550 5.1.1 nobody")
    (held,), (next_one,) = accept("gone@users.test"), accept("fine@users.test")
    ServerHealth.objects.create(key=held.server_key, failures=3, open_until=timezone.now())
    assert drain(held).status == "HELD"
    next_one.refresh_from_db()
    assert next_one.status == "SENT"


def test_a_probe_that_others_have_taken_meanwhile_stays_theirs(db: None) -> None:
    ServerHealth.objects.create(key="some", failures=3, open_until=timezone.now())
    mine, other = ServerHealth.of("some"), ServerHealth.of("some")
    assert mine.take_probe()
    with time_machine.travel(timezone.now() + timedelta(seconds=PROBE_SECONDS + 1)):
        assert other.take_probe()
        mine.give_probe_back()
        assert not ServerHealth.of("some").take_probe()
        other.give_probe_back()
        assert ServerHealth.of("some").take_probe()


def test_what_a_batch_does_not_begin_any_more_is_left_to_others_while_a_final_dot_hangs(
    server: LoopbackSmtpServer, called: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smtp_settings.transport.submission.FINAL_DOT_SECONDS", 5)
    monkeypatch.setattr("delivery.worker.send_loop.LONGEST_BATCH_SECONDS", 1.5)
    server.script("FINAL_DOT", "hang", times=1)
    first, *others = accept("hung@users.test", "a@users.test", "b@users.test")
    run = threading.Thread(target=drained_apart, args=[first])
    run.start()
    server.wait_for("FINAL_DOT")
    wait_until(lambda: len(called) == 2)
    assert {delivery.status for delivery in Delivery.objects.filter(pk__in=[other.pk for other in others])} == {
        "QUEUED"
    }
    run.join()
    first.refresh_from_db()
    assert first.status == "UNCERTAIN"
