"""Compare what was accepted, what the log says of it, and what has arrived."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.chaos.counting import FAILED
from benchmarks.chaos.smtp_server import Mail
from benchmarks.interop.product import Entry, Try

SENT = "SENT"
REPLY_CHARS, SHOWN = 90, 3
LEFT = Entry("NOT IN THE LOG", "", possible_duplicate=False)


@dataclass(frozen=True)
class Balance:
    """`lost` is what the log calls sent and never arrived; `waiting` is what is still to be sent, or is held.

    `doubled` are copies too many that the product has sent, `unflagged` those among them of mail that the log does not
    call a possible duplicate. Copies beyond the tries are not the product's: a server that ends while it relays a
    message may relay it again (`relayed_again`), and one may lose what it has taken, and say so (`mislaid`).
    """

    accepted: int
    sent: int
    lost: int
    doubled: int
    unflagged: int
    relayed_again: int
    mislaid: int
    failed: int
    waiting: int
    tries: int
    seconds: float
    reasons: tuple[str, ...]
    in_vain: tuple[str, ...]

    @property
    def exactly_once(self) -> bool:
        return self.sent == self.accepted and not (self.lost or self.doubled)

    @property
    def wasted(self) -> int:
        return self.tries - self.sent

    def __str__(self) -> str:
        return f"{self.counts}, {self.seconds:.1f} s"

    @property
    def counts(self) -> str:
        """Say what is not as it should be; numbers that are 0 are no news."""
        numbers = {
            "lost": self.lost,
            "doubled": self.doubled,
            "of them not called so": self.unflagged,
            "relayed again by the server": self.relayed_again,
            "lost by the server after its 250": self.mislaid,
            "failed": self.failed,
            "waiting": self.waiting,
        }
        more = [f"{number:,} {what}" for what, number in numbers.items() if number]
        if self.tries != self.accepted:
            more.append(f"{self.tries:,} {'try' if self.tries == 1 else 'tries'}")
        return ", ".join([f"{self.sent:,} of {self.accepted:,} sent", *more])


def balance(
    accepted: Collection[Mail],
    log: Mapping[Mail, Entry],
    copies: Mapping[Mail, int],
    tries: Sequence[Try],
    seconds: float,
    mislaid: Collection[str] = (),
) -> Balance:
    entries = {mail: log.get(mail, LEFT) for mail in accepted}
    ids = {message_id for message_id, _ in entries}
    tried = Counter(one.message_id for one in tries if one.message_id in ids)
    vain = Counter(one.reply[:REPLY_CHARS] for one in tries if one.message_id in ids and one.outcome != SENT)
    extra = {mail: min(copies.get(mail, 0), tried[mail[0]]) - 1 for mail in accepted if copies.get(mail, 0) > 1}
    statuses = Counter(entry.status for entry in entries.values())
    failed = sum(statuses[status] for status in FAILED)
    away = [mail for mail, entry in entries.items() if entry.status == SENT and not copies.get(mail)]
    reasons = Counter(f"{entry.status}: {entry.why}" for entry in entries.values() if entry.status != SENT)
    return Balance(
        accepted=len(entries),
        sent=statuses[SENT],
        lost=sum(message_id not in mislaid for message_id, _ in away),
        doubled=sum(extra.values()),
        unflagged=sum(number for mail, number in extra.items() if not entries[mail].possible_duplicate),
        relayed_again=sum(copies[mail] - 1 - number for mail, number in extra.items()),
        mislaid=sum(message_id in mislaid for message_id, _ in away),
        failed=failed,
        waiting=len(entries) - statuses[SENT] - failed,
        tries=tried.total(),
        seconds=seconds,
        reasons=_most_common(reasons),
        in_vain=_most_common(vain),
    )


def _most_common(words: Counter[str]) -> tuple[str, ...]:
    return tuple(f"{count:,}x {word}" for word, count in words.most_common(SHOWN))
