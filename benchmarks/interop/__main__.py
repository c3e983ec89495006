"""`python -m benchmarks.interop`: fetch real servers, and see that a bulk goes through each of them exactly once."""

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import command
from benchmarks.command import ended, names_of
from benchmarks.interop.run import KINDS, run
from benchmarks.interop.table import table_of
from benchmarks.report import write_json

ABOUT = """Fetch real mail servers, start each on loopback, and send a bulk through it with the real product: broker,
worker and beat, STARTTLS and sign-in. What the server relays is counted by Message-ID and recipient at a sink.
"""
NOTES = f"""servers: {", ".join(KINDS)}

lost: the log says sent, and it never arrived
doubled: copies that arrived beyond the first
deferred or held: not sent when the time was over, or waiting for a person
tries: all that the product made; as many as accepted where nothing went wrong

Programs are fetched into var/interop at the first run and never installed; the logs of the last run are in
var/interop/logs. Dovecot needs Debian and root (for mount namespaces), Haraka needs Node.js and npm. The exit code is 1
unless each message arrived exactly once.
"""
MESSAGES, QUICK_MESSAGES = 2_000, 100


def main() -> int:
    given = parse()
    return ended(lambda: count(given), "The run")


def count(given: argparse.Namespace) -> int:
    balances = run(given.server, messages=given.messages, seconds=given.minutes * 60)
    print("\n" + table_of(balances, datetime.now(UTC).date()))
    write_json(given.json, [balance.as_json() for balance in balances])
    return 0 if all(balance.exactly_once for balance in balances) else 1


def parse() -> argparse.Namespace:
    parser = command.parser("benchmarks.interop", ABOUT, NOTES)
    parser.add_argument(
        "--server", type=names_of(KINDS), default=list(KINDS), metavar="NAME,...", help="only these servers"
    )
    parser.add_argument("--messages", type=int, metavar="N", help=f"messages for each server ({MESSAGES:,})")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_MESSAGES} messages for each server")
    parser.add_argument("--minutes", type=float, default=10, help="time at most for each server (10)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the counts to FILE")
    given = parser.parse_args()
    given.messages = given.messages or (QUICK_MESSAGES if given.quick else MESSAGES)
    return given


if __name__ == "__main__":
    sys.exit(main())
