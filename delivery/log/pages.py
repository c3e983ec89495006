"""Pages of the delivery log by keyset: each is found through an index, however far back and however it is filtered.

The log is in the order in which mail was accepted, the newest first. On PostgreSQL what every index begins with is the
status: rows of any status are those of each, put together. Other databases read what they are asked for as it comes.
"""

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import OperationalError, connection, transaction
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from delivery.log.search import MATCHES, Search, matching
from delivery.log.terms import mark_of_day, quoted
from delivery.models import Delivery, Email
from tables.statement_limit import is_cancelled, limited

COUNTED_MOST = 10_000
SEARCHED_MOST = 20_000  # of the newest rows, by a database without an index for it
NEAR_DAYS = 2  # where a search looks first: in the days next to where it begins, then everywhere else at once
FURTHER_DAYS = 8  # where it looks next, if it must not take long
MARKED_DAYS = 40  # so many are asked for by their marks
COUNT_MILLISECONDS = 2_000
PAGE_MILLISECONDS = 500  # that a page takes to look everywhere else
NEAR_MOST = 5_000  # messages; where there are more the log itself is read, which is full of them

FOUND = f"""SELECT id, accepted_at FROM delivery_email
    WHERE {MATCHES} AND accepted_at >= %s::timestamptz AND accepted_at <= %s::timestamptz"""  # noqa: S608

Rows = QuerySet[Delivery]
Span = tuple[datetime | None, datetime | None]  # from when to when, None where it is open
T = TypeVar("T")
Key = tuple[datetime, int]  # when it was accepted, and its id: the place of a row in the log


class Found(list[T]):
    """What was found. Beyond `cut_at` nothing was looked for; None where there was time for all."""

    cut_at: datetime | None = None


@contextmanager
def _without(*ways: str) -> Iterator[None]:
    """Have PostgreSQL plan the statements of this block without some ways of reading: "seqscan", "bitmapscan"."""
    if connection.vendor != "postgresql":
        yield
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            off = ", ".join(["set_config(%s, 'off', true)"] * len(ways))
            cursor.execute(f"SELECT {off}", [f"enable_{way}" for way in ways])
        yield


def _through_the_index() -> AbstractContextManager[None]:
    """For statements that would not end without the index of the terms."""
    return _without("seqscan")


def _in_order() -> AbstractContextManager[None]:
    """For the first rows in the order of an index: where two filters go together, as a tenant and its application, the
    planner expects too few, and would read all to sort them."""
    return _without("seqscan", "bitmapscan")


