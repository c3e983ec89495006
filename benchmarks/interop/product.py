"""The product as it is installed, with one SMTP server: broker, a worker, beat, and a database of its own."""

import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import surroundings
from benchmarks.chaos.smtp_server import Mail
from benchmarks.databases import Databases
from benchmarks.interop.workspace import PASSWORD, USERNAME, Workspace
from benchmarks.processes import Process, run_program

# What faults of a server cost here, so that a run with faults ends; the product's own delays are minutes and hours.
DELAYS = {
    "RETRY_SECONDS": "5,10,20",
    "BREAKER_SECONDS": "5,10,15",
    "UNCERTAIN_RESEND_SECONDS": "15",
}
LOG = """
    SELECT email.message_id, delivery.recipient, delivery.status, delivery.status_reason
    FROM delivery_delivery delivery JOIN delivery_email email ON email.id = delivery.email_id
"""
TRIES = "SELECT count(*) FROM delivery_attempt"
# What goes on without a person.
UNDER_WAY = """
    SELECT count(*) FROM delivery_delivery
    WHERE status IN ('QUEUED', 'SENDING', 'DEFERRED') OR (status IN ('HELD', 'UNCERTAIN') AND due_at IS NOT NULL)
"""
LOOK_SECONDS = 0.2


@dataclass(frozen=True)
class Product:
    databases: Databases
    database: str
    environment: dict[str, str]
    logs: Path

    def run_program(self, *arguments: str) -> Any:
        return run_program("interop", *arguments, environment=self.environment, log=self.logs / "programs.log")

    def accept(self, messages: int) -> list[Mail]:
        """Accept a bulk of so many messages, which leave at once; return Message-IDs and recipients."""
        return [(message_id, recipient) for message_id, recipient in self.run_program("accept", str(messages))]

    def wait_until_final(self, seconds: float) -> None:
        """Wait until nothing goes on any more without a person, or the time is over."""
        until = time.monotonic() + seconds
        while self._number(UNDER_WAY) and time.monotonic() < until:
            time.sleep(LOOK_SECONDS)

    @property
    def log(self) -> dict[Mail, str]:
        return {(row[0], row[1]): row[2] for row in self.databases.rows(self.database, LOG)}

    @property
    def reasons(self) -> Counter[str]:
        """Return what the log says of mail that is not sent, and how often."""
        rows = self.databases.rows(self.database, LOG)
        return Counter(f"{status}: {why}" for _, _, status, why in rows if status != "SENT")

    @property
    def tries(self) -> int:
        return self._number(TRIES)

    def _number(self, sql: str) -> int:
        return int(self.databases.rows(self.database, sql)[0][0])


@contextmanager
def installed(databases: Databases, template: str, name: str, workspace: Workspace) -> Iterator[Product]:
    """Install the product to send through the server of `workspace`; nothing runs yet but its broker."""
    try:
        address = databases.copy(template, name)
        environment = surroundings.of_product(address, workspace.folder) | {
            "SMTP_CA_FILE": str(workspace.certificate.authority),
            **DELAYS,
        }
        with surroundings.start_broker(workspace.folder):
            product = Product(databases, name, environment, workspace.logs)
            product.run_program("prepare", str(workspace.port), USERNAME, PASSWORD)
            yield product
    finally:
        databases.drop(name)


@contextmanager
def at_work(product: Product, folder: Path) -> Iterator[None]:
    """Run a worker and beat, as the Procfile does."""
    beat = [sys.executable, "-m", "celery", "-A", "backoffice", "beat"]
    with ExitStack() as stack:
        for name, command in {"worker": surroundings.worker_command("worker"), "beat": beat}.items():
            log = product.logs / f"{name}.log"
            stack.enter_context(Process(command, environment=product.environment, log=log))
        surroundings.wait_for_workers(folder, 1)
        yield
