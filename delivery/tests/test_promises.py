"""Promises with the real times: leases that run out, workers that are killed or stopped, servers that hang.

`bin/test --slow` runs them: each takes a minute. Workers, broker, database and SMTP servers are real.
"""

import signal
import statistics
import threading
import time

import pytest

from delivery.api import send_bulk
from delivery.models import Delivery
from smtp_settings.choices import Policy
from testing.factories import give_own_smtp, make_application, make_person, make_server, make_white_label
from testing.fixtures import SmtpServerFactory
from testing.mail import accept
from testing.processes import WORKER, ProcessFactory, ProductProcess, wait_until
from testing.servers.certificates import Authority
from testing.servers.smtp import LoopbackSmtpServer

pytestmark = [pytest.mark.slow, pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("valkey")]
RECOVERY_SECONDS = 60
NEIGHBOUR_SECONDS = 3
MESSAGES, EVERY_SECONDS = 40, 0.5  # for as long as a server may keep a session waiting
PHASES = ("CONNECT", "EHLO", "AUTH", "MAIL", "RCPT", "DATA", "FINAL_DOT")
LOOKED_AT_SECONDS = 10  # a worker that goes on would have sent by then


@pytest.fixture
def start_worker(process_factory: ProcessFactory, authority: Authority) -> "StartWorker":
    return StartWorker(process_factory, authority)


class StartWorker:
    def __init__(self, factory: ProcessFactory, authority: Authority) -> None:
        self._factory, self._authority = factory, authority

    def __call__(self, threads: int = 4) -> ProductProcess:
        worker = self._factory(
            [*WORKER, "-c", str(threads), "-l", "INFO", "-n", f"{threading.get_ident()}.{time.monotonic_ns()}@test"],
            SMTP_CA_FILE=str(self._authority.file),
            SMTP_ALLOWED_CIDRS="127.0.0.0/8,::1/128",
        )
        worker.wait_for("ready.")
        return worker


def status_of(delivery: Delivery) -> str:
    delivery.refresh_from_db()
    return delivery.status


def test_mail_of_a_worker_that_was_killed_leaves_within_a_minute(
    server: LoopbackSmtpServer, start_worker: StartWorker
) -> None:
    server.script("DATA", "hang", times=1)
    first = start_worker()
    (delivery,) = accept()
    wait_until(lambda: any("DATA" in line for line in server.commands), 30, lambda: first.said)
    start_worker()
    first.send(signal.SIGKILL)
    killed_at = time.monotonic()
    wait_until(lambda: status_of(delivery) == "SENT", RECOVERY_SECONDS, lambda: f"is {delivery.status}")
    assert time.monotonic() - killed_at < RECOVERY_SECONDS
    assert (len(server.messages), delivery.possible_duplicate) == (1, False)


def test_a_worker_that_was_stopped_and_goes_on_sends_nothing_that_another_has_taken_over(
    server: LoopbackSmtpServer, start_worker: StartWorker
) -> None:
    stopped, go_on = start_worker(), threading.Event()

    def when_it_is_too_late() -> str:
        go_on.wait(120)
        return "354 Go on"

    server.script("DATA", when_it_is_too_late, times=1)
    (delivery,) = accept()
    wait_until(lambda: any("DATA" in line for line in server.commands), 30, lambda: stopped.said)
    stopped.send(signal.SIGSTOP)
    start_worker()
    wait_until(lambda: status_of(delivery) == "SENT", RECOVERY_SECONDS, lambda: f"is {delivery.status}")
    go_on.set()
    stopped.send(signal.SIGCONT)
    time.sleep(LOOKED_AT_SECONDS)
    assert stopped.runs
    assert (len(server.messages), len(server.received)) == (1, 1)
    assert (status_of(delivery), delivery.possible_duplicate, delivery.attempts.count()) == ("SENT", False, 1)


def test_other_tenants_wait_at_most_three_seconds_beside_servers_that_hang(
    server: LoopbackSmtpServer, smtp_server_factory: SmtpServerFactory, start_worker: StartWorker
) -> None:
    start_worker(threads=len(PHASES) - 1)  # what hangs could take every thread
    accept()
    wait_until(lambda: bool(server.messages), 30, lambda: "nothing came")  # from then on the server is one that works
    for phase in PHASES:
        hang(smtp_server_factory(), phase)
    mail = [accept_after(EVERY_SECONDS) for _ in range(MESSAGES)]
    wait_until(lambda: len(server.messages) > MESSAGES, 60, lambda: f"{len(server.messages)} came")
    seconds = sorted(seconds_until_sent(delivery) for delivery in mail)
    assert statistics.quantiles(seconds, n=20)[-1] <= NEIGHBOUR_SECONDS, seconds


def hang(smtp: LoopbackSmtpServer, phase: str) -> None:
    """Give a tenant a server that hangs in `phase`, and much mail for it."""
    smtp.script(phase, "hang")
    alice = make_person(f"{phase.lower().replace('_', '-')}@acme.test")
    acme = make_white_label(phase.title(), alice)
    own = make_server(Policy.WHITE_LABEL, scope_key=acme.scope_key, secret="secret", **smtp.fields)
    give_own_smtp(acme, own)
    people = [f"{number}@users.test" for number in range(50)]
    send_bulk(make_application(alice, acme), to=people, subject="Hi", text="Text")


def accept_after(seconds: float) -> Delivery:
    time.sleep(seconds)
    return accept()[0]


def seconds_until_sent(delivery: Delivery) -> float:
    wait_until(lambda: status_of(delivery) == "SENT", 60, lambda: f"is {delivery.status}")
    assert delivery.finished_at
    return (delivery.finished_at - delivery.email.accepted_at).total_seconds()