@dataclass(frozen=True)
class Reader:
    """Reads pages of `rows`, which are filtered and in no order; those that a `search` finds, if there is one.

    `since` and `until` are what the rows are known to lie between, `marks` are terms that all of them have: both only
    make a search shorter. `rare` says that the rows have an index of their own. Where a page begins is asked of
    `places`, `rows` without their filters: somebody else's delivery is no place, as one that is gone. What is far away
    is looked for no longer than `patience_ms`, 0 for as long as it takes.
    """

    rows: Rows
    search: Search | None = None
    places: Rows | None = None
    since: datetime | None = None
    until: datetime | None = None
    marks: tuple[str, ...] = ()
    rare: bool = False
    patience_ms: int = 0

    def page(self, limit: int, *, older_than: int | None = None, newer_than: int | None = None) -> Found[int]:
        """Return the ids of up to `limit` rows next to one (an id), the newest of all without; the newest first."""
        beside, newer = (newer_than, True) if newer_than is not None else (older_than, False)
        keys = self._keys(self._place(beside), newer, limit)
        found = Found(pk for _, pk in (reversed(keys) if newer else keys))
        found.cut_at = keys.cut_at
        return found

    def chunks(self, size: int) -> Iterator[list[int]]:
        """Yield the ids of all rows, the newest first, up to `size` at a time."""
        reader = replace(self, patience_ms=0)
        ids, place = reader.portion(size)
        while ids:
            yield ids
            ids, place = reader.portion(size, place)

    def portion(self, size: int, place: Key | None = None) -> tuple[list[int], Key | None]:
        """Return the ids of up to `size` rows older than a place in the log, and the place to go on from, None at the
        end. Where patience ends there are fewer, and none it may be."""
        if self.search and connection.vendor != "postgresql":
            return Reader(matching(self.rows, self.search)).portion(size, place)
        keys = self._keys(place, False, size)
        ends_at = (keys.cut_at, 0) if keys.cut_at else keys[-1] if keys else None
        return [pk for _, pk in keys], ends_at

    def count(self) -> int | None:
        """Return how many rows there are, up to one more than `COUNTED_MOST`; None of a search, which stops early, and
        where that takes too long."""
        if self.search:
            return None
        parts = [part.values("pk")[: COUNTED_MOST + 1] for part in self._parts(newer=False)]
        together = parts[0].union(*parts[1:], all=True)[: COUNTED_MOST + 1] if len(parts) > 1 else parts[0]
        try:
            with transaction.atomic(), limited(COUNT_MILLISECONDS), _in_order():
                return together.count()
        except OperationalError as error:
            if is_cancelled(error):
                return None
            raise

    def _place(self, pk: int | None) -> Key | None:
        places = self.rows if self.places is None else self.places
        return places.order_by().filter(pk=pk).values_list("accepted_at", "pk").first() if pk else None

    def _keys(self, beside: Key | None, newer: bool, limit: int) -> Found[Key]:
        rows = self.rows if beside is None else self.rows.filter(_beyond(beside, newer))
        if self.search is None:
            with _in_order():
                return _first(Reader(rows, rare=self.rare)._parts(newer=newer), newer, limit)
        if named := self.search.named():
            return _first([_ordered(rows.filter(email__in=named), newer)], newer, limit)
        if self.search.is_empty:
            return Found()
        if connection.vendor != "postgresql":
            return _found_in_some(_ordered(rows, newer), self.search, newer, limit)
        with _through_the_index():
            return self._found(rows, beside, newer, limit)

    def _parts(self, *, newer: bool) -> Sequence[Rows]:
        """Return the rows in parts, each of which an index holds in the order of the log."""
        if self.rare or connection.vendor != "postgresql":
            return [_ordered(self.rows, newer)]
        return [_ordered(self.rows.filter(status=status), newer) for status in Delivery.Status.values]

    def _found(self, rows: Rows, beside: Key | None, newer: bool, limit: int) -> Found[Key]:
        """Look near first, so that of a word of millions of messages only those are read that are shown."""
        assert self.search is not None
        rows = self.search.on_recipients(rows)
        near = self._near(beside, newer)
        if _are_many(self._query(near), near):
            few = Reader(_matching_one_by_one(_within(rows, near), self._query()))
            keys = _first(few._parts(newer=newer), newer, limit)
        else:
            keys = self._search(_within(rows, near), near, newer, limit)
        looked_at = near
        if self.patience_ms and len(keys) < limit:
            looked_at = _beside(near, newer)
            keys += self._search(_within(rows, looked_at), looked_at, newer, limit - len(keys))
        if len(keys) < limit:
            self._look_beyond(looked_at, rows, keys, newer, limit)
        return keys

    def _look_beyond(
        self, looked_at: tuple[datetime, datetime], rows: Rows, keys: Found[Key], newer: bool, limit: int
    ) -> None:
        """Add to `keys` what is found further away, as far as patience goes."""
        begin, end = looked_at
        rest, edge = ((end, self.until), (end, None)) if newer else ((self.since, begin), (None, begin))
        if rest[0] and rest[1] and rest[0] > rest[1]:
            return
        try:
            with transaction.atomic(), limited(self.patience_ms) if self.patience_ms else nullcontext():
                far = self._search(_within(rows, edge), rest, newer, limit - len(keys))
            keys += far
        except OperationalError as error:
            if not (self.patience_ms and is_cancelled(error)):
                raise
            keys.cut_at = looked_at[newer]

    def _search(self, rows: Rows, between: Span, newer: bool, limit: int) -> Found[Key]:
        return _search(rows, self._query(between), between, newer, limit)

    def _query(self, between: Span = (None, None)) -> str:
        """Return what is looked for; in a few days, only together with their marks."""
        assert self.search is not None
        return " & ".join((self.search.tsquery(*_marks_of(between)), *map(quoted, self.marks)))

    def _near(self, beside: Key | None, newer: bool) -> tuple[datetime, datetime]:
        """Return the whole days (UTC) next to where the page begins, on the side that it is on."""
        now = timezone.now()
        if newer:
            begin = _midnight(beside[0] if beside else self.since or _oldest() or now)
            return begin, begin + timedelta(NEAR_DAYS)
        ahead = 1 if beside or self.until else 2  # tomorrow, too: some clock may go ahead
        end = _midnight(beside[0] if beside else min(self.until or now, now)) + timedelta(ahead)
        return end - timedelta(NEAR_DAYS + ahead - 1), end


