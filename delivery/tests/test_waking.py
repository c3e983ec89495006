"""Wake-ups through a real broker: few, never needed, and missed by nobody when the broker is away."""

import time
from collections.abc import Iterator

import pytest

from backoffice.celery import app
from delivery.models import Delivery
from delivery.tasks import sweep
from delivery.waking import MERGE_SECONDS, awake
from testing.mail import accept

pytestmark = pytest.mark.django_db(transaction=True)


def time_passes() -> None:
    """Wait until this process may wake again."""
    time.sleep(MERGE_SECONDS)


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


def test_once_a_worker_looks_for_mail_the_next_insert_wakes_again(broker: None) -> None:
    (delivery,) = accept()
    awake(delivery.server_key)
    time_passes()
    accept()
    assert wake_ups() == 2


def test_the_sweep_wakes_for_what_is_due_and_for_what_a_dead_worker_left(broker: None) -> None:
    (delivery,) = accept()
    awake(delivery.server_key)
    time_passes()
    sweep()
    assert wake_ups() == 2


def test_mail_is_accepted_while_the_broker_is_away() -> None:
    accept()
    assert Delivery.objects.get().status == "QUEUED"
