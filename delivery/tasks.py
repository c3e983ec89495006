"""Celery's way in. A message of the broker is a wake-up and nothing more: the tables say what is to be done."""

from celery import shared_task
from django.utils import timezone

from delivery.figures.fold import fold
from delivery.figures.retention import forget_hours
from delivery.outbox import retention
from delivery.outbox.batch import servers_with_due_mail
from delivery.outbox.recovery import take_back
from delivery.outbox.wakeups import allow, polls_soon, wake
from delivery.worker import lost_secrets, pause_notices
from delivery.worker.bulkhead import bulkhead
from delivery.worker.queue_run import QueueRun


@shared_task
def drain(server_key: str) -> None:
    """Send what is due through one server."""
    if polls_soon(server_key):
        return
    with bulkhead.admit(server_key) as admitted:
        if admitted:
            QueueRun(server_key).run()
        else:
            allow(server_key)


@shared_task
def sweep() -> None:
    """Find what no wake-up told of: abandoned leases, due mail and notices."""
    take_back()
    _wake_for_what_is_due()
    pause_notices.send_all()


@shared_task
def send_pause_notice(notice_id: int) -> None:
    """Tell people that a server is paused."""
    pause_notices.send(notice_id)


def recover() -> None:
    """Take back what the dead left, and have it sent."""
    if take_back():
        _wake_for_what_is_due()


def _wake_for_what_is_due() -> None:
    """Stop where the broker is away: each wake-up would wait for it, and with it the heart of this process."""
    for server_key in servers_with_due_mail(timezone.now()):
        if not wake(server_key):
            break


@shared_task
def look_for_lost_secrets() -> None:
    """Pause the servers whose secret cannot be opened."""
    lost_secrets.look()


@shared_task
def count_figures() -> None:
    """Count what happened since into the figures; may run twice, and at the same time."""
    fold()


@shared_task
def clean_up() -> None:
    """Let go of what has been kept long enough, once it is counted."""
    fold()
    retention.forget_contents()
    retention.forget_rows()
    forget_hours()
