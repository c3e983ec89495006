"""Start a task by its name. The rows say what is to be done: a message that the broker loses costs one sweep."""

import logging

from celery import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


def start(task: str, argument: object) -> bool:
    """Have a worker run `task`; return whether there is a broker, as far as is known."""
    try:
        current_app.send_task(task, [argument])
    except (OperationalError, RedisError) as error:
        logger.warning("No wake-up, the sweep will find what is to be done: %s", error)
        return False
    return True
