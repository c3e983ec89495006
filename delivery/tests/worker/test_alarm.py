"""A run is requested when a server may be sent to again: once, at the earliest time that was asked for."""

import time

import pytest

from delivery.worker import alarm
from delivery.worker.alarm import set_alarm


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    rung = list[str]()
    monkeypatch.setattr(alarm, "enqueue_run", rung.append)
    return rung


def wait_for(rung: list[str], count: int) -> None:
    until = time.monotonic() + 10
    while len(rung) < count and time.monotonic() < until:
        time.sleep(0.01)


def test_it_rings_once_for_each_server_however_many_ask(rung: list[str]) -> None:
    for seconds in (30, 0.2, 0.1, 20):
        set_alarm("first", seconds)
    set_alarm("second", 0.1)
    wait_for(rung, 2)
    time.sleep(0.3)
    assert sorted(rung) == ["first", "second"]


def test_it_can_be_set_anew_once_it_has_rung(rung: list[str]) -> None:
    for count in (1, 2):
        set_alarm("first", 0.01)
        wait_for(rung, count)
    assert rung == ["first", "first"]


def test_one_that_no_thread_was_left_for_keeps_no_later_one_from_being_set(
    rung: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_thread(timer: object) -> None:
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patched:
        patched.setattr("threading.Timer.start", no_thread)
        set_alarm("first", 0.01)
    set_alarm("first", 0.02)
    wait_for(rung, 1)
    assert rung == ["first"]


def test_what_is_far_away_is_left_to_the_sweep(rung: list[str]) -> None:
    set_alarm("first", alarm.LONGEST_SECONDS + 1)
    assert not alarm._alarms
