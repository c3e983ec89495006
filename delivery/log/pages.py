"""Pages of the delivery log by keyset: each is found through an index, however far back and however it is filtered.

The log is in the order in which mail was accepted, the newest first. On PostgreSQL what every index begins with is the
status: rows of any status are those of each, put together. Other databases read what they are asked for as it comes.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from delivery.log.search import MATCHES, Search, matching
from delivery.log.terms import mark_of_day, quoted
from delivery.models import Delivery, Email

COUNTED_MOST = 10_000
SEARCHED_MOST = 20_000  # of the newest rows, by a database without an index for it
NEAR_DAYS = 2  # where a search looks first: in the days next to where it begins, then everywhere else at once
NEAR_MOST = 5_000  # messages; where there are more the log itself is read, which is full of them

FOUND = f"""SELECT id, accepted_at FROM delivery_email
    WHERE {MATCHES} AND accepted_at >= %s::timestamptz AND accepted_at <= %s::timestamptz"""  # noqa: S608

Rows = QuerySet[Delivery]
Span = tuple[datetime | None, datetime | None]  # from when to when, None where it is open
Key = tuple[datetime, int]  # when it was accepted, and its id: the place of a row in the log


@contextmanager
def _through_the_index() -> Iterator[None]:
    """Have statements read the index of the terms that would not end without it."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
        yield


@dataclass(frozen=True)
class Reader:
    """Reads pages of `rows`, which are filtered and in no order; those that a `search` finds, if there is one.

    `since` and `until` are what the rows are known to lie between, `marks` are terms that all of them have: both only
    make a search shorter. `rare` says that the rows have an index of their own. Where a page begins is asked of
    `places`, `rows` without their filters: somebody else's delivery is no place, as one that is gone.
    """

    rows: Rows
    search: Search | None = None
    places: Rows | None = None
    since: datetime | None = None
    until: datetime | None = None
    marks: tuple[str, ...] = ()
    rare: bool = False

    def page(self, limit: int, *, older_than: int | None = None, newer_than: int | None = None) -> list[int]:
        """Return the ids of up to `limit` rows next to one (an id), the newest of all without; the newest first."""
        beside, newer = (newer_than, True) if newer_than is not None else (older_than, False)
        keys = self._keys(self._place(beside), newer, limit)
        return [pk for _, pk in (reversed(keys) if newer else keys)]

    def chunks(self, size: int) -> Iterator[list[int]]:
        """Yield the ids of all rows, the newest first, up to `size` at a time."""
        if self.search and connection.vendor != "postgresql":
            yield from Reader(matching(self.rows, self.search)).chunks(size)
            return
        keys = self._keys(None, False, size)
        while keys:
            yield [pk for _, pk in keys]
            keys = self._keys(keys[-1], False, size)

    def count(self) -> int | None:
        """Return how many rows there are, up to one more than `COUNTED_MOST`; None of a search, which stops early."""
        if self.search:
            return None
        parts = [part.values("pk")[: COUNTED_MOST + 1] for part in self._parts(newer=False)]
        if len(parts) == 1:
            return parts[0].count()
        return parts[0].union(*parts[1:], all=True)[: COUNTED_MOST + 1].count()

    def _place(self, pk: int | None) -> Key | None:
        places = self.rows if self.places is None else self.places
        return places.order_by().filter(pk=pk).values_list("accepted_at", "pk").first() if pk else None

    def _keys(self, beside: Key | None, newer: bool, limit: int) -> list[Key]:
        rows = self.rows if beside is None else self.rows.filter(_beyond(beside, newer))
        if self.search is None:
            return _first(Reader(rows, rare=self.rare)._parts(newer=newer), newer, limit)
        if named := self.search.named():
            return _first([_ordered(rows.filter(email__in=named), newer)], newer, limit)
        if self.search.is_empty:
            return []
        if connection.vendor != "postgresql":
            looked_through = _ordered(rows, newer).values("pk")[:SEARCHED_MOST]
            found = matching(Delivery.objects.filter(pk__in=looked_through), self.search)
            return _first([_ordered(found, newer)], newer, limit)
        return self._found(rows, beside, newer, limit)

    def _parts(self, *, newer: bool) -> Sequence[Rows]:
        """Return the rows in parts, each of which an index holds in the order of the log."""
        if self.rare or connection.vendor != "postgresql":
            return [_ordered(self.rows, newer)]
        return [_ordered(self.rows.filter(status=status), newer) for status in Delivery.Status.values]

    @_through_the_index()
    def _found(self, rows: Rows, beside: Key | None, newer: bool, limit: int) -> list[Key]:
        """Look near first, so that of a word of millions of messages only those are read that are shown."""
        assert self.search is not None
        rows = self.search.on_recipients(rows)
        begin, end = self._near(beside, newer)
        days = [mark_of_day(begin.date() + timedelta(day)) for day in range((end - begin).days)]
        near = rows.filter(accepted_at__gte=begin, accepted_at__lt=end)
        if _are_many(self._query(*days), (begin, end)):
            keys = _first(Reader(_matching_one_by_one(near, self._query()))._parts(newer=newer), newer, limit)
        else:
            keys = _search(near, self._query(*days), (begin, end), newer, limit)
        if len(keys) < limit:
            between = (end, self.until) if newer else (self.since, begin)
            beyond = rows.filter(accepted_at__gte=end) if newer else rows.filter(accepted_at__lt=begin)
            keys += _search(beyond, self._query(), between, newer, limit - len(keys))
        return keys

    def _query(self, *days: str) -> str:
        assert self.search is not None
        return " & ".join((self.search.tsquery(*days), *map(quoted, self.marks)))

    def _near(self, beside: Key | None, newer: bool) -> tuple[datetime, datetime]:
        """Return the whole days (UTC) next to where the page begins, on the side that it is on."""
        now = timezone.now()
        if newer:
            begin = _midnight(beside[0] if beside else self.since or _oldest() or now)
            return begin, begin + timedelta(NEAR_DAYS)
        ahead = 1 if beside or self.until else 2  # tomorrow, too: some clock may go ahead
        end = _midnight(beside[0] if beside else min(self.until or now, now)) + timedelta(ahead)
        return end - timedelta(NEAR_DAYS + ahead - 1), end


