"""Urgent mail: codes and resets. Short retries, a short life, never a late second copy."""

from datetime import timedelta

import pytest
from django.utils import timezone

from delivery.models import Delivery
from delivery.outbox import retry_schedule
from testing.mail import accept, drain
from testing.servers.smtp import LoopbackSmtpServer

pytestmark = pytest.mark.django_db(transaction=True)

URGENT, NORMAL = Delivery.Priority.URGENT, Delivery.Priority.NORMAL


def minutes_to(delivery: Delivery, tries: int) -> float | None:
    delivery.attempt_count = tries
    again = retry_schedule.next_try(delivery, counts=True)
    return (again - timezone.now()).total_seconds() / 60 if again else None


@pytest.mark.parametrize(
    ("priority", "minutes"),
    [(URGENT, [1, 2, 5]), (NORMAL, [1, 5, 15, 30, 60, 120, 240, 480, 480])],
)
def test_the_delays_grow_as_set_with_some_jitter(priority: int, minutes: list[int]) -> None:
    (delivery,) = accept(priority=priority)
    for tries, wanted in enumerate(minutes):
        assert minutes_to(delivery, tries) == pytest.approx(wanted, rel=0.21)


@pytest.mark.parametrize(("priority", "hours"), [(URGENT, 1 / 6), (NORMAL, 72)])
def test_mail_is_given_up_after_its_time(priority: int, hours: float) -> None:
    (delivery,) = accept(priority=priority)
    delivery.email.accepted_at = timezone.now() - timedelta(hours=hours)
    assert retry_schedule.next_try(delivery, counts=True) is None
    assert retry_schedule.next_try(delivery, counts=False) is None


def test_an_uncertain_urgent_mail_is_held_for_a_person(server: LoopbackSmtpServer) -> None:
    server.script("FINAL_DOT", "close", times=1)
    delivery = drain(accept(priority=URGENT)[0])
    assert (delivery.status, delivery.due_at, delivery.possible_duplicate) == ("HELD", None, True)
    delivery.retry()
    assert drain(delivery).status == "SENT"
    assert delivery.attempts.last().possible_duplicate  # type: ignore[union-attr]
