"""The product as a contestant: its real worker processes, from accepted rows to every delivery committed SENT."""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from celery import Celery

from benchmarks import surroundings
from benchmarks.databases import Databases
from benchmarks.field import PRODUCT, Field, Run
from benchmarks.measuring import measure, patience_seconds
from benchmarks.processes import Process, run_program, wait_until
from benchmarks.sinks import Sink

UNSENT = "SELECT count(*) FROM delivery_delivery WHERE status <> 'SENT'"
SERVER = "SELECT id FROM smtp_settings_smtpserver"
POLL_SECONDS = 0.005


@dataclass(frozen=True)
class Product:
    """A prepared installation: a database of its own, a broker, one platform server, one application."""

    field: Field
    folder: Path
    kind: str
    database: str
    url: str
    ca_file: str = ""
    settings: Sequence[tuple[str, str]] = ()

    @property
    def databases(self) -> Databases:
        return self.field.databases[self.kind]

    @property
    def unsent(self) -> int:
        return int(self.databases.rows(self.database, UNSENT)[0][0])

    def environment(self, broker_db: int = surroundings.LISTENED_TO) -> dict[str, str]:
        return surroundings.of_product(self.url, self.folder, broker_db) | {
            "SMTP_CA_FILE": self.ca_file,
            **dict(self.settings),
        }

    def run_program(
        self, module: str, *arguments: str, broker_db: int = surroundings.LISTENED_TO, seconds: float = 600
    ) -> Any:
        """Run a program of the product's, on any core, and return what it found."""
        environment = self.environment(broker_db)
        return run_program(
            module, *arguments, seconds=seconds, environment=environment, log=self.folder / "programs.log"
        )

    def accept(self, messages: int, how: str = "bulk") -> None:
        """Accept mail whose wake-ups reach nobody, so that it waits until `wake`."""
        self.run_program("product_accept", how, str(messages), broker_db=surroundings.WITHHELD)

    @contextmanager
    def workers(self, processes: int) -> Iterator[Sequence[Process]]:
        """Start the workers and wait until they are idle."""
        with ExitStack() as stack:
            started = [
                stack.enter_context(
                    Process(
                        surroundings.worker_command(f"worker{number}"),
                        environment=self.environment(),
                        log=self.folder / f"worker{number}.log",
                        cores=self.field.cores,
                    )
                )
                for number in range(processes)
            ]
            surroundings.wait_for_workers(self.folder, processes)
            yield started

    def beat(self) -> Process:
        """Start what lets the workers look for mail that no wake-up told of."""
        command = [sys.executable, "-m", "celery", "-A", "backoffice", "beat"]
        return Process(command, environment=self.environment(), log=self.folder / "beat.log", cores=self.field.cores)

    @contextmanager
    def waker(self) -> Iterator[Callable[[], object]]:
        """Give what says what a withheld wake-up would have said, that there is mail for the server: one task."""
        server = _hyphenated(str(self.databases.rows(self.database, SERVER)[0][0]))
        with Celery(broker=surroundings.celery_broker(self.folder)) as app, app.producer_or_acquire() as producer:
            producer.connection.ensure_connection(max_retries=1)
            yield lambda: app.send_task("delivery.tasks.drain", [server], producer=producer)

    def wait_until_sent(self, sink: Sink, messages: int) -> None:
        """Ask the database only once the sink has everything: asking costs the contestant."""
        patience = patience_seconds(messages)
        wait_until(
            lambda: sink.count >= messages,
            patience,
            lambda: f"only {sink.count} of {messages} messages arrived; the logs are in {self.folder}",
            pause_seconds=POLL_SECONDS,
        )
        wait_until(lambda: not self.unsent, patience, lambda: f"{self.unsent} are not SENT", pause_seconds=POLL_SECONDS)


def _hyphenated(key: str) -> str:
    """SQLite keeps a UUID without its hyphens, the product's tasks are told it with them."""
    return key if "-" in key else "-".join((key[:8], key[8:12], key[12:16], key[16:20], key[20:]))


@contextmanager
def installed(
    field: Field,
    kind: str,
    sink: Sink,
    *,
    ca_file: str = "",
    connections: int = 0,
    settings: Sequence[tuple[str, str]] = (),
) -> Iterator[Product]:
    """Install the product to send to `sink`: in clear, or with STARTTLS and a certificate that `ca_file` vouches for.

    `connections` is how many the server may have at most, 0 for the product's own default; `settings` are others.
    """
    folder = field.new_folder("product")
    with field.copy(kind, PRODUCT) as (database, url), field.broker(folder):
        product = Product(field, folder, kind, database, url, ca_file, settings)
        options = ["--connections", str(connections), *(["--starttls"] if ca_file else [])]
        product.run_program("product_prepare", str(sink.port), *options)
        yield product


def deliver(field: Field, kind: str, processes: int) -> Run:
    """Deliver the field's messages with so many worker processes."""
    with field.sink() as sink:
        return deliver_to(sink, field, kind, processes, field.messages)


def deliver_to(
    sink: Sink, field: Field, kind: str, processes: int, messages: int, *, ca_file: str = "", connections: int = 0
) -> Run:
    with (
        installed(field, kind, sink, ca_file=ca_file, connections=connections) as product,
        product.workers(processes) as workers,
    ):
        product.accept(messages)
        return measured(product, workers, sink, messages)


def measured(product: Product, workers: Sequence[Process], sink: Sink, messages: int) -> Run:
    def work() -> None:
        for _ in workers:
            wake()
        product.wait_until_sent(sink, messages)

    with product.waker() as wake:
        return measure([worker.pid for worker in workers], work, sink, messages)
