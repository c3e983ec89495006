"""The table of a run: what happened in each scenario at each server, beside what should."""

from collections.abc import Sequence
from typing import Any

from benchmarks.interop.run import Result
from benchmarks.interop.scenarios.table import SCENARIOS
from benchmarks.report import table


def table_of(results: Sequence[Result]) -> str:
    """Return the versions and one row for each scenario and server; "-" where a server has no such thing."""
    scenarios = [name for name in SCENARIOS if any(result.scenario == name for result in results)]
    rows = [row for name in scenarios for row in _rows(name, [one for one in results if one.scenario == name])]
    versions = dict.fromkeys(f"{result.server} {result.version}" for result in results)
    shown = table(("scenario", "what should happen", "server", "right", "what happened"), rows)
    return f"{', '.join(versions)}\n\n{shown}"


def as_json(results: Sequence[Result]) -> list[dict[str, Any]]:
    return [
        {
            "server": result.server,
            "version": result.version,
            "scenario": result.scenario,
            "right": result.outcome and result.outcome.right,
            "happened": result.outcome and result.outcome.happened,
        }
        for result in results
    ]


def _rows(name: str, results: Sequence[Result]) -> list[Sequence[str]]:
    """Return the rows of a scenario; its name and what should happen are in the first, what is the same is in one."""
    servers: dict[tuple[str, str], list[str]] = {}
    for result in results:
        servers.setdefault(_cells(result), []).append(f"`{result.server}`")
    heads = [(name, SCENARIOS[name].should), *[("", "")] * (len(servers) - 1)]
    return [(*head, ", ".join(those), *cells) for head, (cells, those) in zip(heads, servers.items(), strict=True)]


def _cells(result: Result) -> tuple[str, str]:
    if result.outcome is None:
        return "-", "-"
    happened = result.outcome.happened.replace("|", "/").replace("\n", " ")
    return ("yes" if result.outcome.right else "NO"), happened
