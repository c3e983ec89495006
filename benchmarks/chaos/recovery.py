"""Watch how long mail stays leased to a worker that cannot go on: killed, or stopped for longer than its lease."""

import sqlite3
import threading
import time
from dataclasses import dataclass
from typing import Any

import psycopg

from benchmarks.databases import Databases

WATCH_SECONDS = 0.5
LEASED = "SELECT id, lease, leased_until, final_dot_announced FROM delivery_delivery WHERE status = 'SENDING'"
DATABASE_AWAY = (psycopg.OperationalError, sqlite3.OperationalError)

Lease = tuple[Any, ...]


@dataclass
class Lost:
    """Leases that nobody extends since a moment, `at` in monotonic seconds."""

    at: float
    leases: set[Lease]


class RecoveryWatch:
    """A lease that changes at all is in living hands; one that stays as it was belongs to the dead worker."""

    def __init__(self, databases: Databases, database: str) -> None:
        self.databases, self.database = databases, database
        self.slowest_seconds = self.slowest_at_final_dot_seconds = 0.0
        self._watched: list[Lost] = []
        self._due: list[float] = []
        self._lock, self._over = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._watch, name="recovery watch", daemon=True)
        self._thread.start()

    def worker_lost(self) -> None:
        """Take note of what is leased now, just after a worker was killed or stopped."""
        with self._lock:
            self._due.append(time.monotonic())

    def stop(self) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._over.wait(WATCH_SECONDS):
            try:
                leased = {tuple(row) for row in self.databases.rows(self.database, LEASED)}
            except DATABASE_AWAY:
                continue
            self._compare(leased)

    def _compare(self, leased: set[Lease]) -> None:
        now = time.monotonic()
        with self._lock:
            new, self._due = [Lost(at, leased) for at in self._due], []
        for lost in self._watched:
            for _, _, _, final_dot in lost.leases - leased:
                self._note(now - lost.at, at_final_dot=bool(final_dot))
            lost.leases &= leased
        self._watched = [lost for lost in (*self._watched, *new) if lost.leases]

    def _note(self, seconds: float, *, at_final_dot: bool) -> None:
        if at_final_dot:
            self.slowest_at_final_dot_seconds = max(self.slowest_at_final_dot_seconds, seconds)
        else:
            self.slowest_seconds = max(self.slowest_seconds, seconds)
