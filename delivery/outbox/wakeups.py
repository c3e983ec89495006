"""Wake a worker where mail for a server is due, few times however much comes; the sweep finds what a wake-up missed.

A mark in the cache suppresses wake-ups: it says that a run has been requested, or that one polls and will poll again in
a moment. Besides, a process that has just looked at the mark does not look again for `MERGE_SECONDS`. What is safe
about it: a run takes the mark away before its last poll, and that comes `MERGE_SECONDS` later, so that it sees whatever
was committed while nobody was woken. While the cache is away, each process keeps marks of its own.
"""

import threading
import time
from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.core.cache import cache
from django.db import transaction

from delivery.outbox import broker

DRAIN = "delivery.tasks.drain"

MERGE_SECONDS = 0.05  # for so long one process wakes nobody a second time
LAST_POLL_SECONDS = 0.05  # from the end of the mark to the last poll of a run
STREAM_SECONDS = 0.1  # between two polls while mail comes in numbers, so that a batch comes together
STREAM_MESSAGES = 10  # so many in one poll are numbers
POLLING_SECONDS = 0.5  # so soon, a quick batch included, a run polls again that says so to its process
SUPPRESSED_SECONDS = 1  # the mark of a run that polls
REQUESTED_SECONDS = 5  # the mark of a run that is requested, unless it begins before: the request has been lost


def check_timing() -> None:
    """Raise `AssertionError` where the constants do not keep what is said of them."""
    sweep_seconds = cast(float, settings.CELERY_BEAT_SCHEDULE["sweep-outbox"]["schedule"])
    assert LAST_POLL_SECONDS >= MERGE_SECONDS, "mail that wakes nobody would be committed after the last poll"
    assert POLLING_SECONDS + STREAM_SECONDS < SUPPRESSED_SECONDS, "a run at work would be joined by others"
    assert SUPPRESSED_SECONDS <= REQUESTED_SECONDS < sweep_seconds, "a lost request would suppress the sweep's own"


check_timing()

_looked: dict[str, float] = {}  # when this process has last looked at the mark of a server
_polling: dict[str, tuple[float, "RunWakeups"]] = {}  # which runs of this process poll again in a moment
_lock = threading.Lock()


def wake_on_commit(server_key: str) -> None:
    """Wake a worker once the delivery is committed."""
    transaction.on_commit(lambda: wake(server_key))


def wake(server_key: str) -> bool:
    """Request one run, however many ask for it, unless one polls that polls again soon.

    Return whether there is a broker, as far as is known.
    """
    now = time.monotonic()
    if now - _looked.get(server_key, 0) < MERGE_SECONDS:
        return True
    _looked[server_key] = now
    return not cache.add(_mark(server_key), 1, REQUESTED_SECONDS) or enqueue_run(server_key)


def enqueue_run(server_key: str) -> bool:
    """Request one more run, whatever else polls; return whether there is a broker."""
    return broker.start(DRAIN, server_key)


def suppress(server_key: str) -> None:
    cache.set(_mark(server_key), 1, SUPPRESSED_SECONDS)


def allow(server_key: str) -> None:
    cache.delete(_mark(server_key))


def polls_soon(server_key: str, besides: "RunWakeups | None" = None) -> bool:
    """Return whether a run of this process will soon poll, one `besides` the given."""
    with _lock:
        at, run = _polling.get(server_key, (float("-inf"), None))
        return run is not besides and time.monotonic() - at < POLLING_SECONDS


class RunWakeups:
    """Whether a run is woken for, joined by others or left: it says when it polls, wants help and has ended."""

    def __init__(self, server_key: str) -> None:
        self.server_key = server_key
        self._polls_in_vain = 0

    def begin(self) -> None:
        """Let wake-ups through: what comes from now on is not known to be seen by this run."""
        allow(self.server_key)

    def polling(self, *, again_soon: bool) -> None:
        """Say that the run polls now; where it polls `again_soon`, nobody else need be woken."""
        if again_soon and not self._polls_in_vain:
            with _lock:
                _polling[self.server_key] = time.monotonic(), self
            suppress(self.server_key)
        else:
            self._poll_no_more()

    def wait(self, count: int, *, limit: int) -> bool:
        """After a poll that found `count` wait until mail has come together; return whether to poll again.

        A poll in vain is followed by a last one, later than any wake-up that was left out because of this run.
        """
        self._polls_in_vain = 0 if count else self._polls_in_vain + 1
        if self._polls_in_vain > 1 or self.is_joined:
            return False
        if count == limit:
            return True
        if self._polls_in_vain:
            allow(self.server_key)
        time.sleep(STREAM_SECONDS if count >= STREAM_MESSAGES else LAST_POLL_SECONDS)
        return True

    def request(self) -> None:
        """Request one more run, whatever this one does."""
        enqueue_run(self.server_key)

    def ended(self) -> None:
        """Let wake-ups through: this run polls no more."""
        self._poll_no_more()
        allow(self.server_key)

    def hand_over(self, is_mail_due: Callable[[], bool]) -> None:
        """Once the run has ended, request another one for what came meanwhile and woke nobody."""
        if self._polls_in_vain < 2:  # otherwise the last poll was late enough
            time.sleep(LAST_POLL_SECONDS)
        if not self.is_joined and is_mail_due():
            self.request()

    @property
    def is_joined(self) -> bool:
        """Return whether another run of this process will soon poll, so that this one is not needed."""
        return polls_soon(self.server_key, besides=self)

    def _poll_no_more(self) -> None:
        with _lock:
            if _polling.get(self.server_key, (0, None))[1] is self:
                del _polling[self.server_key]


def _mark(server_key: str) -> str:
    return f"delivery:awake:{server_key}"
