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
class Balance:
    """`lost` is what the server never took and the log does not call failed with a reason; it must be 0.

    `copies` is what the server took beyond the first, `unflagged_copies` those of mail that the log does not call a
    possible duplicate; these must be 0, too.
    """

    accepted: int
    sent: int
    failed: int
    lost: int
    copies: int
    unflagged_copies: int
    slowest_recovery_seconds: float

    @property
    def keeps_the_promise(self) -> bool:
        return self.lost == 0 and self.unflagged_copies == 0

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def unsettled(tracked: Collection[Tracked], taken: Mapping[Mail, int]) -> list[Tracked]:
    """Return what the server has not taken and the log does not call failed."""
    return [one for one in tracked if not taken.get(one.mail) and not one.has_failed]


def balance(
    tracked: Collection[Tracked],
    taken: Mapping[Mail, int],
    promised: Collection[Mail],
    promised_addresses: Collection[str],
    *,
    slowest_recovery_seconds: float,
) -> Balance:
    """Compare the log, the server's count, and what callers were promised (where they know no Message-ID: to whom)."""
    known = {one.mail: one for one in tracked}
    addresses = Counter(recipient for _, recipient in known)
    forgotten = [mail for mail in promised if mail not in known]
    forgotten += [("", address) for address in promised_addresses if not addresses[address]]
    extra = {mail: count - 1 for mail, count in taken.items() if count > 1}
    unflagged = (count for mail, count in extra.items() if mail not in known or not known[mail].possible_duplicate)
    return Balance(
        accepted=len(known) + len(forgotten),
        sent=sum(one.status == "SENT" for one in tracked),
        failed=sum(one.has_failed for one in tracked),
        lost=len(forgotten) + len(unsettled(tracked, taken)),
        copies=sum(extra.values()),
        unflagged_copies=sum(unflagged),
        slowest_recovery_seconds=round(slowest_recovery_seconds, 1),
    )
