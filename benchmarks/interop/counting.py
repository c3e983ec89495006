"""Compare what was accepted, what the log says of it, and what the sink has taken."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.chaos.counting import FAILED
from benchmarks.chaos.smtp_server import Mail

SENT = "SENT"


@dataclass(frozen=True)
class Balance:
    """`lost` is what the log calls sent, or does not know, and the sink never took; `doubled` are copies too many.

    `waiting` is what is still to be sent when the time is over, or waits for a person; `tries` are all that were made.
    """

    server: str
    version: str
    accepted: int
    sent: int
    lost: int
    doubled: int
    failed: int
    waiting: int
    tries: int
    seconds: float

    @property
    def exactly_once(self) -> bool:
        return self.sent == self.accepted and not (self.lost or self.doubled)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def balance(
    server: str,
    version: str,
    accepted: Collection[Mail],
    log: Mapping[Mail, str],
    taken: Mapping[Mail, int],
    *,
    tries: int,
    seconds: float,
) -> Balance:
    statuses = {mail: log.get(mail, SENT) for mail in accepted}
    strangers = sum(count for mail, count in taken.items() if mail not in statuses)
    return Balance(
        server,
        version,
        accepted=len(accepted),
        sent=sum(log.get(mail) == SENT for mail in statuses),
        lost=sum(status == SENT and not taken.get(mail) for mail, status in statuses.items()),
        doubled=sum(taken.get(mail, 1) - 1 for mail in statuses) + strangers,
        failed=sum(status in FAILED for status in statuses.values()),
        waiting=sum(status not in (SENT, *FAILED) for status in statuses.values()),
        tries=tries,
        seconds=seconds,
    )
