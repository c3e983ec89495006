"""What comes out of the broker, judged before Celery looks at it: whoever can write there can write anything.

Celery ends its worker with many an item that is not as its own producers write them, and loses a slot with others. Here
such an item costs a line of the log. What passes is JSON, names a task of ours and gives it the arguments it takes.
"""

import base64
import binascii
import inspect
import json
import logging
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from queue import Empty
from typing import Any

from celery import current_app
from kombu.transport import redis

logger = logging.getLogger(__name__)

BODY_MAX_CHARS = 64 * 1024  # of a list of ids
HEADER_MAX_CHARS = 4096
WHY_MAX_CHARS = 200
DROPPED = "An item of the broker was dropped: %s"
UNREADABLE = (ValueError, TypeError, KeyError, AttributeError, RecursionError)  # of JSON, of encodings, of shapes
CHECKED_TYPES = (int, str)


class Broken(Exception):
    """Why an item is no task of ours."""


def arguments(item: Any) -> tuple[str, list[Any], dict[str, Any]]:
    """Return which task an item of a task queue asks for, and with what (Celery's message protocol 2).

    Raises `Broken`, or one of `UNREADABLE`.
    """
    properties, headers = _mapping(item, "properties"), _mapping(item, "headers")
    if item["content-type"] != "application/json" or str(item["content-encoding"]).lower() != "utf-8":
        raise Broken(f"its content type is {item['content-type']!r}")
    if not isinstance(properties["delivery_tag"], str) or not isinstance(headers["id"], str):
        raise Broken("it has no id")
    _mapping(properties, "delivery_info")
    if any(len(value) > HEADER_MAX_CHARS for value in headers.values() if isinstance(value, str)):
        raise Broken("a header is too long")
    for name in ("eta", "expires"):
        if headers.get(name) is not None:
            datetime.fromisoformat(headers[name])
    if any(
        isinstance(headers.get(name), dict | list) for name in ("retries", "root_id", "parent_id", "group", "origin")
    ):
        raise Broken("a header is no text")
    args, kwargs, embedded = json.loads(_body(item["body"], properties.get("body_encoding")))
    if not isinstance(args, list) or not isinstance(kwargs, dict) or any(_mapping({"": embedded}, "").values()):
        raise Broken("its arguments have the wrong shape")
    return headers["task"], args, kwargs


def require_json(item: Any) -> None:
    """Raise `Broken` unless `item`, which workers say to each other, is in JSON."""
    try:
        _mapping(item, "headers")
        if item["content-type"] != "application/json" or not isinstance(item["properties"]["delivery_tag"], str):
            raise Broken(f"its content type is {item['content-type']!r}")
        json.loads(_body(item["body"], item["properties"].get("body_encoding")))
    except (*UNREADABLE, binascii.Error) as error:
        raise Broken(f"it is not as Celery writes them ({type(error).__name__})") from error


def _mapping(item: Any, name: str) -> Mapping[str, Any]:
    value = item[name]
    if not isinstance(value, dict):
        raise Broken(f"its {name} are no object")
    return value


def _body(body: Any, encoding: Any) -> str:
    if not isinstance(body, str) or len(body) > BODY_MAX_CHARS:
        raise Broken("its body is too large, or no text")
    if encoding == "base64":
        return base64.b64decode(body, validate=True).decode()
    return body


def require_task(item: Any) -> None:
    """Raise `Broken` unless `item` asks for a task of ours, with arguments that it takes."""
    try:
        name, args, kwargs = arguments(item)
        task = None if name.startswith("celery.") else current_app.tasks.get(name)
    except (*UNREADABLE, binascii.Error) as error:
        raise Broken(f"it is not as Celery writes them ({type(error).__name__})") from error
    if task is None:
        raise Broken(f"it asks for {name!r}, which is no task here")
    try:
        bound = _signature(task.run).bind(*args, **kwargs).arguments
    except TypeError as error:
        raise Broken(f"{name}: {error}") from error
    for parameter, value in bound.items():
        wanted = _signature(task.run).parameters[parameter].annotation
        if wanted in CHECKED_TYPES and type(value) is not wanted:
            raise Broken(f"{name}: {parameter} is no {wanted.__name__}")


@cache
def _signature(function: Callable[..., Any]) -> inspect.Signature:
    return inspect.signature(function, eval_str=True)


def _drop(why: object) -> None:
    text = str(why)
    logger.error(DROPPED, text if len(text) <= WHY_MAX_CHARS else f"{text[:WHY_MAX_CHARS]}…")


class Channel(redis.Channel):
    """Survives what is no JSON."""

    def _brpop_read(self, **options: Any) -> Any:
        with self._dropping():
            return super()._brpop_read(**options)  # type: ignore[no-untyped-call]

    def _receive_one(self, subscription: Any) -> Any:
        with self._dropping():
            return super()._receive_one(subscription)  # type: ignore[no-untyped-call]

    @contextmanager
    def _dropping(self) -> Iterator[None]:
        try:
            yield
        except self.connection_errors:
            raise
        except UNREADABLE as error:
            _drop(f"it is no JSON ({type(error).__name__})")
            raise Empty from error


class Transport(redis.Transport):
    """Hands on what is sound."""

    Channel = Channel

    def _deliver(self, message: Any, queue: str) -> None:
        """Give `message` to who listens to `queue`; what is broken, or breaks them, is gone afterwards."""
        try:
            if queue in current_app.amqp.queues:
                require_task(message)
            else:
                require_json(message)
            super()._deliver(message, queue)  # type: ignore[no-untyped-call]
        except (*self.connection_errors, *self.channel_errors):
            raise
        except Exception as error:
            logger.debug("An item broke its receiver", exc_info=error)
            _drop(error if isinstance(error, Broken) else type(error).__name__)
            self._forget(message)

    def _forget(self, message: Any) -> None:
        """Let nobody wait for an answer to it."""
        for channel in self.channels:
            try:
                tag = message["properties"]["delivery_tag"]
                if tag in channel.qos._delivered:
                    channel.basic_reject(tag)
            except UNREADABLE:
                return
