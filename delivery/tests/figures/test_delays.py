"""Spans of time and what is read of them."""

from bisect import bisect_right

import pytest
from django.db import connection

from delivery.figures.delays import BOUNDS, number_sql, quantile


def span_of(seconds: float) -> int:
    return bisect_right(BOUNDS, seconds)


@pytest.mark.django_db
@pytest.mark.parametrize("seconds", [-3, 0, 0.49, *BOUNDS, 59.99, 1e7])
def test_the_database_numbers_a_span_as_python_does(seconds: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {number_sql(str(float(seconds)))}")
        assert cursor.fetchone() == (span_of(seconds),)


def test_half_of_four_in_one_span_lie_within_half_of_it() -> None:
    assert quantile({span_of(40): 4}, 0.5) == 45


def test_the_slowest_of_twenty_decide_the_95th_percentile() -> None:
    fast, slow = span_of(0.1), span_of(100)
    assert quantile({fast: 19, slow: 1}, 0.95) == 0.5
    assert quantile({fast: 18, slow: 2}, 0.95) == 90


def test_nothing_has_no_percentile() -> None:
    assert quantile({}, 0.5) is None


def test_of_what_took_longer_than_the_last_bound_its_beginning_is_said() -> None:
    assert quantile({len(BOUNDS): 1}, 0.5) == BOUNDS[-1]
