"""What a process holds is kept while it lives, and free one lease after it died."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import InterfaceError, OperationalError, connection, transaction
from django.utils import timezone

from delivery.models import ConnectionSlot, Delivery
from delivery.models.delivery import LEASE_SECONDS
from delivery.outbox.batch import claim
from delivery.outbox.recovery import take_back
from delivery.worker import heartbeat
from delivery.worker.connection_pool import pool
from delivery.worker.recording import Recorder
from smtp_settings.models import Communication
from testing.mail import accept, drain
from testing.servers.smtp import LoopbackSmtpServer

pytestmark = pytest.mark.django_db(transaction=True)


def taken_back_apart() -> int:
    """Take back over a connection of an own."""
    try:
        return take_back()
    finally:
        connection.close()


def wait_until_old_ones_are_closed() -> None:
    for thread in threading.enumerate():
        if thread.name == "close idle":
            thread.join(5)


def almost_expired() -> None:
    soon = timezone.now() + timedelta(seconds=1)
    Delivery.objects.filter(status="SENDING").update(leased_until=soon)
    ConnectionSlot.objects.update(leased_until=soon)


def test_a_beat_keeps_the_leases_of_a_batch_also_at_the_final_dot() -> None:
    accept("eve@users.test", "fay@users.test")
    batch = claim("default", limit=2)
    Recorder(batch.lease).announce(batch.deliveries[:1])
    almost_expired()
    with heartbeat.kept(batch.extend):
        heartbeat.beat()
    kept = timezone.now() + timedelta(seconds=LEASE_SECONDS - 10)
    assert Delivery.objects.filter(leased_until__gt=kept).count() == 2


def test_without_a_beat_they_are_taken_back_within_the_promise() -> None:
    accept()
    batch = claim("default", limit=1)
    Recorder(batch.lease).announce(batch.deliveries)
    row = Delivery.objects.get()
    assert row.leased_until
    assert row.leased_until - timezone.now() < timedelta(seconds=50)
    Delivery.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    assert take_back() == 1


@pytest.mark.postgres
def test_what_a_stopped_worker_has_locked_keeps_nobody_waiting() -> None:
    one, _ = accept("eve@users.test", "fay@users.test")
    claim("default", limit=2)
    Delivery.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    with ThreadPoolExecutor(1) as beside, transaction.atomic():
        Delivery.objects.select_for_update().get(pk=one.pk)
        assert beside.submit(taken_back_apart).result(timeout=10) == 1
    assert take_back() == 1


@pytest.mark.postgres
def test_a_stopped_worker_keeps_its_locks_for_less_than_a_lease() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT setting::int FROM pg_settings WHERE name = 'idle_in_transaction_session_timeout'")
        assert 0 < cursor.fetchall()[0][0] < LEASE_SECONDS * 1000


def test_a_beat_keeps_the_slot_of_an_open_connection_and_closes_old_ones(server: LoopbackSmtpServer) -> None:
    drain(accept()[0])
    almost_expired()
    heartbeat.beat()
    assert ConnectionSlot.objects.get().leased_until > timezone.now() + timedelta(seconds=LEASE_SECONDS - 10)
    pool._idle[Communication.current().smtp.key].idle_since -= 60
    heartbeat.beat()
    wait_until_old_ones_are_closed()
    assert not ConnectionSlot.objects.in_use(Communication.current().smtp.key).exists()


def test_a_server_that_is_slow_to_say_goodbye_delays_no_beat(server: LoopbackSmtpServer) -> None:
    server.script("QUIT", "hang")
    drain(accept()[0])
    pool._idle[Communication.current().smtp.key].idle_since -= 60
    began = time.monotonic()
    heartbeat.beat()
    assert time.monotonic() - began < 1
    wait_until_old_ones_are_closed()
    assert not ConnectionSlot.objects.in_use(Communication.current().smtp.key).exists()


@pytest.mark.parametrize("error", [OperationalError, InterfaceError])
def test_a_database_that_goes_away_ends_no_beat(error: type[Exception]) -> None:
    renewed: list[str] = []

    def away() -> None:
        raise error("the connection is closed")

    with heartbeat.kept(lambda: renewed.append("this one")), heartbeat.kept(away):
        heartbeat.beat()
    assert renewed == ["this one"]


def test_a_bug_in_one_renewal_ends_no_beat(monkeypatch: pytest.MonkeyPatch) -> None:
    renewed = threading.Event()

    def bug() -> None:
        raise ZeroDivisionError

    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.05)
    monkeypatch.setattr(heartbeat, "_thread", None)
    with heartbeat.kept(renewed.set), heartbeat.kept(bug):
        assert renewed.wait(2)
        renewed.clear()
        assert renewed.wait(2)
