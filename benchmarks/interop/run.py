"""One run of the lab: each server in its turn, with a product of its own, goes through the scenarios."""

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from benchmarks import surroundings
from benchmarks.databases import Databases, postgresql_server
from benchmarks.interop.mailbox import open_mailbox
from benchmarks.interop.product import DELAYS, at_work
from benchmarks.interop.scenarios.bench import Bench, Outcome
from benchmarks.interop.scenarios.table import SCENARIOS
from benchmarks.interop.servers.dovecot import Dovecot
from benchmarks.interop.servers.exim import Exim
from benchmarks.interop.servers.haraka import Haraka
from benchmarks.interop.servers.nodemailer import SmtpServer
from benchmarks.interop.servers.opensmtpd import OpenSmtpd
from benchmarks.interop.servers.postfix import Postfix
from benchmarks.interop.servers.server import Server
from benchmarks.interop.workspace import LOGS, Certificate, Identity, Workspace, issue_certificates
from benchmarks.processes import Failed
from benchmarks.sinks import free_port

KINDS: Mapping[str, type[Server]] = {
    kind.name: kind for kind in (Postfix, Exim, OpenSmtpd, Dovecot, Haraka, SmtpServer)
}
TEMPLATE = "interop"


@dataclass(frozen=True)
class Result:
    """What happened to a scenario at a server; None where it has no such thing."""

    server: str
    version: str
    scenario: str
    outcome: Outcome | None


@dataclass(frozen=True)
class Laboratory:
    """What all servers of a run share; `folder` may be entered by the users that servers run as."""

    folder: Path
    databases: Databases
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


def run(servers: Sequence[str], scenarios: Sequence[str], *, messages: int, seconds: float) -> list[Result]:
    """Take each of the servers through the scenarios; no wait for mail is longer than `seconds`."""
    with open_laboratory() as laboratory:
        return [
            result
            for server in servers
            for result in _results(laboratory, KINDS[server], scenarios, messages=messages, seconds=seconds)
        ]


def _results(
    laboratory: Laboratory, kind: type[Server], scenarios: Sequence[str], *, messages: int, seconds: float
) -> Iterator[Result]:
    """Try the scenarios with a product that has short delays, then those that are timed with one as it is installed."""
    for patient, delays in ((False, DELAYS), (True, {})):
        those = [name for name in scenarios if SCENARIOS[name].patient == patient]
        if those:
            name = f"{kind.name}{'_patient' if patient else ''}"
            with _bench(laboratory, kind, name, delays, messages, seconds) as (bench, version):
                yield from (Result(kind.name, version, scenario, _try(bench, scenario)) for scenario in those)


@contextmanager
def _bench(
    laboratory: Laboratory, kind: type[Server], name: str, delays: Mapping[str, str], messages: int, seconds: float
) -> Iterator[tuple[Bench, str]]:
    with open_mailbox() as mailbox:
        workspace = laboratory.workspace(name, mailbox.port)
        server = kind(workspace, mailbox)
        version = server.fetch()
        with at_work(laboratory.databases, TEMPLATE, f"{TEMPLATE}_{name}", workspace, delays) as product:
            try:
                yield Bench(server, product, mailbox, messages, seconds), version
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
        outcome = Outcome(False, str(failure))
    bench.tidy()
    mark = "ok" if outcome.right else "WRONG"
    print(f"{bench.server.name}, {name}: {mark}, {outcome.happened}", file=sys.stderr, flush=True)
    return outcome
