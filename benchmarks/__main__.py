"""`python -m benchmarks`: every contestant, the same messages and the same sink, in interleaved rounds."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from benchmarks import command
from benchmarks.command import ended, names_of
from benchmarks.contestants import CONTESTANTS, NAMES, Contestant
from benchmarks.field import ONE_CORE, PLACEMENTS, UNPINNED, Field, Run, open_field
from benchmarks.goals import Key, judge
from benchmarks.report import COLUMNS, VERDICT_COLUMNS, as_json, medians_of, rows_of, table, verdict_rows, write_json
from benchmarks.sinks import find_postfix_sink

ABOUT = """Measure this product beside its peers: messages per second, CPU seconds per 1,000 messages and peak memory of
the processes that send, on SQLite and on PostgreSQL; medians of interleaved rounds. Every message is counted at the
sink.
"""
NOTES = f"""contestants: {", ".join(NAMES)}

The PostgreSQL is an embedded one, or the server that DATABASE_URL or TEST_DATABASE_URL names (databases called
bench_… are made in it and dropped). The sink is postfix's smtp-sink where it is on the PATH or in /usr/sbin,
otherwise our own. django-post_office is installed into var/benchmarks/peers at the first run
(benchmarks/requirements.txt); the packages in .venv are left alone. Data are kept below TMPDIR while it runs. Linux
only: it reads /proc.

"one-core" puts everything that takes part on one core: contestant, sink, database and broker. Compare only inside one
run and one placement. Further figures: python -m benchmarks.figures --help, and python -m benchmarks.chaos --help.
"""
QUICK_MESSAGES, MESSAGES, ROUNDS = 1_000, 5_000, 3


def main() -> int:
    given = parse()
    return ended(lambda: run(given), "The benchmark")


def run(given: argparse.Namespace) -> int:
    chosen = [contestant for contestant in CONTESTANTS if not given.only or contestant.name in given.only]
    runs = compete(chosen, messages=given.messages, rounds=given.rounds, placement=given.placement)
    show(runs, given.placement)
    write_json(given.json, as_json(runs))
    return 0


def parse() -> argparse.Namespace:
    parser = command.parser("benchmarks", ABOUT, NOTES)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the medians to FILE")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_MESSAGES:,} messages once, in under five minutes")
    parser.add_argument("--messages", type=int, metavar="N", help=f"messages in each run ({MESSAGES:,})")
    parser.add_argument("--rounds", type=int, metavar="N", help=f"rounds ({ROUNDS})")
    parser.add_argument("--only", type=names_of(NAMES), metavar="NAME,...", help="leave the other contestants out")
    parser.add_argument("--placement", choices=PLACEMENTS, default=UNPINNED)
    given = parser.parse_args()
    given.messages = given.messages or (QUICK_MESSAGES if given.quick else MESSAGES)
    given.rounds = given.rounds or (1 if given.quick else ROUNDS)
    return given


def compete(chosen: Sequence[Contestant], *, messages: int, rounds: int, placement: str) -> dict[Key, list[Run]]:
    """Let everybody run once in each round, so that a slow minute of the machine hits all alike."""
    runs: dict[Key, list[Run]] = {}
    kinds = tuple(dict.fromkeys(contestant.database for contestant in chosen if contestant.database))
    with open_field(messages, placement, kinds) as field:
        for number in range(1, rounds + 1):
            for contestant in chosen:
                run = take_turn(contestant, field, f"round {number} of {rounds}")
                runs.setdefault((contestant.name, contestant.database, contestant.processes), []).append(run)
    return runs


def take_turn(contestant: Contestant, field: Field, when: str) -> Run:
    run = contestant.run(field)
    print(f"{when}: {contestant}: {run.messages / run.seconds:,.0f} messages/s", file=sys.stderr, flush=True)
    return run


def show(runs: dict[Key, list[Run]], placement: str) -> None:
    first = next(iter(runs.values()))
    where = "everything that takes part on one core" if placement == ONE_CORE else "unpinned"
    sink = "postfix's smtp-sink" if find_postfix_sink() else "the benchmark's own asyncio sink"
    print(f"\n{first[0].messages:,} messages, {len(first)} round(s), {where} of {os.cpu_count()} cores, into {sink}\n")
    print(table(COLUMNS, rows_of(runs)))
    medians = {key: medians_of(those) for key, those in runs.items()}
    if verdicts := list(judge(medians, placement, first[0].messages)):
        print("\n" + table(VERDICT_COLUMNS, verdict_rows(verdicts)))


if __name__ == "__main__":
    sys.exit(main())
