"""Wake-ups through a real broker: few, never needed, and missed by nobody when the broker is away."""

import time
from collections.abc import Iterator

import pytest

from backoffice.celery import app
from delivery.models import Delivery
from delivery.outbox import wakeups
from delivery.outbox.wakeups import MERGE_SECONDS, RunWakeups, allow, suppress
from delivery.tasks import sweep
from delivery.worker import batch_size, queue_run, send_loop
from testing.mail import accept, drain
from testing.servers.smtp import LoopbackSmtpServer

pytestmark = pytest.mark.django_db(transaction=True)


def time_passes() -> None:
    """Wait until this process may wake again."""
    time.sleep(MERGE_SECONDS)


def slow_answer() -> str:
    """Answer when the time of a run is up."""
    time.sleep(queue_run.RUN_SECONDS)
    return "354 go on"


@pytest.fixture
def broker(valkey: str) -> Iterator[None]:
    """A broker with nothing in it, and nobody woken a moment ago."""
    time_passes()
    with app.connection_for_write() as connection:
        connection.default_channel.queue_purge("celery")
        yield
        connection.default_channel.queue_purge("celery")


def wake_ups() -> int:
    with app.connection_for_write() as connection:
        return int(connection.default_channel.queue_declare("celery", passive=True).message_count)


def test_many_inserts_make_one_wake_up(broker: None) -> None:
    for number in range(30):
        accept(f"user{number}@users.test")
    assert wake_ups() == 1


def test_while_a_run_is_at_work_nobody_else_is_called_and_once_it_listens_the_next_insert_wakes(broker: None) -> None:
    (delivery,) = accept()
    suppress(delivery.server_key)
    time_passes()
    accept()
    assert wake_ups() == 1
    allow(delivery.server_key)
    time_passes()
    accept()
    assert wake_ups() == 2


def test_when_a_run_has_ended_the_next_insert_wakes_again(broker: None, server: LoopbackSmtpServer) -> None:
    (delivery,) = accept()
    assert drain(delivery).status == "SENT"
    accept()
    assert wake_ups() == 2


def test_a_run_whose_time_is_up_calls_another_for_what_is_left(
    broker: None, server: LoopbackSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(batch_size, "FIRST_BATCH", 1)
    monkeypatch.setattr(send_loop, "SLOW_SECONDS", float("inf"))  # a run that is kept waiting has others called as well
    for name, value in {"RUN_SECONDS": 1, "HELP_EVERY_SECONDS": float("inf")}.items():
        monkeypatch.setattr(queue_run, name, value)
    server.script("DATA", slow_answer, times=1)
    drain(accept("eve@users.test", "fay@users.test")[0])
    assert sorted(Delivery.objects.values_list("status", flat=True)) == ["QUEUED", "SENT"]
    assert wake_ups() == 2


def test_the_sweep_wakes_for_what_is_due_and_for_what_a_dead_worker_left(broker: None) -> None:
    (delivery,) = accept()
    allow(delivery.server_key)
    time_passes()
    sweep()
    assert wake_ups() == 2


def test_mail_is_accepted_while_the_broker_is_away() -> None:
    accept()
    assert Delivery.objects.get().status == "QUEUED"


@pytest.mark.parametrize(
    ("name", "value"), [("LAST_POLL_SECONDS", 0.04), ("SUPPRESSED_SECONDS", 0.5), ("REQUESTED_SECONDS", 10)]
)
def test_times_that_would_leave_mail_unseen_are_refused(
    name: str, value: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    wakeups.check_timing()
    monkeypatch.setattr(wakeups, name, value)
    with pytest.raises(AssertionError):
        wakeups.check_timing()


def test_mail_committed_while_nobody_was_woken_is_seen_by_the_last_poll(broker: None) -> None:
    (delivery,) = accept()
    run = RunWakeups(delivery.server_key)
    run.polling(again_soon=True)
    time_passes()
    accept()
    assert run.wait(0, limit=10)
    assert Delivery.objects.count() == 2
    assert not run.wait(0, limit=10)
    assert wake_ups() == 1
