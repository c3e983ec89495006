"""Let go of the figures by hour once nobody looks at hours any more; those by day stay."""

import time

from delivery.models import HourlyFigure, ServerFigure

HOURS_KEPT = 400 * 24


def forget_hours() -> int:
    """Delete the figures of hours long past; return how many."""
    first = int(time.time()) // 3600 - HOURS_KEPT
    return sum(model.objects.filter(hour__lt=first).delete()[0] for model in (HourlyFigure, ServerFigure))
