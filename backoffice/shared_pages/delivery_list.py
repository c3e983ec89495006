"""The list of the delivery log: a page at a time by keyset, with links to what is newer and older."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest

from backoffice.console.admin import FilteredList
from backoffice.console.csv_download import is_whole
from backoffice.console.filters import TimeRange
from backoffice.console.ids import may_be_id
from delivery.log.pages import COUNTED_MOST, PAGE_MILLISECONDS, Reader
from delivery.log.search import Search, matching
from delivery.models import Delivery

OLDER, NEWER = "older_than", "newer_than"
PLACES = (OLDER, NEWER)  # parameters: the id of a delivery that the page is next to
BEFORE_ALL = "0"


class Counted(int):
    """How many rows there are, or that there are more."""

    is_exact = True

    def __str__(self) -> str:
        return f"{int(self):,}" if self.is_exact else f"{int(self):,}+"


@dataclass(frozen=True)
class PageOfLog:
    """Which page is asked for: the one next to a delivery, or else the newest."""

    older_than: int | None = None
    newer_than: int | None = None

    @classmethod
    def of(cls, given: Mapping[str, str]) -> "PageOfLog":
        ids = {name: int(typed) for name, typed in given.items() if typed == BEFORE_ALL or may_be_id(Delivery, typed)}
        return cls(**dict(list(ids.items())[:1]))

    @property
    def is_newest(self) -> bool:
        return self.older_than is None and self.newer_than is None


class DeliveryList(FilteredList):
    """Reads no more than the rows of its page, and counts no further than people care for."""

    query: str

    def get_queryset(self, request: HttpRequest, exclude_parameters: Any = None) -> "QuerySet[Delivery]":
        """Return all rows of the list, for what is done with all; `get_results` reads those of the page."""
        typed, self.query = self.query, ""
        self.rows: QuerySet[Delivery] = super().get_queryset(request, exclude_parameters)
        self.query = typed
        self.reader = self._reader(request)
        return matching(self.rows, Search.of(typed)) if typed else self.rows

    def get_results(self, request: HttpRequest) -> None:
        if is_whole(request):
            return
        page: PageOfLog = getattr(request, "page_of_log", PageOfLog())
        reader = self.reader
        ids = reader.page(self.list_per_page + 1, older_than=page.older_than, newer_than=page.newer_than)
        self.cut_at, self.cut_to = ids.cut_at, "forward" if page.newer_than is not None else "back"
        more = len(ids) > self.list_per_page
        backwards = page.newer_than is not None
        shown = ids[-self.list_per_page :] if backwards else ids[: self.list_per_page]
        by_id = self.model_admin.get_queryset(request).in_bulk(shown)
        self.result_list = [by_id[pk] for pk in shown if pk in by_id]
        self.result_count = self._counted(reader, len(shown), is_all=page.is_newest and not more and ids.cut_at is None)
        self.can_show_all, self.multi_page = False, False
        self.full_result_count, self.show_full_result_count = None, False
        has_newer = (backwards and more) or (page.older_than is not None and bool(shown))
        has_older = (not backwards and more) or (backwards and bool(shown))
        self.paginator = Pages(
            newest="" if page.is_newest else self.get_query_string(),
            newer=self.get_query_string({NEWER: str(shown[0])}) if has_newer else "",
            older=self.get_query_string({OLDER: str(shown[-1])}) if has_older else "",
            oldest=self.get_query_string({NEWER: BEFORE_ALL}) if has_older else "",
        )

    def _reader(self, request: HttpRequest) -> Reader:
        accepted = next(spec for spec in self.filter_specs if isinstance(spec, TimeRange))
        return Reader(
            self.rows,
            Search.of(self.query) if self.query else None,
            places=self.root_queryset,
            since=accepted.since,
            until=accepted.until,
            marks=self.model_admin.get_marks(request, self.filter_params),
            rare=self.filter_params.get("possible_duplicate__exact") == ["1"],
            patience_ms=PAGE_MILLISECONDS,
        )

    def _counted(self, reader: Reader, shown: int, *, is_all: bool) -> Counted:
        found = shown if is_all else reader.count()
        if found is not None:
            return counted(found)
        at_least = Counted(shown)
        at_least.is_exact = False
        return at_least


def counted(found: int) -> Counted:
    """Return what is said of a count that ends beyond `COUNTED_MOST`."""
    number = Counted(min(found, COUNTED_MOST))
    number.is_exact = found <= COUNTED_MOST
    return number


@dataclass(frozen=True)
class Pages:
    """The links below the list, each "" where it would lead nowhere; in place of Django's paginator, which counts."""

    newest: str
    newer: str
    older: str
    oldest: str
    template_name = "console/delivery_log/pages.html"
