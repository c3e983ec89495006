"""What the product is to reach beside the others, and whether it does: ratios inside one run and one placement."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from benchmarks.contestants import CELERY, DJANGO, POST_OFFICE, PRODUCT, SMTPLIB
from benchmarks.databases import POSTGRESQL, SQLITE
from benchmarks.field import ONE_CORE

Key = tuple[str, str, int]


@dataclass(frozen=True)
class Figures:
    """Medians of one contestant."""

    messages_per_second: float
    cpu_seconds_per_1000: float
    peak_rss_mb: float


@dataclass(frozen=True)
class Goal:
    """`speed` is the least ratio of messages per second, `cpu` the greatest of CPU per message; 0 where none is set.

    `placement` is where it counts; "" means wherever both were measured together.
    """

    own: Key
    peer: Key
    speed: float
    cpu: float = 0
    placement: str = ""


@dataclass(frozen=True)
class Verdict:
    about: str
    figure: float
    goal: str
    met: bool


GOALS: Sequence[Goal] = (
    Goal((PRODUCT, POSTGRESQL, 1), (POST_OFFICE, POSTGRESQL, 1), speed=3, cpu=0.2),
    Goal((PRODUCT, POSTGRESQL, 2), (POST_OFFICE, POSTGRESQL, 2), speed=3, cpu=0.2),
    Goal((PRODUCT, SQLITE, 1), (POST_OFFICE, SQLITE, 1), speed=4, cpu=0.2),
    Goal((PRODUCT, POSTGRESQL, 2), (CELERY, "", 2), speed=4, cpu=0.15),
    Goal((PRODUCT, POSTGRESQL, 1), (DJANGO, "", 1), speed=2),
    Goal((PRODUCT, POSTGRESQL, 1), (SMTPLIB, "", 1), speed=0.12, placement=ONE_CORE),
    Goal((PRODUCT, SQLITE, 1), (SMTPLIB, "", 1), speed=0.4, placement=ONE_CORE),
)
SHORT_QUEUE_MESSAGES = 1_000
SHORT_QUEUE_GOALS: Sequence[Goal] = (  # most queues are short, and a run has to find its speed first
    Goal((PRODUCT, POSTGRESQL, 1), (POST_OFFICE, POSTGRESQL, 1), speed=2.5),
    Goal((PRODUCT, POSTGRESQL, 2), (POST_OFFICE, POSTGRESQL, 2), speed=2.5),
    Goal((PRODUCT, SQLITE, 1), (POST_OFFICE, SQLITE, 1), speed=2.5),
)


def judge(medians: Mapping[Key, Figures], placement: str, messages: int) -> Iterator[Verdict]:
    """Compare where both sides of a goal were measured; `messages` is the length of the queue in each run."""
    for goal in SHORT_QUEUE_GOALS if messages <= SHORT_QUEUE_MESSAGES else GOALS:
        own, peer = medians.get(goal.own), medians.get(goal.peer)
        if own is None or peer is None or goal.placement not in ("", placement):
            continue
        about = f"{_described(goal.own)} / {_described(goal.peer)}"
        speed = own.messages_per_second / peer.messages_per_second
        yield Verdict(f"{about}: messages per second", speed, f"at least {goal.speed:g}", speed >= goal.speed)
        if goal.cpu:
            cpu = own.cpu_seconds_per_1000 / peer.cpu_seconds_per_1000
            yield Verdict(f"{about}: CPU per message", cpu, f"at most {goal.cpu:g}", cpu <= goal.cpu)


def _described(key: Key) -> str:
    name, database, processes = key
    return f"{name} ({', '.join(part for part in (database, str(processes)) if part)})"
