"""A Redis cache whose absence slows nothing down and stops nobody: while it is away, each process keeps its own.

What is kept here are the throttles of the sign-in. They stay in force while Redis is away, then counted per process.
"""

import json
import logging
import time
from collections.abc import Callable
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError, ResponseError

RETRY_AFTER_SECONDS = 10
NOTHING = "null"
OF_THE_VALUE = ("WRONGTYPE", "value is not an integer", "increment or decrement would overflow")

logger = logging.getLogger(__name__)


def _steady(name: str) -> Callable[..., Any]:
    """Return the method `name` of a cache, taken from Redis or, while that is away, from this process.

    A value that is none of ours, such as a text in place of a counter, is no absence of Redis, and is forgotten.
    """

    def method(cache: "SteadyCache", *args: Any, **kwargs: Any) -> Any:
        ask = getattr(super(SteadyCache, cache), name)
        if not cache.is_away:
            try:
                try:
                    return ask(*args, **kwargs)
                except ResponseError as error:
                    if not (args and str(error).startswith(OF_THE_VALUE)):
                        raise
                    super(SteadyCache, cache).delete(args[0])
                    return ask(*args, **kwargs)
            except RedisError as error:
                cache.note_absence(error)
        return getattr(cache.own, name)(*args, **kwargs)

    return method


class JsonSerializer:
    """Values in the cache as JSON, in place of Django's pickles: whoever writes into Redis runs nothing here."""

    def dumps(self, value: Any) -> Any:
        """Return what is stored; numbers as they are, so that Redis counts them up. What is no JSON is not kept."""
        try:
            return value if type(value) is int else json.dumps(value)
        except TypeError:
            return NOTHING

    def loads(self, stored: bytes) -> Any:
        """Return the value; None for what is no JSON, as if it were not there."""
        try:
            return json.loads(stored)
        except (ValueError, RecursionError):
            return None


class SteadyCache(RedisCache):
    """After a failure, Redis is left alone for `RETRY_AFTER_SECONDS`, so that not every request waits for it."""

    _away_until: dict[str, float] = {}

    def __init__(self, server: str, params: dict[str, Any]) -> None:
        super().__init__(server, params)
        self.server = server
        self.own = LocMemCache(f"while {server} is away", {})

    @property
    def is_away(self) -> bool:
        return time.monotonic() < self._away_until.get(self.server, 0)

    def note_absence(self, error: RedisError) -> None:
        self._away_until[self.server] = time.monotonic() + RETRY_AFTER_SECONDS
        logger.warning("The cache is away, each process keeps its own: %s", error)

    add = _steady("add")
    clear = _steady("clear")
    delete = _steady("delete")
    delete_many = _steady("delete_many")
    get = _steady("get")
    get_many = _steady("get_many")
    has_key = _steady("has_key")
    incr = _steady("incr")
    set = _steady("set")
    set_many = _steady("set_many")
    touch = _steady("touch")
