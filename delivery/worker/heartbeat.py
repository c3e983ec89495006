"""Keep alive what this process holds, while the process lives: leases of deliveries, and slots of connections.

One thread beats for all. A process that is killed or stopped beats no more, so what it held is free after one lease.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from django.db import Error, connection

logger = logging.getLogger(__name__)

BEAT_SECONDS = 5  # a lease lasts 40 s

Renew = Callable[[], object]
_held: list[Renew] = []
_lock = threading.Lock()
_thread: threading.Thread | None = None


@contextmanager
def kept(renew: Renew) -> Iterator[None]:
    """Call `renew` with each beat for the time of the context."""
    keep(renew)
    try:
        yield
    finally:
        let_go(renew)


def keep(renew: Renew) -> None:
    global _thread
    with _lock:
        if renew not in _held:
            _held.append(renew)
        if _thread is None or not _thread.is_alive():
            _thread = threading.Thread(target=_beat_on, name="heartbeat", daemon=True)
            _thread.start()


def let_go(renew: Renew) -> None:
    with _lock:
        if renew in _held:
            _held.remove(renew)


def beat() -> None:
    """Renew everything once. What fails is tried again with the next beat, and keeps no other from it."""
    with _lock:
        held = _held[::-1]  # what was registered at the start, and may take long, comes last
    for renew in held:
        try:
            renew()
        except Error as error:  # also InterfaceError: the connection ended under the statement
            logger.warning("The database did not renew it: %s", error)
        except Exception:  # a bug in one renewal must not end all of them in silence
            logger.exception("Not renewed")


def _beat_on() -> None:
    while True:
        time.sleep(BEAT_SECONDS)
        beat()
        with suppress(Error):
            connection.close()
