"""The DNS part of the lab, in a network namespace of its own: `… interop_dns KIND FOLDER LOGS`.

Starts the servers of this kind, asks the product about every scenario, and writes what came of it to FOLDER. It is the
first process of a namespace, so that the kernel ends all servers before this process is gone, however that comes.
"""

import json
import os
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import django

from benchmarks.interop.dns import keys, laboratory
from benchmarks.interop.dns.bind import Bind
from benchmarks.interop.dns.outcome import Outcome
from benchmarks.interop.dns.scenario import Scenario
from benchmarks.interop.dns.scenarios import FLAWS, PROVIDER, SCENARIOS

if TYPE_CHECKING:
    from whitelabel.dns.check import CheckResult

OUTCOMES = "outcomes.json"
AT_ONCE = 8


def work(name: str, folder: Path, logs: Path) -> list[Outcome]:
    from benchmarks.programs import interop_dns_life as life

    kind = laboratory.KINDS[name]
    version, words = kind.fetch(), keys.words()
    possible = [one for one in SCENARIOS if "six" not in one.servers or laboratory.has_ipv6()]
    scenarios = [one.filled(words) for one in (*possible, *(FLAWS if name == Bind.name else ()))]
    domain = life.request()
    domains = [life.delegation(domain), *(one.delegation for one in (PROVIDER.filled(words), *scenarios))]
    with laboratory.at_work(kind, folder, logs, domains) as servers, ThreadPoolExecutor(AT_ONCE) as threads:
        outcomes = threads.map(lambda one: judge_patiently(name, version, one), scenarios)
        steps = [Outcome(name, version, *step) for step in life.run(domain, servers)]
        return [*outcomes, *steps]


def judge_patiently(server: str, version: str, scenario: Scenario) -> Outcome:
    """Ask once more where nothing was known and should be: a busy machine may take longer than the product waits."""
    outcome = judge(server, version, scenario)
    return outcome if outcome.right or outcome.says != "UNKNOWN" else judge(server, version, scenario)


def judge(server: str, version: str, scenario: Scenario) -> Outcome:
    """Ask the product about the record of the scenario."""
    from whitelabel.dns.check import check_records
    from whitelabel.dns.record import Record

    result = check_records(scenario.sending_domain, [Record(*scenario.record)])
    says = str(result.verdicts[0].status)
    return Outcome(server, version, scenario.about, scenario.should, says, wrong=_wrong(scenario, result))


def _wrong(scenario: Scenario, result: "CheckResult") -> str:
    """Return what besides the status is not as it should be."""
    shown = result.verdicts[0].published
    if scenario.shows not in shown:
        return f"shows {shown!r}"
    for name, expected in scenario.facts.items():
        known = getattr(result.facts, name)
        text = known if isinstance(known, str) else ", ".join(known)
        if text != expected:
            return f"{name} is {text!r}"
    return ""


def main(arguments: Sequence[str]) -> None:
    name, folder, logs = arguments
    signal.signal(signal.SIGTERM, lambda number, _: os._exit(128 + number))
    laboratory.raise_loopback()
    django.setup()
    outcomes = work(name, Path(folder), Path(logs))
    (Path(folder) / OUTCOMES).write_text(json.dumps([outcome.as_json() for outcome in outcomes]))


if __name__ == "__main__":
    main(sys.argv[1:])
