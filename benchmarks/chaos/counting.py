"""What became of the mail: what was accepted and by whom, what the log says, and what the server counted."""

from collections import Counter
from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from benchmarks.chaos.smtp_server import Mail

FAILED = ("FAILED", "EXPIRED", "CANCELLED")


@dataclass(frozen=True)
class Tracked:
    """A delivery as the log has it at the end."""

    mail: Mail
    status: str
    why: str
    possible_duplicate: bool

    @property
    def has_failed(self) -> bool:
        """Return whether it ended without having been sent, and says why."""
        return self.status in FAILED and self.why != ""


@dataclass(frozen=True)
class Promised:
    """What callers were told is accepted.

    `addresses` are those of callers who know no Message-ID, `once` those of them with one message each, unless they are
    `in_doubt`; `refused` those to whom a door said never.
    """

    mail: Collection[Mail] = ()
    addresses: Collection[str] = ()
    once: Collection[str] = ()
    in_doubt: Collection[str] = ()
    refused: Collection[str] = ()


@dataclass(frozen=True)
class Balance:
    """`lost` is what the server never took and the log does not call failed with a reason; it must be 0.

    `copies` is what the server took beyond the first, `unflagged_copies` those of mail that the log does not call a
    possible duplicate; these must be 0, too. `doubled` is what is in the outbox twice, though no caller was left in
    doubt, and `refused` what a door said never to: both must be 0. `in_doubt` is what is there twice because a caller
    of SMTP submission heard nothing at its final dot and tried again.
    """

    accepted: int
    sent: int
    failed: int
    lost: int
    copies: int
    unflagged_copies: int
    doubled: int
    in_doubt: int
    refused: int
    slowest_recovery_seconds: float

    @property
    def keeps_the_promise(self) -> bool:
        return not (self.lost or self.unflagged_copies or self.doubled or self.refused)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def unsettled(tracked: Collection[Tracked], taken: Mapping[Mail, int]) -> list[Tracked]:
    """Return what the server has not taken and the log does not call failed."""
    return [one for one in tracked if not taken.get(one.mail) and not one.has_failed]


def balance(
    tracked: Collection[Tracked],
    taken: Mapping[Mail, int],
    promised: Promised,
    *,
    slowest_recovery_seconds: float,
) -> Balance:
    """Compare the log, the server's count, and what callers were promised."""
    rows, flagged = Counter(one.mail for one in tracked), {one.mail for one in tracked if one.possible_duplicate}
    addresses = Counter(one.mail[1] for one in tracked)
    forgotten = [mail for mail in promised.mail if mail not in rows]
    forgotten += [("", address) for address in promised.addresses if not addresses[address]]
    extra = {mail: more for mail, count in taken.items() if (more := count - max(rows[mail], 1)) > 0}
    unflagged = (count for mail, count in extra.items() if mail not in flagged)
    twice = {address for address in promised.once if addresses[address] > 1}
    return Balance(
        accepted=len(tracked) + len(forgotten),
        sent=sum(one.status == "SENT" for one in tracked),
        failed=sum(one.has_failed for one in tracked),
        lost=len(forgotten) + len(unsettled(tracked, taken)),
        copies=sum(extra.values()),
        unflagged_copies=sum(unflagged),
        doubled=len(twice.difference(promised.in_doubt)),
        in_doubt=len(twice.intersection(promised.in_doubt)),
        refused=len(promised.refused),
        slowest_recovery_seconds=round(slowest_recovery_seconds, 1),
    )
