"""When to send, as people and programs write it."""

from datetime import UTC, datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError

from delivery.message import validation
from gateway.http.scheduled_time import read

NOW = datetime(2026, 11, 29, 12, 30, tzinfo=UTC)  # a Sunday


@pytest.fixture(autouse=True)
def _now() -> object:
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.mark.parametrize(
    ("text", "at"),
    [
        ("2026-12-24T18:00:00Z", "2026-12-24T18:00"), ("2026-12-24T18:00:00.123+02:00", "2026-12-24T16:00"),
        ("2026-12-24 18:00", "2026-12-24T18:00"), ("2026-12-24", "2026-12-24T00:00"), ("in 1 min", "2026-11-29T12:31"),
        ("In 5 Minutes", "2026-11-29T12:35"), ("in an hour", "2026-11-29T13:30"), ("in 2h", "2026-11-29T14:30"),
        ("in 90 secs", "2026-11-29T12:31"), ("in 3 days", "2026-12-02T12:30"), ("in one week", "2026-12-06T12:30"),
        ("now", "2026-11-29T12:30"), ("tomorrow", "2026-11-30T12:30"), ("tomorrow at 9am", "2026-11-30T09:00"),
        ("today at 17:45", "2026-11-29T17:45"), ("at 5 pm", "2026-11-29T17:00"), ("at 9am", "2026-11-30T09:00"),
        ("Friday at 12am", "2026-12-04T00:00"),
        ("next sunday at 9am", "2026-12-06T09:00"), ("on sunday at 1pm", "2026-11-29T13:00"),
    ],
)  # fmt: skip
def test_a_time_is_read(text: str, at: str) -> None:
    assert read(text).isoformat().startswith(at)


@pytest.mark.parametrize(
    "text",
    ["soon", "in", "in 1 fortnight", "at 25:00", "13am", "at 13 am", "2026-13-01", "in 9999999 weeks", "-", "x" * 200],
)
def test_what_is_no_time_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="scheduled_at"):
        read(text)


@pytest.mark.parametrize("text", ["2026-11-28T12:29:59Z", "in 31 days", "0001-01-01", "9999-12-31T23:59:59-12:00"])
def test_a_time_that_is_long_over_or_too_far_is_refused(text: str) -> None:
    with pytest.raises(ValidationError, match="scheduled_at"):
        validation.scheduled_at(read(text))


@pytest.mark.parametrize("text", ["now", "2026-11-29T12:00:00Z", "today at 9am"])
def test_what_is_due_leaves_at_once(text: str) -> None:
    assert validation.scheduled_at(read(text)) is None