def _oldest() -> datetime | None:
    return Email.objects.order_by("accepted_at").values_list("accepted_at", flat=True).first()


def _beyond(key: Key, newer: bool) -> Q:
    side, (at, pk) = ("gt", "lt")[not newer], key
    return Q(**{f"accepted_at__{side}e": at}) & (Q(**{f"accepted_at__{side}": at}) | Q(**{f"pk__{side}": pk}))


def _ordered(rows: Rows, newer: bool) -> Rows:
    return rows.order_by(*_order(newer))


def _order(newer: bool) -> tuple[str, str]:
    return ("accepted_at", "pk") if newer else ("-accepted_at", "-pk")


def _first(parts: Sequence[Rows], newer: bool, limit: int) -> list[Key]:
    some = [part.values_list("accepted_at", "pk")[:limit] for part in parts]
    if len(some) == 1:
        return list(some[0])
    together = some[0].union(*some[1:], all=True)
    return list(together.order_by(*_order(newer))[:limit])


def _are_many(query: str, between: Span) -> bool:
    """Return whether more messages than `NEAR_MOST` match a tsquery."""
    sql = f"SELECT count(*) FROM ({FOUND} LIMIT {NEAR_MOST + 1}) AS found"  # noqa: S608
    [(messages,)] = _rows(sql, [query, *_ends(between)])
    return int(messages) > NEAR_MOST


def _search(rows: Rows, query: str, between: Span, newer: bool, limit: int) -> list[Key]:
    """Return the first keys of `rows` whose message matches a tsquery.

    The messages are found first and put in the order of the log, then so many deliveries are read as are asked for: the
    planner cannot know how rare a word is together with a tenant.
    """
    of_found = RawSQL('"delivery_delivery"."email_id" = found.id', [], output_field=BooleanField())
    inner, values = rows.filter(of_found).order_by().values_list("pk").query.sql_with_params()
    direction = "ASC" if newer else "DESC"
    sql = f"""
        WITH all_found AS MATERIALIZED ({FOUND})
        SELECT found.accepted_at, log.id
        FROM (SELECT * FROM all_found ORDER BY accepted_at {direction} OFFSET 0) AS found
        CROSS JOIN LATERAL ({inner} OFFSET 0) AS log(id)
        ORDER BY found.accepted_at {direction}, log.id {direction} LIMIT %s
    """  # noqa: S608
    return _rows(sql, [query, *_ends(between), *values, limit])


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
