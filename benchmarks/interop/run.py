"""One run of the lab: each server in its turn gets a bulk from a product of its own, and the sink behind it counts."""

import shutil
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import surroundings
from benchmarks.chaos.smtp_server import UnrulyServer
from benchmarks.databases import Databases, postgresql_server
from benchmarks.interop.counting import Balance, balance
from benchmarks.interop.dovecot import Dovecot
from benchmarks.interop.haraka import Haraka
from benchmarks.interop.product import Product, at_work, installed
from benchmarks.interop.server import Server
from benchmarks.interop.workspace import LOGS, Certificate, Workspace, issue_certificate
from benchmarks.sinks import free_port

KINDS: Mapping[str, type[Server]] = {kind.name: kind for kind in (Dovecot, Haraka)}
TEMPLATE = "interop"
REASONS_SHOWN = 5


@dataclass(frozen=True)
class Laboratory:
    """What all servers of a run share; `folder` may be entered by the users that servers run as."""

    folder: Path
    databases: Databases
    certificate: Certificate

    def workspace(self, name: str, sink_port: int) -> Workspace:
        folder, logs = self.folder / name, LOGS / name
        folder.mkdir(mode=0o755)
        shutil.rmtree(logs, ignore_errors=True)
        logs.mkdir(parents=True)
        return Workspace(folder, logs, free_port(), sink_port, self.certificate)


@contextmanager
def open_laboratory() -> Iterator[Laboratory]:
    with tempfile.TemporaryDirectory(prefix="interop-") as name, postgresql_server(Path(name), ()) as databases:
        folder = Path(name)
        folder.chmod(0o755)
        try:
            surroundings.migrate(surroundings.of_product(databases.create(TEMPLATE), folder))
            yield Laboratory(folder, databases, issue_certificate(folder / "tls"))
        finally:
            databases.drop(TEMPLATE)


def run(names: Sequence[str], *, messages: int, seconds: float) -> list[Balance]:
    """Send `messages` through each of the servers, in at most `seconds` each."""
    balances = []
    with open_laboratory() as laboratory:
        for name in names:
            print(f"{name}: {messages:,} messages", file=sys.stderr, flush=True)
            balances.append(deliver(laboratory, KINDS[name], messages, seconds))
    return balances


def deliver(laboratory: Laboratory, kind: type[Server], messages: int, seconds: float) -> Balance:
    """Send a bulk through a server of this kind. Both ends are at rest before anything is counted."""
    with counting_sink(laboratory.certificate) as sink:
        workspace = laboratory.workspace(kind.name, sink.port)
        server = kind(workspace)
        version = server.fetch()
        server.configure()
        with installed(laboratory.databases, TEMPLATE, f"{TEMPLATE}_{kind.name}", workspace) as product:
            with server, at_work(product, workspace.folder):
                started = time.perf_counter()
                accepted = product.accept(messages)
                product.wait_until_final(seconds)
                took = time.perf_counter() - started
            say_what_was_not_sent(product)
            return balance(kind.name, version, accepted, product.log, sink.taken, tries=product.tries, seconds=took)


@contextmanager
def counting_sink(certificate: Certificate) -> Iterator[UnrulyServer]:
    """Start the sink of the chaos run, which behaves here: it takes everything and counts it."""
    sink = UnrulyServer(certificate.server_context, seed=0)
    sink.calm = True
    try:
        yield sink
    finally:
        sink.stop()


def say_what_was_not_sent(product: Product) -> None:
    for reason, count in product.reasons.most_common(REASONS_SHOWN):
        print(f"  {count:,} x {reason}", file=sys.stderr, flush=True)
