"""`python -m benchmarks.doors`: what the doors take, each beside a peer or beside itself."""

import argparse
import sys
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from benchmarks import command
from benchmarks.command import ended
from benchmarks.databases import POSTGRESQL
from benchmarks.doors import http, provisioning, smtp, together, under_load
from benchmarks.doors.rounds import Rounds
from benchmarks.field import Field, open_field
from benchmarks.figures import Figure
from benchmarks.figures.__main__ import COLUMNS, row_of
from benchmarks.report import table, write_json

ABOUT = """Measure the doors on PostgreSQL, every commit waiting for the disk: medians of interleaved rounds, each
beside a peer with the same client on the same machine. Every message that was accepted is counted.
"""
NOTES = """smtp: one process of SMTP submission beside Postfix's smtpd, 10 kept connections with STARTTLS and AUTH PLAIN
api: POST /emails beside a bare Django view that checks a key and inserts one row, one gunicorn worker each
batch: POST /emails/batch with 100 different messages beside POST /emails
under-load: the 95th percentile of POST /emails while 100,000 bulk messages are sent, beside an idle system
provisioning: 10,000 applications by POST /sync, and the same request once more
together: accept one by one and deliver at the same time, beside django-post_office, and beside Postfix as a relay

Postfix and Dovecot are fetched as Debian packages, as the interop lab does, and need root.
"""
ROUNDS, QUICK_SHARE = 3, 0.1


class Measurement(Protocol):
    def __call__(self, field: Field, rounds: Rounds) -> Iterator[Figure]: ...


MEASUREMENTS: Mapping[str, Measurement] = {
    "smtp": smtp.smtp,
    "api": http.api,
    "batch": http.batch,
    "under-load": under_load.under_load,
    "provisioning": provisioning.provisioning,
    "together": together.together,
}


def main() -> int:
    given = parse()
    return ended(lambda: show(given), "The measurement")


def parse() -> argparse.Namespace:
    parser = command.parser("benchmarks.doors", ABOUT, NOTES)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(MEASUREMENTS)}; all without one")
    parser.add_argument("--rounds", type=int, default=ROUNDS, metavar="N", help=f"rounds ({ROUNDS})")
    parser.add_argument("--share", type=float, default=1, help="of the usual amount of messages (1)")
    parser.add_argument("--quick", action="store_true", help="a tenth of the messages, one round")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures to FILE")
    given = parser.parse_args()
    if unknown := [name for name in given.names if name not in MEASUREMENTS]:
        parser.error(f"unknown: {', '.join(unknown)}; there are {', '.join(MEASUREMENTS)}")
    return given


def show(given: argparse.Namespace) -> int:
    rounds = Rounds(1, QUICK_SHARE) if given.quick else Rounds(given.rounds, given.share)
    figures: list[Figure] = []
    with open_field(0, kinds=(POSTGRESQL,)) as field:
        for name in given.names or MEASUREMENTS:
            print(f"measuring {name}", file=sys.stderr, flush=True)
            figures += MEASUREMENTS[name](field, rounds)
    print(table(COLUMNS, [row_of(figure) for figure in figures]))
    write_json(given.json, [asdict(figure) for figure in figures])
    return 0


if __name__ == "__main__":
    sys.exit(main())
