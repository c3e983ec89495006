"""Start a task by its name. The rows say what is to be done: a message that the broker loses costs one sweep.

Whoever hands over mail waits for this, so that a broker that does not answer must not keep anybody waiting for long.
"""

import logging
import time
from functools import cache

from celery import current_app
from kombu.connection import Connection
from kombu.exceptions import OperationalError
from kombu.pools import producers
from redis.exceptions import RedisError

ANSWER_SECONDS = 2  # a worker waits for tasks for longer, which is what the transport's options are for
RETRY_AFTER_SECONDS = 5  # so long after a failure nothing is said to the broker

logger = logging.getLogger(__name__)

away_until: dict[str, float] = {}


def start(task: str, argument: object) -> bool:
    """Have a worker run `task`; return whether there is a broker, as far as is known."""
    address = str(current_app.conf.broker_url)
    if time.monotonic() < away_until.get(address, 0):
        return False
    try:
        with producers[_connection(address)].acquire(block=True) as producer:
            current_app.send_task(task, [argument], producer=producer)
    except (OperationalError, RedisError) as error:
        away_until[address] = time.monotonic() + RETRY_AFTER_SECONDS
        logger.warning("No wake-up, the sweep will find what is to be done: %s", error)
        return False
    return True


@cache
def _connection(address: str) -> Connection:
    """Return what the pool of this process for the broker at `address` is known by."""
    return current_app.connection_for_write(address, transport_options={"socket_timeout": ANSWER_SECONDS})
