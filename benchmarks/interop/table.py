"""The table of a run: what happened in each scenario at each server, beside what should."""

from collections.abc import Sequence
from typing import Any

from benchmarks.interop.run import Result
from benchmarks.interop.scenarios.table import SCENARIOS
from benchmarks.report import table


def table_of(results: Sequence[Result]) -> str:
    """Return one row for each scenario and server; "-" where a server has no such thing."""
    return table(
        ("scenario", "server", "", "what happened", "what should"), [_row(result) for result in _sorted(results)]
    )


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


def _sorted(results: Sequence[Result]) -> list[Result]:
    order = list(SCENARIOS)
    return sorted(results, key=lambda result: order.index(result.scenario))


def _row(result: Result) -> Sequence[str]:
    should, outcome = SCENARIOS[result.scenario].should, result.outcome
    if outcome is None:
        return (result.scenario, f"`{result.server}`", "-", "-", should)
    happened = outcome.happened.replace("|", "/").replace("\n", " ")
    return (result.scenario, f"`{result.server}`", "yes" if outcome.right else "NO", happened, should)
