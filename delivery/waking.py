"""Tell a worker that mail for a server is due. A wake-up may be lost or doubled: the sweep finds what it missed.

Few are sent, however much mail comes: this process sends none so soon after another that the run which that one begins
looks again later than now (see `dispatch`), and all processes together none while one is still on its way.
"""

import logging
import time

from django.core.cache import cache
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

MERGE_SECONDS = 0.05
LOST_SECONDS = 5

_woken: dict[str, float] = {}


def wake_on_commit(server_key: str) -> None:
    """Wake a worker once the mail is committed."""
    transaction.on_commit(lambda: wake(server_key))


def wake(server_key: str) -> None:
    """Start one `drain` of the server, however many ask for it before it has begun."""
    from delivery.tasks import drain

    now = time.monotonic()
    if now - _woken.get(server_key, 0) < MERGE_SECONDS:
        return
    _woken[server_key] = now
    try:
        if cache.add(_mark(server_key), 1, LOST_SECONDS):
            drain.delay(server_key)
    except (OperationalError, RedisError) as error:
        logger.warning("No wake-up, the sweep will find the mail: %s", error)


def awake(server_key: str) -> None:
    """Let wake-ups through again; a worker says so before it looks for mail."""
    try:
        cache.delete(_mark(server_key))
    except RedisError as error:
        logger.warning("The cache is away: %s", error)


def _mark(server_key: str) -> str:
    return f"delivery:awake:{server_key}"
