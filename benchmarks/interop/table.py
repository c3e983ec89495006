"""The table of a run."""

from collections.abc import Sequence
from datetime import date

from benchmarks.interop.counting import Balance
from benchmarks.report import table

COLUMNS = (
    "date",
    "server",
    "version",
    "accepted",
    "sent",
    "lost",
    "doubled",
    "failed",
    "deferred or held",
    "tries",
    "seconds",
    "exactly once",
)


def table_of(balances: Sequence[Balance], today: date) -> str:
    return table(COLUMNS, [_row(balance, today) for balance in balances])


def _row(balance: Balance, today: date) -> Sequence[str]:
    counts = (balance.accepted, balance.sent, balance.lost, balance.doubled, balance.failed, balance.waiting)
    return (
        today.isoformat(),
        balance.server,
        balance.version,
        *(f"{count:,}" for count in (*counts, balance.tries)),
        f"{balance.seconds:.1f}",
        "yes" if balance.exactly_once else "NO",
    )
