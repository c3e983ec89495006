"""How much a server takes: learned from its refusals, shared by all workers, and more with time."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from smtp_settings.models import ServerHealth

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def health() -> ServerHealth:
    return ServerHealth.of("some")


def granted(wanted: int = 100) -> int:
    return health().take_allowance(wanted, per_minute=0)


def limited(*, taken: int = 300, seconds: float = 2) -> None:
    health().note_limited("450 too much mail", taken=taken, seconds=seconds)


def at(seconds: float) -> time_machine.travel:
    return time_machine.travel(NOON + timedelta(seconds=seconds), tick=False)


@pytest.fixture
def learned(db: None) -> None:
    """A server that took 300 messages in 2 s, refused more, and took one 58 s later: five a second."""
    with at(0):
        limited()
    with at(58):
        assert granted() == 1
        health().note_success(is_probe=True)


def test_a_server_that_is_well_costs_no_statement(django_assert_num_queries: pytest.FixtureRequest) -> None:
    known = health()
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert known.take_allowance(100, per_minute=0) == 100


def test_a_server_that_refuses_rests_and_is_tried_by_one_message_after_pauses_that_double() -> None:
    tried = []
    with at(0):
        limited()
    for tenth in range(330):
        with at(tenth / 10):
            tried += [tenth / 10] * granted()
    assert tried == [1, 3, 7, 15, 31]


def test_a_server_that_refuses_after_a_silence_is_not_taken_for_the_slowest() -> None:
    with at(0):
        limited(taken=0, seconds=0)
    with at(1):
        assert granted() == 1
        health().note_success(is_probe=True)
        assert health().slowed_to == 60


def test_refusals_of_what_was_under_way_are_one_event() -> None:
    with at(0):
        limited()
        limited(taken=301)
    assert (health().rest_seconds, health().taken_before) == (1, 300)


def test_a_message_that_was_under_way_and_is_taken_ends_no_rest() -> None:
    with at(0):
        limited()
        health().note_success()
        assert granted() == 0


def test_what_it_takes_is_what_it_took_by_the_time_until_it_takes_more(learned: None) -> None:
    with at(58):
        assert health().slowed_to == 300


def test_its_rate_is_shared_by_all_workers_and_leaves_no_burst_behind(learned: None) -> None:
    with at(59):
        assert [granted(3), granted(3), granted(3)] == [3, 2, 0]
    with at(600):
        assert granted() < 20


def test_what_was_granted_and_not_used_is_given_back(learned: None) -> None:
    with at(59):
        mine = health()
        assert mine.take_allowance(100, per_minute=0) == 5
        mine.give_allowance_back(4)
        assert granted() == 4


def test_a_rest_that_found_no_mail_to_try_it_with_is_as_long_as_before() -> None:
    with at(0):
        limited()
    with at(1):
        mine = health()
        assert mine.take_allowance(1, per_minute=0) == 1
        mine.give_allowance_back(1)
        assert (granted(), health().rest_seconds) == (1, 2)


def test_it_is_sent_more_with_time_and_as_configured_in_the_end(learned: None) -> None:
    rates = []
    for minutes in (0, 1, 10, 20):
        with at(58 + minutes * 60):
            rates.append(health().slowed_to)
    assert rates == [300, 330, 778, 2018]
    with at(24 * 3600):
        assert not health().is_paced
        assert granted() == 100


def test_a_limit_by_the_second_is_learned_as_well() -> None:
    with at(0):
        limited(taken=14, seconds=0.4)
    with at(1):
        granted()
        health().note_success(is_probe=True)
        assert health().slowed_to == 600


def test_a_server_that_took_nothing_lately_is_not_left_alone_for_ever() -> None:
    with at(0):
        limited(taken=0, seconds=0)
    with at(63):
        granted()
        health().note_success(is_probe=True)
        assert health().slowed_to == 6


def test_it_says_when_the_next_message_may_leave(learned: None) -> None:
    with at(58):
        assert health().wait_seconds == pytest.approx(0.2)
    with at(59):
        granted()
        assert health().wait_seconds == pytest.approx(0.2, abs=0.01)
    assert ServerHealth.of("other").wait_seconds is None


def test_a_limit_that_a_person_has_set_holds_besides(learned: None) -> None:
    with at(120):
        assert health().take_allowance(100, per_minute=3) == 3
        assert health().take_allowance(100, per_minute=3) == 0


def test_connections_are_halved_once_for_an_event_and_come_back_one_by_one() -> None:
    with at(0):
        health().note_crowded(4)
        health().note_crowded(4)
    connections = []
    for seconds in (0, 149, 151, 301, 449, 601):
        with at(seconds):
            connections.append(health().connections_of(5))
    assert connections == [2, 2, 3, 4, 4, 5]


def test_a_person_who_has_checked_the_server_forgets_all_of_it(learned: None) -> None:
    with at(60):
        health().note_crowded(4)
        health().reset()
        assert (health().is_well, health().connections_of(5), granted()) == (True, 5, 100)


def test_failures_of_the_same_moment_are_one_step_of_the_breaker() -> None:
    with at(0):
        for _ in range(4):
            assert health().note_failure("refused", since=NOON - timedelta(milliseconds=5)) is None
    assert health().failures == 1


def test_a_server_that_took_mail_rests_after_a_failure_and_is_tried_by_one_message() -> None:
    with at(-60):
        health().note_success()
    with at(0):
        health().note_failure("refused", since=NOON)
        health().note_failure("refused", since=NOON)
        assert (health().failures, granted()) == (1, 0)
    with at(1.8):
        assert (granted(), granted()) == (1, 0)
        health().note_success(is_probe=True)
        assert (health().failures, granted()) == (0, 100)


def test_a_server_that_is_away_for_five_seconds_opens_no_breaker_and_one_that_stays_away_does() -> None:
    with at(-60):
        health().note_success()
    with at(0):
        health().note_failure("refused", since=NOON)
    for seconds in (1.8, 3.6, 5.4):
        with at(seconds):
            assert (granted(), granted(), health().is_open) == (1, 0, False)
            health().note_failure("refused")
    with at(7.2):
        assert granted() == 1
        until = health().note_failure("refused")
    assert until
    assert 5 <= (until - NOON).total_seconds() - 7.2 <= 10


def test_a_server_that_does_not_answer_its_probe_is_not_tried_by_others_meanwhile() -> None:
    with at(-60):
        health().note_success()
    with at(0):
        health().note_failure("refused", since=NOON)
    with at(1.8):
        assert granted() == 1
    with at(5.3):
        assert granted() == 0
        health().note_failure("timed out")
    with at(7.1):
        assert granted() == 1