def _found_in_some(rows: Rows, search: Search, newer: bool, limit: int) -> Found[Key]:
    """Return what is found in the first rows, for a database without an index of the terms."""
    looked_through = rows.values("pk")[:SEARCHED_MOST]
    found = matching(Delivery.objects.filter(pk__in=looked_through), search)
    keys = _first([_ordered(found, newer)], newer, limit)
    if len(keys) < limit:
        keys.cut_at = next(iter(rows.values_list("accepted_at", flat=True)[SEARCHED_MOST : SEARCHED_MOST + 1]), None)
    return keys


def _beside(near: tuple[datetime, datetime], newer: bool) -> tuple[datetime, datetime]:
    """Return the days next to what was looked at."""
    begin, end = near
    some = timedelta(FURTHER_DAYS)
    return (end, end + some) if newer else (begin - some, begin)


def _within(rows: Rows, between: Span) -> Rows:
    begin, end = between
    rows = rows.filter(accepted_at__gte=begin) if begin else rows
    return rows.filter(accepted_at__lt=end) if end else rows


def _marks_of(between: Span) -> list[str]:
    """Return the marks of the days (UTC) that the time is of, if these are few."""
    begin, end = between
    if not (begin and end):
        return []
    first, last = (at.astimezone(UTC).date() for at in (begin, end - timedelta(microseconds=1)))
    days = (last - first).days + 1
    return [mark_of_day(first + timedelta(day)) for day in range(days)] if days <= MARKED_DAYS else []


def _oldest() -> datetime | None:
    return Email.objects.order_by("accepted_at").values_list("accepted_at", flat=True).first()


def _beyond(key: Key, newer: bool) -> Q:
    side, (at, pk) = ("gt", "lt")[not newer], key
    return Q(**{f"accepted_at__{side}e": at}) & (Q(**{f"accepted_at__{side}": at}) | Q(**{f"pk__{side}": pk}))


def _ordered(rows: Rows, newer: bool) -> Rows:
    return rows.order_by(*_order(newer))


def _order(newer: bool) -> tuple[str, str]:
    return ("accepted_at", "pk") if newer else ("-accepted_at", "-pk")


def _first(parts: Sequence[Rows], newer: bool, limit: int) -> Found[Key]:
    some = [part.values_list("accepted_at", "pk")[:limit] for part in parts]
    if len(some) == 1:
        return Found(some[0])
    together = some[0].union(*some[1:], all=True)
    return Found(together.order_by(*_order(newer))[:limit])


def _are_many(query: str, between: Span) -> bool:
    """Return whether more messages than `NEAR_MOST` match a tsquery."""
    sql = f"SELECT count(*) FROM ({FOUND} LIMIT {NEAR_MOST + 1}) AS found"  # noqa: S608
    [(messages,)] = _rows(sql, [query, *_ends(between)])
    return int(messages) > NEAR_MOST


def _search(rows: Rows, query: str, between: Span, newer: bool, limit: int) -> Found[Key]:
    """Return the first keys of `rows` whose message matches a tsquery.

    The messages are found first and put in the order of the log, then so many deliveries are read as are asked for: the
    planner cannot know how rare a word is together with a tenant.
    """
    of_found = RawSQL('"delivery_delivery"."email_id" = found.id', [], output_field=BooleanField())
    try:
        inner, values = rows.filter(of_found).order_by().values_list("pk").query.sql_with_params()
    except EmptyResultSet:  # filters that nothing can meet, as an id beyond all numbers
        return Found()
    direction = "ASC" if newer else "DESC"
    sql = f"""
        WITH all_found AS MATERIALIZED ({FOUND})
        SELECT found.accepted_at, log.id
        FROM (SELECT * FROM all_found ORDER BY accepted_at {direction} OFFSET 0) AS found
        CROSS JOIN LATERAL ({inner} OFFSET 0) AS log(id)
        ORDER BY found.accepted_at {direction}, log.id {direction} LIMIT %s
    """  # noqa: S608
    return Found(_rows(sql, [query, *_ends(between), *values, limit]))


def _rows(sql: str, values: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def _ends(between: Span) -> tuple[datetime | str, datetime | str]:
    return between[0] or "-infinity", between[1] or "infinity"


def _matching_one_by_one(rows: Rows, query: str) -> Rows:
    """Return those of `rows` that match a tsquery, for a day that is full of them: the log is read until there are
    enough. A subquery that gives a value is asked for each row, whatever the planner thinks of it."""
    email = 'SELECT "delivery_email"."terms" @@ %s::tsquery FROM "delivery_email" WHERE "delivery_email"."id"'
    return rows.filter(
        RawSQL(f'{email} = "delivery_delivery"."email_id"', [query], output_field=BooleanField())  # noqa: S611
    )


def _midnight(at: datetime) -> datetime:
    """Return when the day began that `at` is of, as the marks count days."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
