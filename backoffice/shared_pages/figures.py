"""The figures of mail on a page: totals of three periods, each a link to what it counts, and pictures of one."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import date_format

from backoffice.console.site import Console
from backoffice.shared_pages.figure_filter import query_of
from delivery.figures.reading import PERIODS, Bar, Course, Kind, Period, course

DAY, WEEK, MONTH = PERIODS
CHOSEN = "period"  # the parameter
PICTURED = (Kind.SENT, Kind.DEFERRED, Kind.HELD, Kind.UNCERTAIN, Kind.FAILED)  # from the ground up
ALWAYS = (Kind.SENT, Kind.DEFERRED, Kind.FAILED, Kind.HELD)
ROUND = ((86400, "d"), (3600, "h"), (60, "min"))


@dataclass(frozen=True)
class Cell:
    count: int
    link: str


@dataclass(frozen=True)
class Total:
    """What became of mail in each period."""

    label: str
    name: str
    cells: list[Cell]


@dataclass(frozen=True)
class Row:
    """A bar of the picture as a row of its table."""

    label: str
    cells: list[Cell]
    half: float | None
    most: float | None

    @property
    def half_in_words(self) -> str:
        return in_words(self.half)

    @property
    def most_in_words(self) -> str:
        return in_words(self.most)


@dataclass
class Figures:
    """`of` names an application or a tenant by its id; nothing means everybody's mail."""

    console: Console
    chosen: Period
    courses: dict[Period, Course]
    of: dict[str, int]

    @property
    def periods(self) -> Sequence[Period]:
        return PERIODS

    @cached_property
    def totals(self) -> list[Total]:
        wholes = self._wholes
        kinds = [kind for kind in Kind if kind in ALWAYS or any(whole.counts[kind] for whole in wholes)]
        return [Total(kind.label, kind.name.lower(), [self._cell(kind, whole) for whole in wholes]) for kind in kinds]

    @cached_property
    def undecided(self) -> list[Total]:
        """Return what of the last 30 days may wait for a person, where there is any."""
        whole = self.courses[MONTH].whole
        names = {Kind.HELD: "held in 30 days", Kind.UNCERTAIN: "uncertain in 30 days"}
        return [
            Total(names[kind], kind.name.lower(), [self._cell(kind, whole)]) for kind in names if whole.counts[kind]
        ]

    @cached_property
    def speeds(self) -> list[tuple[str, list[str]]]:
        """Return how fast mail was sent in each period, in words."""
        wholes = self._wholes
        return [
            ("Half sent within", [in_words(whole.within(0.5)) for whole in wholes]),
            ("95 % sent within", [in_words(whole.within(0.95)) for whole in wholes]),
        ]

    @cached_property
    def kinds(self) -> list[Kind]:
        """Return what the picture shows: the usual four, and what else there is."""
        counts = self.whole.counts
        return [kind for kind in PICTURED if kind in ALWAYS or counts[kind]]

    @cached_property
    def rows(self) -> list[Row]:
        bars = self.courses[self.chosen].bars
        return [
            Row(self._named(bar), [self._cell(kind, bar) for kind in self.kinds], bar.within(0.5), bar.within(0.95))
            for bar in bars
        ]

    @property
    def is_empty(self) -> bool:
        return not any(whole.counts for whole in self._wholes)

    @cached_property
    def _log(self) -> str:
        return reverse(f"{self.console.name}:delivery_delivery_changelist")

    @cached_property
    def _wholes(self) -> list[Bar]:
        return [self.courses[period].whole for period in PERIODS]

    @property
    def whole(self) -> Bar:
        """Return what the picture shows as one bar."""
        return self._wholes[PERIODS.index(self.chosen)]

    def _cell(self, kind: Kind, bar: Bar) -> Cell:
        return Cell(bar.counts[kind], self._log + query_of(kind, bar, self.of))

    def _named(self, bar: Bar) -> str:
        return date_format(bar.begin, "H:i" if self.chosen.hours == 1 else "j M")


def figures_for(request: HttpRequest, console: Console, **of: int) -> Figures:
    """Return the figures of all mail, of a `tenant` or of an `application` (their ids)."""
    month = course(MONTH, of)
    courses = {DAY: course(DAY, of), WEEK: month.last(WEEK), MONTH: month}
    asked = request.GET.get(CHOSEN)
    return Figures(console, next((each for each in PERIODS if each.name == asked), DAY), courses, of)


def in_words(seconds: float | None) -> str:
    """Return a time as people say it: "0.8 s", "3.5 min"; a dash for none."""
    if seconds is None:
        return "–"
    for unit, name in ROUND:
        if seconds >= unit:
            return f"{seconds / unit:.1f} {name}".replace(".0 ", " ")
    return f"{seconds:.1f} s".replace(".0 ", " ")
