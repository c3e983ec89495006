"""Tell a worker that mail for a server is due. A wake-up may be lost or doubled: the sweep finds what it missed."""

import logging

from django.core.cache import cache
from django.db import transaction
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)

MERGE_SECONDS = 5


def wake_on_commit(server_key: str) -> None:
    """Wake a worker once the mail is committed."""
    transaction.on_commit(lambda: wake(server_key))


def wake(server_key: str) -> None:
    """Start one `drain` of the server, however many ask for it before it has begun."""
    from delivery.tasks import drain

    try:
        if cache.add(_mark(server_key), 1, MERGE_SECONDS):
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
