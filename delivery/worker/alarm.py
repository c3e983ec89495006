"""Have a run requested in some seconds, when a server may be sent to again; the sweep finds what an alarm missed."""

import threading
import time

from delivery.outbox.wakeups import enqueue_run

LONGEST_SECONDS = 60  # later the sweep is early enough

_rings_at: dict[str, float] = {}  # of the monotonic clock, by server
_lock = threading.Lock()


def set_alarm(server_key: str, seconds: float) -> None:
    """Request a run of the server in so many seconds, unless one is requested earlier; none that is far away."""
    rings_at = time.monotonic() + seconds
    with _lock:
        if seconds > LONGEST_SECONDS or _rings_at.get(server_key, float("inf")) <= rings_at:
            return
        _rings_at[server_key] = rings_at
    timer = threading.Timer(seconds, _ring, (server_key, rings_at))
    timer.daemon = True
    timer.start()


def _ring(server_key: str, rings_at: float) -> None:
    with _lock:
        if _rings_at.get(server_key) == rings_at:
            del _rings_at[server_key]
    enqueue_run(server_key)
