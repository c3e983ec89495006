"""Read the figures: what became of the mail of a period, hour by hour or day by day (UTC), and how fast it was sent."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import Enum
from itertools import pairwise
from typing import Any

from django.db.models import F, QuerySet, Sum
from django.utils import timezone

from delivery.figures.delays import quantile
from delivery.models import DailyFigure, Delivery, HourlyFigure, ServerFigure
from delivery.models.figures import EVERYBODY
from smtp_settings.choices import Outcome

HOUR_SECONDS = 3600
Status = Delivery.Status


class Kind(Enum):
    """What people ask for: the statuses that are one figure, under the name of the first."""

    SENT = (Status.SENT,)
    DEFERRED = (Status.DEFERRED,)
    FAILED = (Status.FAILED, Status.EXPIRED)
    HELD = (Status.HELD,)
    UNCERTAIN = (Status.UNCERTAIN,)
    CANCELLED = (Status.CANCELLED,)

    @property
    def label(self) -> str:
        return str(self.value[0].label)


KIND_OF = {str(status): kind for kind in Kind for status in kind.value}


@dataclass(frozen=True)
class Period:
    """The last so many hours or days, the present one included; a bar of the picture stands for `hours` of them."""

    name: str
    title: str
    hours: int
    bars: int

    def first_bar(self, now: datetime) -> int:
        return int(now.timestamp()) // (HOUR_SECONDS * self.hours) - self.bars + 1

    def begin_of(self, bar: int) -> datetime:
        return datetime.fromtimestamp(bar * self.hours * HOUR_SECONDS, UTC)


PERIODS = (Period("24h", "24 hours", 1, 24), Period("7d", "7 days", 24, 7), Period("30d", "30 days", 24, 30))


@dataclass
class Bar:
    """What became of the mail that was accepted from `begin` to before `end`."""

    begin: datetime
    end: datetime
    counts: Counter[Kind] = field(default_factory=Counter)
    delays: Counter[int] = field(default_factory=Counter)

    def within(self, share: float) -> float | None:
        """Return the seconds from accepted to sent within which so much of it was sent; None where nothing was."""
        return quantile(self.delays, share)


@dataclass
class Course:
    """The bars of a period, the oldest first."""

    period: Period
    bars: list[Bar]

    @property
    def whole(self) -> Bar:
        """Return all bars as one."""
        whole = Bar(self.bars[0].begin, self.bars[-1].end)
        for bar in self.bars:
            whole.counts.update(bar.counts)
            whole.delays.update(bar.delays)
        return whole

    def last(self, period: Period) -> "Course":
        """Return the last bars, of a shorter period of the same bars."""
        return Course(period, self.bars[-period.bars :])


def course(period: Period, of: Mapping[str, int] | None = None) -> Course:
    """Return the course of all mail, or `of` an "application" or a "tenant" (their ids, 0 for the platform)."""
    first = period.first_bar(timezone.now())
    begins = [period.begin_of(first + number) for number in range(period.bars + 1)]
    bars = [Bar(begin, end) for begin, end in pairwise(begins)]
    for number, outcome, delay, deliveries in _rows(period, first, of or {"tenant": EVERYBODY}):
        if first <= number < first + period.bars and deliveries > 0:
            bar = bars[number - first]
            bar.counts[KIND_OF[outcome]] += deliveries
            if outcome == Status.SENT:
                bar.delays[delay] += deliveries
    return Course(period, bars)


def _rows(period: Period, first: int, of: Mapping[str, int]) -> Iterator[tuple[int, str, int, int]]:
    """Yield sums by bar, outcome and span; hours are read only where days do not say it."""
    figures: QuerySet[Any, Any]
    if period.hours == 1 or "application" in of:
        figures = HourlyFigure.objects.filter(hour__gte=first * period.hours, **of)
        figures = figures.annotate(bar=F("hour") / period.hours)
    else:
        figures = DailyFigure.objects.filter(day__gte=first, **of).annotate(bar=F("day"))
    grouped = figures.order_by().values_list("bar", "outcome", "delay").annotate(sum=Sum("deliveries"))
    yield from grouped.values_list("bar", "outcome", "delay", "sum")


def by_tenant(period: Period, now: datetime | None = None) -> dict[int, Counter[Kind]]:
    """Return what became of the mail of each white-label (its id, 0 for the platform) in the period."""
    first = period.first_bar(now or timezone.now())
    figures: QuerySet[Any, Any]
    if period.hours == 1:
        figures = HourlyFigure.objects.filter(hour__gte=first)
    else:
        figures = DailyFigure.objects.filter(day__gte=first)
    found: dict[int, Counter[Kind]] = {}
    for tenant, outcome, deliveries in (
        figures.exclude(tenant=EVERYBODY).order_by().values_list("tenant", "outcome").annotate(sum=Sum("deliveries"))
    ):
        found.setdefault(tenant, Counter())[KIND_OF[outcome]] += deliveries
    return found


@dataclass
class Tries:
    """What a server made of the tries of each hour, the oldest first."""

    taken: list[int]
    troubled: list[int]

    @property
    def total(self) -> int:
        return sum(self.taken) + sum(self.troubled)


# What a try says of a server: that it took the mail, or was not to be had or put it off. A mail that was refused for
# good, and one whose route had changed, say nothing.
TROUBLE = (Outcome.TRANSIENT, Outcome.UNCERTAIN, Outcome.SERVER_UNAVAILABLE)


def tries_by_server(
    period: Period = PERIODS[0], now: datetime | None = None, *, key: str | None = None
) -> dict[str, Tries]:
    """Return the tries of the last hours by the key of their server, of one `key` or of all."""
    first = period.first_bar(now or timezone.now())
    found: dict[str, Tries] = {}
    rows = ServerFigure.objects.filter(hour__gte=first, hour__lt=first + period.bars)
    if key is not None:
        rows = rows.filter(server_key=key)
    for hour, server_key, outcome, tries in rows.values_list("hour", "server_key", "outcome", "tries"):
        of = found.setdefault(server_key, Tries([0] * period.bars, [0] * period.bars))
        if outcome == Outcome.SENT:
            of.taken[hour - first] += tries
        elif outcome in TROUBLE:
            of.troubled[hour - first] += tries
    return found
