"""Tell a worker that mail for a server is due. A wake-up may be lost or doubled: the sweep finds what it missed.

Few are sent, however much mail comes. A mark in the cache says that somebody has been called, or is at work and will
look again in a moment; while it stands nobody else is called. And a process that has just asked for the mark asks not
again for a moment: who takes the mark away looks once more when that moment is over (see `dispatch`). While the cache
is away, each process keeps marks of its own.
"""

import logging
import time

from django.core.cache import cache
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

MERGE_SECONDS = 0.05
LOST_SECONDS = 5  # of the mark of somebody called: the wake-up has been lost
QUIET_SECONDS = 1  # of the mark of somebody at work

_asked: dict[str, float] = {}


def wake_on_commit(server_key: str) -> None:
    """Wake a worker once the mail is committed."""
    transaction.on_commit(lambda: wake(server_key))


def wake(server_key: str) -> bool:
    """Start one `drain` of the server, however many ask for it, unless one is at work that looks again soon.

    Return whether there is a broker, as far as is known.
    """
    now = time.monotonic()
    if now - _asked.get(server_key, 0) < MERGE_SECONDS:
        return True
    _asked[server_key] = now
    return not cache.add(_mark(server_key), 1, LOST_SECONDS) or call(server_key)


def call(server_key: str) -> bool:
    """Start one more `drain` of the server, whoever is at work; return whether there is a broker."""
    from delivery.tasks import drain

    try:
        drain.delay(server_key)
    except (OperationalError, RedisError) as error:
        logger.warning("No wake-up, the sweep will find the mail: %s", error)
        return False
    return True


def quieten(server_key: str) -> None:
    """Let nobody be called: the caller looks for mail now, and again before the mark is over."""
    cache.set(_mark(server_key), 1, QUIET_SECONDS)


def listen(server_key: str) -> None:
    """Let wake-ups through again; a last look of the caller comes `MERGE_SECONDS` from now, or later."""
    cache.delete(_mark(server_key))


def _mark(server_key: str) -> str:
    return f"delivery:awake:{server_key}"
