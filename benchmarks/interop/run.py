"""One run of the lab: each server in its turn, with a product of its own, goes through the scenarios."""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event

from benchmarks import surroundings
from benchmarks.databases import Postgresql, postgresql_server
from benchmarks.interop.mailbox import open_mailbox
from benchmarks.interop.product import OWN_DELAYS, SHORT_DELAYS, Patience, at_work
from benchmarks.interop.scenarios.bench import Bench, Outcome
from benchmarks.interop.scenarios.table import SCENARIOS
from benchmarks.interop.servers.dovecot import Dovecot
from benchmarks.interop.servers.exim import Exim
from benchmarks.interop.servers.haraka import Haraka
from benchmarks.interop.servers.nodemailer import SmtpServer
from benchmarks.interop.servers.opensmtpd import OpenSmtpd
from benchmarks.interop.servers.postfix import Postfix
from benchmarks.interop.servers.server import Server
from benchmarks.interop.workspace import LOGS, Certificate, Identity, Workspace, free_port, issue_certificates
from benchmarks.processes import Failed

KINDS: Mapping[str, type[Server]] = {
    kind.name: kind for kind in (Postfix, Haraka, Exim, OpenSmtpd, Dovecot, SmtpServer)
}
TEMPLATE = "interop"


@dataclass(frozen=True)
class Result:
    """What happened to a scenario at a server; None where it has no such thing."""

    server: str
    version: str
    scenario: str
    outcome: Outcome | None

    @property
    def right(self) -> bool:
        return self.outcome is None or self.outcome.right

    def __str__(self) -> str:
        return f"{self.server}, {self.scenario}: {self.outcome.happened if self.outcome else '-'}"


@dataclass(frozen=True)
class Laboratory:
    """What all servers of a run share; `folder` may be entered by the users that servers run as."""

    folder: Path
    databases: Postgresql
    certificates: Mapping[Identity, Certificate]

    def workspace(self, name: str, sink_port: int) -> Workspace:
        folder, logs = self.folder / name, LOGS / name
        folder.mkdir(mode=0o755)
        shutil.rmtree(logs, ignore_errors=True)
        logs.mkdir(parents=True)
        return Workspace(folder, logs, free_port(), sink_port, self.certificates)


@contextmanager
def open_laboratory() -> Iterator[Laboratory]:
    with tempfile.TemporaryDirectory(prefix="interop-") as name, postgresql_server(Path(name), ()) as databases:
        folder = Path(name)
        folder.chmod(0o755)
        try:
            surroundings.migrate(surroundings.of_product(databases.create(TEMPLATE), folder))
            yield Laboratory(folder, databases, issue_certificates(folder / "tls"))
        finally:
            databases.drop(TEMPLATE)


def run(
    servers: Sequence[str], scenarios: Sequence[str], *, messages: int, seconds: float, at_once: int
) -> list[Result]:
    """Take each of the servers through the scenarios, `at_once` of them; no wait for mail is longer than `seconds`."""
    over = Event()
    with open_laboratory() as laboratory, ThreadPoolExecutor(at_once) as pool:

        def results(server: str) -> list[Result]:
            return list(_results(laboratory, KINDS[server], scenarios, messages, Patience(seconds, over)))

        try:
            return [result for those in pool.map(results, servers) for result in those]
        finally:
            over.set()
            pool.shutdown(wait=False, cancel_futures=True)


def _results(
    laboratory: Laboratory, kind: type[Server], scenarios: Sequence[str], messages: int, patience: Patience
) -> Iterator[Result]:
    """Try the scenarios with a product that has short delays, then those that are timed with one as it is installed."""
    for timed, delays in ((False, SHORT_DELAYS), (True, OWN_DELAYS)):
        those = [name for name in scenarios if SCENARIOS[name].timed == timed]
        if those:
            name = f"{kind.name}{'-timed' if timed else ''}"
            with _bench(laboratory, kind, name, delays, messages, patience) as (bench, version):
                yield from (Result(kind.name, version, scenario, _try(bench, scenario)) for scenario in those)


@contextmanager
def _bench(
    laboratory: Laboratory, kind: type[Server], name: str, delays: Mapping[str, str], messages: int, patience: Patience
) -> Iterator[tuple[Bench, str]]:
    with open_mailbox() as mailbox:
        workspace = laboratory.workspace(name, mailbox.port)
        server = kind(workspace, mailbox)
        version = server.fetch()
        databases = Postgresql(laboratory.databases.address)
        with at_work(databases, TEMPLATE, f"{TEMPLATE}_{name}", workspace, delays, patience) as product:
            try:
                yield Bench(server, product, mailbox, messages, patience), version
            finally:
                server.close()


def _try(bench: Bench, name: str) -> Outcome | None:
    scenario = SCENARIOS[name]
    if scenario.needs and scenario.needs not in bench.server.offers:
        return None
    try:
        bench.server.prepare(scenario.setup)
        outcome = scenario.act(bench)
    except Failed as failure:
        if bench.patience.over.is_set():
            raise
        outcome = Outcome(False, str(failure))
    bench.tidy()
    mark = "ok" if outcome.right else "WRONG"
    print(f"{bench.server.name}, {name}: {mark}, {outcome.happened}", file=sys.stderr, flush=True)
    return outcome
