"""`python -m benchmarks.chaos`: everything breaks at random while mail comes in; then every mail is accounted for."""

import argparse
import random
import sys
from pathlib import Path

from benchmarks import command
from benchmarks.chaos.counting import Balance
from benchmarks.chaos.run import Outcome, Plan, run
from benchmarks.command import ended
from benchmarks.databases import POSTGRESQL, SQLITE
from benchmarks.report import table, write_json

ABOUT = """Run the whole product (web server, SMTP submission, two workers, beat, broker, database) and break it: kill
-9 of each, the broker flushed and away, workers stopped for longer than their lease, and an SMTP server that defers,
refuses, drops and hangs in every phase. Mail comes in meanwhile: by the API, through the web server, and at both doors
from applications that repeat what failed (HTTP with an Idempotency-Key, SMTP as it is). Then the server behaves, a
person decides what only a person can, and every mail is looked for: in the log, and by Message-ID and recipient at the
SMTP server.
"""
NOTES = """accepted: what callers were told is accepted, and what is in the outbox besides
sent, failed: what the log says of it; failed with a reason (refused, expired, cancelled)
lost: neither taken by the SMTP server nor failed with a reason; must be 0
copies: what the SMTP server took beyond the first; unflagged_copies: of mail that is not marked as a possible
duplicate; must be 0
doubled: accepted at a door twice, though the caller was not in doubt; must be 0
in_doubt: accepted twice because no reply came to the final dot, and the application tried again
refused: sound mail that a door refused for good; must be 0
slowest_recovery_seconds: from the loss of a worker until nothing is leased to it any more

The delays are shortened by the settings RETRY_SECONDS, BREAKER_SECONDS and UNCERTAIN_RESEND_SECONDS; leases are not.
In less than 12 minutes the leases of dead workers cannot all run out: then both workers are killed at the end and what
they had leased is made to expire, so that the count is of use (but not the recovery).
Everything is on loopback, in a folder of its own, and ends with the run. The exit code is 1 where a promise is broken.
"""
SETTLE_SECONDS = 390  # the longest lease, at the final dot, and what follows it
SETTLE_AT_MOST = 0.6
# The connections of a dead worker are free one lease and one sweep later; peace ends as soon as all is done.
SLOTS_FREE_SECONDS = 65
START_SECONDS = 25
SECONDS_PER_KILL = 2.4
DOORS_PART = 5
PROMISED = ("lost", "unflagged_copies", "doubled", "refused")
SECONDS_PER_STOP, SECONDS_PER_CRASH = 150, 40


def main() -> int:
    given = parse()
    return ended(lambda: account(given), "The run")


def account(given: argparse.Namespace) -> int:
    outcome = run(plan_of(given))
    show(outcome)
    write_json(given.json, outcome.balance.as_json())
    return 0 if outcome.balance.keeps_the_promise else 1


def parse() -> argparse.Namespace:
    parser = command.parser("benchmarks.chaos", ABOUT, NOTES)
    parser.add_argument(
        "--messages",
        type=int,
        default=10_000,
        metavar="N",
        help="mails by the API (10,000); a fifth at each door",
    )
    parser.add_argument("--minutes", type=float, default=15, help="the whole time at most (15)")
    parser.add_argument("--database", choices=(POSTGRESQL, SQLITE), default=POSTGRESQL)
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the count to FILE")
    parser.add_argument("--seed", type=int, default=random.randrange(10_000), help="repeat the order of a run")
    return parser.parse_args()


def plan_of(given: argparse.Namespace) -> Plan:
    """Give the chaos what is left of the time once everything has started and can settle."""
    whole = given.minutes * 60 - START_SECONDS
    settle = min(SETTLE_SECONDS, whole * SETTLE_AT_MOST)
    chaos = whole - settle
    print(
        f"seed {given.seed}: {chaos:.0f} s of chaos, then at most {max(settle, SLOTS_FREE_SECONDS):.0f} s of peace",
        file=sys.stderr,
    )
    return Plan(
        messages=given.messages,
        messages_at_each_door=given.messages // DOORS_PART,
        chaos_seconds=chaos,
        settle_seconds=max(settle, SLOTS_FREE_SECONDS),
        database=given.database,
        kills=round(chaos / SECONDS_PER_KILL),
        stops=round(chaos / SECONDS_PER_STOP),
        crashes=max(1, round(chaos / SECONDS_PER_CRASH)),
        impatient=settle < SETTLE_SECONDS,
        seed=given.seed,
    )


def show(outcome: Outcome) -> None:
    broken = [(what, f"{count:,}") for what, count in sorted(outcome.done.items())]
    print("\n" + table(("what was broken", "times"), broken))
    details = [(what, str(value)) for what, value in outcome.details.items()]
    print("\n" + table(("what happened besides", ""), details))
    print("\n" + table(("mail", "count"), balance_rows(outcome.balance)))


def balance_rows(balance: Balance) -> list[tuple[str, str]]:
    return [
        (f"{name} (promised: 0)" if name in PROMISED else name, f"{value:,}")
        for name, value in balance.as_json().items()
    ]


if __name__ == "__main__":
    sys.exit(main())
