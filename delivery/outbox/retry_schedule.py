"""When mail that could not be delivered is tried again, and when no more (RFC 5321 4.5.4.1)."""

import random
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from delivery.models import Delivery

JITTER = 0.2
HOLD_SECONDS = 60


def next_try(delivery: Delivery, *, counts: bool) -> datetime | None:
    """Return when to try again, ±20 %; None when the delivery has waited long enough.

    A fault of the server (`counts` is False) comes back after the first delay, however often it happens.
    """
    delays, keep_for = _schedule(delivery.priority)
    tries = delivery.attempt_count if counts else 0
    again = _in(delays[min(tries, len(delays) - 1)])
    return again if again < delivery.email.accepted_at + timedelta(seconds=keep_for) else None


def next_look() -> datetime:
    """Return when a route that holds mail is worth another look; on the minute, so that holds can be told together."""
    return timezone.now().replace(second=0, microsecond=0) + timedelta(seconds=60 + HOLD_SECONDS)


def _schedule(priority: int) -> tuple[Sequence[int], int]:
    if priority == Delivery.Priority.URGENT:
        return settings.URGENT_RETRY_SECONDS, settings.URGENT_RETRY_FOR_SECONDS
    return settings.RETRY_SECONDS, settings.RETRY_FOR_SECONDS


def _in(seconds: float) -> datetime:
    return timezone.now() + timedelta(seconds=seconds * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311
