"""When mail that could not be delivered is tried again, and when no more (RFC 5321 4.5.4.1)."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from delivery.models import Delivery

JITTER = 0.2
HOLD_SECONDS = 60
OUTAGE_SECONDS = (0, 0, 5, 60)  # a server that is restarted is back within seconds


def next_try(delivery: Delivery, *, counts: bool) -> datetime | None:
    """Return when to try again, ±20 %; None when the delivery has waited long enough.

    Where the server was at fault (`counts` is False) that is at once at first: it is the server that rests.
    """
    if counts:
        return _in(_delay(delivery, delivery.attempt_count), delivery)
    return _in(OUTAGE_SECONDS[min(delivery.attempts.count(), len(OUTAGE_SECONDS) - 1)], delivery)


def next_try_after_limit(delivery: Delivery) -> datetime | None:
    """Return when to try again where the server takes no more for now: it is for its rate to say."""
    return _in(0, delivery)


def next_try_with_other_settings(delivery: Delivery) -> datetime | None:
    """Return when to try again where our settings were refused: as often as if each try counted."""
    return _in(_delay(delivery, delivery.attempts.count()), delivery)


def next_look() -> datetime:
    """Return when a route that holds mail is worth another look; on the minute, so that holds can be told together."""
    return timezone.now().replace(second=0, microsecond=0) + timedelta(seconds=60 + HOLD_SECONDS)


def _schedule(priority: int) -> tuple[Sequence[int], int]:
    if priority == Delivery.Priority.URGENT:
        return settings.URGENT_RETRY_SECONDS, settings.URGENT_RETRY_FOR_SECONDS
    return settings.RETRY_SECONDS, settings.RETRY_FOR_SECONDS


def _delay(delivery: Delivery, tries: int) -> int:
    delays, _ = _schedule(delivery.priority)
    return delays[min(tries, len(delays) - 1)]


def _in(seconds: float, delivery: Delivery) -> datetime | None:
    again = timezone.now() + timedelta(seconds=seconds * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311
    _, keep_for = _schedule(delivery.priority)
    return again if again < delivery.email.leaves_from + timedelta(seconds=keep_for) else None
