"""Share the threads of this process, so that servers which are slow or hang leave half of them to the others."""

import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from smtp_settings.models import ServerHealth

SOON_SECONDS = 0.5
NEVER = (float("-inf"), 0)


class Seats:
    """Two rules: servers that are not proven share one half; more than one seat for a server only in the other half."""

    def __init__(self, threads: int) -> None:
        self.half = max(1, threads // 2)
        self._lock = threading.Lock()
        self._taken: Counter[str] = Counter()
        self._looked: dict[str, tuple[float, int]] = {}
        self._unproven: Counter[str] = Counter()

    @contextmanager
    def seat(self, server_key: str) -> Iterator[bool]:
        """Give a seat for the time of the context; False when there is none now (the sweep comes back to it)."""
        proven = ServerHealth.of(server_key).proven
        taken = self._take(server_key, proven=proven)
        try:
            yield taken
        finally:
            if taken:
                self._leave(server_key, proven=proven)

    def note_look(self, server_key: str, *, soon_again: bool) -> None:
        """Note that the run of this thread looks for mail now, and whether it surely will again within a moment."""
        with self._lock:
            if soon_again:
                self._looked[server_key] = time.monotonic(), threading.get_ident()
            elif self._looked.get(server_key, NEVER)[1] == threading.get_ident():
                del self._looked[server_key]

    def another_looks_soon(self, server_key: str) -> bool:
        """Return whether a run in another thread will soon look for mail, so that this one is not needed."""
        with self._lock:
            at, thread = self._looked.get(server_key, NEVER)
            return thread != threading.get_ident() and time.monotonic() - at < SOON_SECONDS

    def _take(self, server_key: str, *, proven: bool) -> bool:
        with self._lock:
            if self._taken[server_key] and self._taken.total() >= self.half:
                return False
            if not proven and self._unproven.total() >= self.half:
                return False
            self._taken[server_key] += 1
            self._unproven[server_key] += not proven
            return True

    def _leave(self, server_key: str, *, proven: bool) -> None:
        with self._lock:
            self._taken[server_key] -= 1
            self._unproven[server_key] -= not proven


seats = Seats(settings.CELERY_WORKER_CONCURRENCY)
