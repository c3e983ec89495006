"""`python -m benchmarks.figures`: single figures of the product, one line each."""

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from benchmarks.command import ended
from benchmarks.databases import POSTGRESQL
from benchmarks.field import Field, open_field
from benchmarks.figures import Figure, alone, beside, domains
from benchmarks.report import table, write_json

COLUMNS = ("figure", "is", "goal", "")


class Measurement(Protocol):
    def __call__(self, field: Field, *, quick: bool) -> Iterator[Figure]: ...


MEASUREMENTS: Mapping[str, Measurement] = {
    "accept": alone.accept,
    "claim": alone.claim,
    "domains": domains.domains,
    "latency": alone.latency,
    "neighbours": alone.neighbours,
    "memory": alone.memory,
    "round-trip": beside.round_trip,
    "starttls": beside.starttls,
    "together": beside.together,
}


def main() -> int:
    given = parse()
    return ended(lambda: show(given), "The measurement")


def show(given: argparse.Namespace) -> int:
    figures = measure(given.names or list(MEASUREMENTS), quick=given.quick)
    print(table(COLUMNS, [row_of(figure) for figure in figures]))
    write_json(given.json, [asdict(figure) for figure in figures])
    return 0


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.figures", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MEASUREMENTS)}; all without one")
    parser.add_argument("--quick", action="store_true", help="a tenth of the mails and domains")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    given = parser.parse_args()
    if unknown := [name for name in given.names if name not in MEASUREMENTS]:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(MEASUREMENTS)}")
    return given


def measure(names: list[str], *, quick: bool) -> list[Figure]:
    figures: list[Figure] = []
    with open_field(0, kinds=(POSTGRESQL,)) as field:
        for name in names:
            print(f"measuring {name}", file=sys.stderr, flush=True)
            figures += MEASUREMENTS[name](field, quick=quick)
    return figures


def row_of(figure: Figure) -> tuple[str, str, str, str]:
    digits = 0 if figure.value >= 100 else 1 if figure.unit else 2
    return figure.what, f"{figure.value:,.{digits}f} {figure.unit}".strip(), figure.goal, figure.verdict


if __name__ == "__main__":
    sys.exit(main())
