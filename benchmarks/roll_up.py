"""`python -m benchmarks.roll_up`: what the figures cost each message, with the roll-up and without, in turns.

Real PostgreSQL, a real SMTP server on loopback; each run has a fresh database. One message in twenty is deferred: the
server says that its mailbox is full. "Without" has none of the triggers that log changes of status, and counts nothing.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from statistics import median

from benchmarks.command import ended
from benchmarks.databases import POSTGRESQL, Postgresql
from benchmarks.field import Field, open_field
from benchmarks.processes import Failed
from benchmarks.product import installed
from benchmarks.report import table
from benchmarks.sinks import OwnSink

MESSAGES, ROUNDS, DEFERRED_ONE_IN = 3_000, 5, 20
STAGES = ("accepting", "sending", "counting")
WITHOUT, WITH = "without", "with"
COLUMNS = ("CPU of a message, µs, median", "without", "with", "with / without", "single rounds")
NOTHING = (0.0, 0.0)

Cpu = Mapping[str, Sequence[float]]  # by stage: of the process, of the database


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.roll_up", description=__doc__)
    parser.add_argument("--messages", type=int, default=MESSAGES)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    given = parser.parse_args()
    return ended(lambda: show(given.messages, given.rounds), "The measurement")


def show(messages: int, rounds: int) -> int:
    found: dict[str, list[Cpu]] = {WITHOUT: [], WITH: []}
    with open_field(messages, kinds=(POSTGRESQL,)) as field:
        for number in range(rounds):
            for which in (WITHOUT, WITH) if number % 2 else (WITH, WITHOUT):
                print(f"round {number + 1}, {which}", file=sys.stderr, flush=True)
                found[which].append(run(field, which))
    print(table(COLUMNS, list(rows(found, messages))))
    return 0


def run(field: Field, which: str) -> Cpu:
    """Return the CPU seconds of each stage; raises `Failed` where not as many were deferred as should be."""
    sink = OwnSink(field.new_folder("sink"), field.cores, full_every=DEFERRED_ONE_IN)
    with sink.process, installed(field, POSTGRESQL, sink) as product:
        found = product.run_program("product_roll_up", str(field.messages), which, str(postmaster(field)))
    if found["deferred"] != field.messages // DEFERRED_ONE_IN:
        raise Failed(f"{found['deferred']} of {field.messages} messages were deferred")
    return dict(found["cpu"])


def postmaster(field: Field) -> int:
    server = field.databases[POSTGRESQL]
    if not isinstance(server, Postgresql) or server.embedded is None:
        raise Failed("this needs the embedded PostgreSQL, whose CPU is counted: unset DATABASE_URL")
    return int(server.embedded.get_postmaster_info().pid)


def rows(found: Mapping[str, Sequence[Cpu]], messages: int) -> list[tuple[str, ...]]:
    """Return a row for each stage and part, and one for all: the last column says how far single rounds differ."""
    parts = [
        (f"{stage}, {of}", [(stage, place)]) for stage in STAGES for place, of in enumerate(("product", "database"))
    ]
    everything = ("all", [part for _, those in parts for part in those])
    return [_row(what, those, found, messages) for what, those in (*parts, everything)]


def _row(
    what: str, parts: Sequence[tuple[str, int]], found: Mapping[str, Sequence[Cpu]], messages: int
) -> tuple[str, ...]:
    taken = {
        which: [sum(cpu.get(stage, NOTHING)[place] for stage, place in parts) / messages * 1e6 for cpu in runs]
        for which, runs in found.items()
    }
    without, with_it = median(taken[WITHOUT]), median(taken[WITH])
    if not without:
        return what, "", f"{with_it:.1f}", "", ""
    ratios = sorted(one / other for one, other in zip(taken[WITH], taken[WITHOUT], strict=True) if other)
    single = f"{ratios[0]:.2f} to {ratios[-1]:.2f}" if ratios else ""
    return what, f"{without:.1f}", f"{with_it:.1f}", f"{with_it / without:.3f}", single


if __name__ == "__main__":
    sys.exit(main())
