"""Let the mail that waits leave: in this process, or by a real Celery worker in its own."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator

import pytest
from django.utils import timezone

from backoffice.celery import app
from delivery.outbox.batch import servers_with_due_mail
from delivery.outbox.route_cache import clear_routes
from delivery.worker.queue_run import QueueRun
from testing.processes import database_url
from testing.servers.certificates import Authority

WORKER = [sys.executable, "-m", "celery", "-A", "backoffice", "worker", "-P", "threads", "-c", "2"]
START_SECONDS = STOP_SECONDS = 30


def send_what_is_due() -> int:
    """Drain every server that has due mail, as the workers do; return how many mails were sent.

    Mail whose route has changed since it was accepted goes on to another server, which is drained as well.
    """
    clear_routes()
    return sum(_drain_all() for _ in range(2))


def _drain_all() -> int:
    return sum(QueueRun(server_key).run() for server_key in servers_with_due_mail(timezone.now()))


@pytest.fixture
def worker(valkey: str, authority: Authority, transactional_db: None) -> Iterator[None]:
    """A worker as in production, on the tests' database and broker."""
    surroundings = os.environ | {
        "DATABASE_URL": database_url(),
        "SMTP_CA_FILE": str(authority.file),
        "SMTP_ALLOWED_CIDRS": "127.0.0.0/8,::1/128",
    }
    process = subprocess.Popen(WORKER, env=surroundings, stdout=subprocess.DEVNULL, stderr=subprocess.STDOUT)
    _wait_until_it_answers()
    yield
    process.terminate()
    process.wait(STOP_SECONDS)


def _wait_until_it_answers() -> None:
    until = time.monotonic() + START_SECONDS
    while not app.control.ping(timeout=0.5):
        assert time.monotonic() < until, "the worker did not start"
