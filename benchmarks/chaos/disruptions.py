"""What breaks, and when: at random, from one seed, spread over a given time."""

import random
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from benchmarks.chaos.recovery import RecoveryWatch
from benchmarks.chaos.stack import WORKERS, Stack
from benchmarks.databases import Postgresql

KILLS = {"worker1": 4, "worker2": 4, "web": 4, "submission": 4, "beat": 2, "broker": 3}
FLUSHES_PER_KILL = 0.1
BROKER_AWAY_SECONDS = 20.0
DATABASE_AWAY_SECONDS = (0.5, 3.0)

Planned = tuple[float, Callable[[], None]]


@dataclass
class Disruptions:
    """`crashes` is how often the database is killed, `stops` how often a worker is stopped for `stop_seconds`."""

    stack: Stack
    watch: RecoveryWatch
    postgresql: Postgresql | None
    kills: int
    stops: int
    crashes: int
    stop_seconds: float
    seed: int
    done: Counter[str] = field(default_factory=Counter)
    _thaws: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def run(self, seconds: float) -> None:
        """Break things for so long; whoever is stopped is continued before the end."""
        started = time.monotonic()
        plan = self._plan(seconds)
        for at, what in plan:
            self._wait_until(started + at)
            what()
        self._wait_until(started + seconds)
        while self._thaws:
            self._wait_until(min(self._thaws.values()))

    def _plan(self, seconds: float) -> list[Planned]:
        """Spread everything evenly at random; a stop begins early enough to end in time."""
        anywhere, early = partial(self._random.uniform, 0, seconds), max(1.0, seconds - self.stop_seconds)
        names = self._random.choices(list(KILLS), weights=list(KILLS.values()), k=self.kills)
        plan: list[Planned] = [(anywhere(), partial(self._kill, name)) for name in names]
        plan += [(anywhere(), self._flush) for _ in range(round(self.kills * FLUSHES_PER_KILL))]
        plan += [(at, self._stop) for at in self._spread(self.stops, early)]
        plan += [(at, self._crash) for at in self._spread(self.crashes, seconds)]
        if seconds > 10 * BROKER_AWAY_SECONDS:
            plan.append((seconds / 2, self._broker_away))
        return sorted(plan, key=lambda planned: planned[0])

    def _spread(self, count: int, seconds: float) -> list[float]:
        """Return a random moment in each of `count` equal parts of the time."""
        return [(number + self._random.random()) * seconds / count for number in range(count)]

    def _kill(self, name: str) -> None:
        if name in self._thaws:  # it is to live through its stop
            name = "broker"
        self.stack.kill(name)
        self.done[f"kill -9 of {name.rstrip('12')}"] += 1
        if name in WORKERS:
            self.watch.worker_lost()

    def _flush(self) -> None:
        self.stack.flush_broker()
        self.done["flush of the broker"] += 1

    def _broker_away(self) -> None:
        self.stack.kill("broker", away_seconds=BROKER_AWAY_SECONDS)
        self.done[f"broker away for {BROKER_AWAY_SECONDS:.0f} s"] += 1

    def _stop(self) -> None:
        name = self._random.choice(WORKERS)
        if name not in self._thaws and self.stack.freeze(name):
            self._thaws[name] = time.monotonic() + self.stop_seconds
            self.done[f"SIGSTOP of a worker for {self.stop_seconds:.0f} s"] += 1
            self.watch.worker_lost()

    def _crash(self) -> None:
        if self.postgresql and self.postgresql.embedded:
            self.postgresql.crash()
            time.sleep(self._random.uniform(*DATABASE_AWAY_SECONDS))
            self.postgresql.start()
            self.done["kill -9 of the database"] += 1

    def _wait_until(self, moment: float) -> None:
        """Wait, and continue whoever has been stopped for long enough meanwhile."""
        while (now := time.monotonic()) < moment or any(at <= now for at in self._thaws.values()):
            for name in [name for name, at in self._thaws.items() if at <= now]:
                self.stack.thaw(name)
                del self._thaws[name]
            time.sleep(min(0.2, max(0, moment - now)))
