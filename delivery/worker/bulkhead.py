"""Share the threads of this process, so that servers which are slow or hang leave half of them to the others."""

import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings

from smtp_settings.models import ServerHealth


class Bulkhead:
    """Two rules: servers that are not proven share one half; more than one thread for a server only in the other."""

    def __init__(self, threads: int) -> None:
        self.share(threads)
        self._lock = threading.Lock()
        self._threads: Counter[str] = Counter()
        self._unproven: Counter[str] = Counter()

    def share(self, threads: int) -> None:
        """Go by this number of threads from now on."""
        self.half = max(1, threads // 2)

    @contextmanager
    def admit(self, server_key: str) -> Iterator[bool]:
        """Let this thread work for the server during the context; False when there is no room for it now."""
        proven = ServerHealth.of(server_key).proven
        admitted = self._enter(server_key, proven=proven)
        try:
            yield admitted
        finally:
            if admitted:
                self._leave(server_key, proven=proven)

    def _enter(self, server_key: str, *, proven: bool) -> bool:
        with self._lock:
            if self._threads[server_key] and self._threads.total() >= self.half:
                return False
            if not proven and self._unproven.total() >= self.half:
                return False
            self._threads[server_key] += 1
            self._unproven[server_key] += not proven
            return True

    def _leave(self, server_key: str, *, proven: bool) -> None:
        with self._lock:
            self._threads[server_key] -= 1
            self._unproven[server_key] -= not proven


bulkhead = Bulkhead(settings.CELERY_WORKER_CONCURRENCY)
