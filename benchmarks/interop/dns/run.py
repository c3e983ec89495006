"""Run the DNS part of the lab: all kinds of servers at once, each in namespaces of its own."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from benchmarks import surroundings
from benchmarks.databases import SqliteFiles
from benchmarks.interop.dns.internet import ALLOWED_NETWORK, RESOLVER
from benchmarks.interop.dns.laboratory import KINDS
from benchmarks.interop.dns.outcome import Outcome
from benchmarks.interop.workspace import LOGS
from benchmarks.processes import Failed, Process

TEMPLATE = "dns"
ENTER = ["unshare", "--net", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]
RUN_SECONDS = 180


def run(names: Sequence[str]) -> list[Outcome]:
    """Return what came of every scenario at each of these kinds of servers, which all work at once."""
    if os.geteuid():
        raise Failed("Only root may start DNS servers: they run in namespaces of their own.")
    for name in names:
        KINDS[name].fetch()
    print(f"what the product says of DNS: {', '.join(names)}", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix="interop-dns-") as name, ExitStack() as stack:
        databases = SqliteFiles(Path(name))
        surroundings.migrate(surroundings.of_product(databases.create(TEMPLATE), Path(name)))
        programs = [stack.enter_context(_program(name, databases)) for name in names]
        until = time.monotonic() + RUN_SECONDS
        return [outcome for program in programs for outcome in _outcomes(program, until)]


def _program(name: str, databases: SqliteFiles) -> Process:
    """Start what asks the product about the servers of this kind, with a database of its own."""
    folder, logs = databases.folder / name, LOGS / name
    folder.mkdir()
    shutil.rmtree(logs, ignore_errors=True)
    logs.mkdir(parents=True)
    environment = surroundings.of_product(databases.copy(TEMPLATE, name), folder) | {
        "DNS_RESOLVERS": RESOLVER,
        "SMTP_ALLOWED_CIDRS": ALLOWED_NETWORK,
    }
    program = [sys.executable, "-m", "benchmarks.programs.interop_dns", name, str(folder), str(logs)]
    return Process([*ENTER, *program], environment=environment, log=logs / "program.log")


def _outcomes(program: Process, until: float) -> list[Outcome]:
    log, found = program.log, Path(program.command[-2]) / "outcomes.json"
    try:
        code = program.popen.wait(max(0, until - time.monotonic()))
    except subprocess.TimeoutExpired as error:
        raise Failed(f"The zones were not tried within {RUN_SECONDS} s; see {log}") from error
    if code:
        raise Failed(f"The program that tries zones failed; see {log}")
    return [_read(outcome) for outcome in json.loads(found.read_text())]


def _read(stored: dict[str, str]) -> Outcome:
    return Outcome(**{name: value for name, value in stored.items() if name != "right"})
