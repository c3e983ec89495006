"""When mail that could not be delivered is tried again, and when no more (RFC 5321 4.5.4.1)."""

import random
from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

JITTER = 0.2
HOLD_SECONDS = 60
SERVER_SECONDS = 60


def next_try(*, tries: int, accepted_at: datetime) -> datetime | None:
    """Return when to try again after `tries` tries, ±20 %; None when the mail has waited long enough."""
    delays = settings.RETRY_SECONDS
    again = _in(delays[min(tries, len(delays) - 1)])
    return again if again < accepted_at + timedelta(seconds=settings.RETRY_FOR_SECONDS) else None


def after_hold() -> datetime:
    return _in(HOLD_SECONDS)


def after_server_trouble() -> datetime:
    return _in(SERVER_SECONDS)


def _in(seconds: float) -> datetime:
    return timezone.now() + timedelta(seconds=seconds * random.uniform(1 - JITTER, 1 + JITTER))  # noqa: S311
