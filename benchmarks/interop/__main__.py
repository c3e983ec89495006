"""`python -m benchmarks.interop`: fetch real servers, and see that the product gets on with each of them."""

import argparse
import sys
from pathlib import Path

from benchmarks import command
from benchmarks.command import ended, names_of
from benchmarks.interop import debian, npm
from benchmarks.interop.dns.laboratory import KINDS as DNS_KINDS
from benchmarks.interop.dns.outcome import Outcome
from benchmarks.interop.dns.run import run as run_dns
from benchmarks.interop.dns.table import table_of as dns_table_of
from benchmarks.interop.run import KINDS, Result, run
from benchmarks.interop.scenarios.table import SCENARIOS
from benchmarks.interop.table import as_json, table_of
from benchmarks.report import write_json

ABOUT = """Fetch real mail servers, start each on loopback, and send through it with the real product: broker, worker
and beat, STARTTLS and sign-in. What comes out behind the server is compared with what was asked for. Then the
product is asked about zones that real DNS servers serve.
"""
SERVERS = (*KINDS, *DNS_KINDS)
NOTES = f"""servers: {", ".join(SERVERS)}
scenarios: {", ".join(SCENARIOS)}

Programs are fetched into var/interop at the first run and never installed; the logs of the last run are in
var/interop/logs. Servers of Debian packages need Debian and root (for mount namespaces), the others Node.js and npm.
The exit code is 1 if anything went otherwise than it should. A slow run is not wrong.
"""
MESSAGES, QUICK_MESSAGES = 2_000, 100
MINUTES, QUICK_MINUTES = 10, 1
AT_ONCE = 3  # most of a quick run is waiting


def main() -> int:
    given = parse()
    lack = (debian.missing() or npm.missing()) if given.where_possible else ""
    if lack:
        print(f"The interoperability lab was left out: this machine lacks {lack}.")
        return 0
    return ended(lambda: try_all(given), "The run")


def try_all(given: argparse.Namespace) -> int:
    mail, name_servers = ([name for name in given.server if name in kinds] for kinds in (KINDS, DNS_KINDS))
    seconds = given.minutes * 60
    results = run(mail, given.scenario, messages=given.messages, seconds=seconds, at_once=given.at_once) if mail else []
    outcomes = run_dns(name_servers) if name_servers else []
    tables = [*([table_of(results)] if results else []), *([dns_table_of(outcomes)] if outcomes else [])]
    print("", *tables, sep="\n\n")
    write_json(given.json, [*as_json(results), *(outcome.as_json() for outcome in outcomes)])
    everything: list[Result | Outcome] = [*results, *outcomes]
    wrong = [str(one) for one in everything if not one.right]
    print("", *(f"WRONG: {words}" for words in wrong), sep="\n")
    return 1 if wrong else 0


def parse() -> argparse.Namespace:
    parser = command.parser("benchmarks.interop", ABOUT, NOTES)
    parser.add_argument(
        "--server", type=names_of(SERVERS), default=list(SERVERS), metavar="NAME,...", help="only these servers"
    )
    parser.add_argument(
        "--scenario", type=names_of(SCENARIOS), metavar="NAME,...", help="of mail, only these scenarios"
    )
    parser.add_argument("--messages", type=int, metavar="N", help=f"messages of a bulk ({MESSAGES:,})")
    parser.add_argument("--quick", action="store_true", help=f"{QUICK_MESSAGES} messages, no limits, no kills")
    parser.add_argument(
        "--at-once", type=int, metavar="N", help=f"servers that are tried at once (1; quick: {AT_ONCE})"
    )
    parser.add_argument(
        "--where-possible", action="store_true", help="do nothing where this machine cannot, and say so"
    )
    parser.add_argument(
        "--minutes",
        type=float,
        metavar="N",
        help=f"time at most for the mail of a scenario ({MINUTES}; quick: {QUICK_MINUTES})",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write what happened to FILE")
    given = parser.parse_args()
    given.messages = given.messages or (QUICK_MESSAGES if given.quick else MESSAGES)
    given.minutes = given.minutes or (QUICK_MINUTES if given.quick else MINUTES)
    given.at_once = given.at_once or (AT_ONCE if given.quick else 1)
    given.scenario = given.scenario or [name for name, it in SCENARIOS.items() if it.quick or not given.quick]
    return given


if __name__ == "__main__":
    sys.exit(main())
