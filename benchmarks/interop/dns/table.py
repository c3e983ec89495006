"""The table of the DNS part: a line for each scenario, a column for each kind of server."""

from collections.abc import Sequence

from benchmarks.interop.dns.outcome import Outcome
from benchmarks.report import table


def table_of(outcomes: Sequence[Outcome]) -> str:
    """Return what the product said at each server, and what it should; a cell says so where it is wrong."""
    versions = dict.fromkeys((outcome.server, outcome.version) for outcome in outcomes)
    should = {outcome.scenario: outcome.should.replace("|", " or ") for outcome in outcomes}
    cells = {(outcome.scenario, outcome.server): _cell(outcome) for outcome in outcomes}
    rows = [
        (scenario, expected, *(cells.get((scenario, server), "-") for server, _ in versions))
        for scenario, expected in should.items()
    ]
    return table(("zone", "should be", *(f"{server} {version}" for server, version in versions)), rows)


def _cell(outcome: Outcome) -> str:
    wrong = outcome.wrong.replace("|", "/").replace("\n", " ")
    return outcome.says if outcome.right else f"WRONG: {outcome.says} {wrong}".strip()
