"""Work on many rows of which none keeps the others waiting, whatever somebody has written into it."""

import logging
from collections.abc import Callable, Iterable
from typing import TypeVar

from django.db import models

logger = logging.getLogger(__name__)

Row = TypeVar("Row")


def do_for_each(rows: Iterable[Row], act: Callable[[Row], object]) -> None:
    """Do `act` for each row, or for what names one; what fails for one is logged, and the next one follows.

    `act` has a transaction of its own, so that nothing is done by half.
    """
    for row in rows:
        try:
            act(row)
        except Exception:
            logger.exception(
                "%s failed for one row, and goes on with the next: %s", getattr(act, "__qualname__", act), name_of(row)
            )


def name_of(row: object) -> str:
    """Return which row it is, without what it says."""
    return f"{row._meta.label} {row.pk}" if isinstance(row, models.Model) else str(row)
