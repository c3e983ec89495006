"""Have a run requested in some seconds, when a server may be sent to again; the sweep finds what an alarm missed."""

import logging
import threading
import time

from delivery.outbox.wakeups import enqueue_run

logger = logging.getLogger(__name__)

LONGEST_SECONDS = 60  # later the sweep is early enough

_alarms: dict[str, tuple[float, threading.Timer]] = {}  # by server, each with its time by the monotonic clock
_lock = threading.Lock()


def set_alarm(server_key: str, seconds: float) -> None:
    """Request a run of the server in so many seconds, unless one is requested earlier; none that is far away."""
    rings_at = time.monotonic() + seconds
    with _lock:
        earlier, later = _alarms.get(server_key, (float("inf"), None))
        if seconds > LONGEST_SECONDS or earlier <= rings_at:
            return
        timer = threading.Timer(seconds, _ring, (server_key, rings_at))
        timer.daemon = True
        try:
            timer.start()
        except RuntimeError as error:  # there is no thread left
            logger.warning("No alarm could be set for %s: %s", server_key, error)
            return
        if later:
            later.cancel()
        _alarms[server_key] = rings_at, timer


def cancel_alarms() -> None:
    with _lock:
        for _, timer in _alarms.values():
            timer.cancel()
        _alarms.clear()


def _ring(server_key: str, rings_at: float) -> None:
    with _lock:
        if _alarms.get(server_key, (0, None))[0] == rings_at:
            del _alarms[server_key]
    enqueue_run(server_key)
