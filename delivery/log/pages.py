"""Pages of the delivery log by keyset: each is found through an index, however far back and however it is filtered.

The log is in the order in which mail was accepted, the newest first. On PostgreSQL what every index begins with is the
status: rows of any status are those of each, put together. Other databases read what they are asked for as it comes.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.db import connection, transaction
from django.db.models import BooleanField, Q, QuerySet
from django.db.models.expressions import RawSQL
from django.utils import timezone

from delivery.log.search import MATCHES, Search, matching
from delivery.log.terms import mark_of_day, quoted
from delivery.models import Delivery, Email

COUNTED_MOST = 10_000
SEARCHED_MOST = 20_000  # of the newest rows, by a database without an index for it
SPANS_DAYS = (1, 7, 56)  # how far a search goes at a time; then it looks for everything else at once
MARKS_MOST = 400

Rows = QuerySet[Delivery]
Key = tuple[datetime, int]  # when it was accepted, and its id: the place of a row in the log


@dataclass(frozen=True)
class Reader:
    """Reads pages of `rows`, which are filtered and in no order; those that a `search` finds, if there is one.

    `since` and `until` are what the rows are known to lie between, `marks` are terms that all of them have: both only
    make a search shorter. `rare` says that the rows have an index of their own.
    """

    rows: Rows
    search: Search | None = None
    since: datetime | None = None
    until: datetime | None = None
    marks: tuple[str, ...] = ()
    rare: bool = False

    def page(self, limit: int, *, older_than: int | None = None, newer_than: int | None = None) -> list[int]:
        """Return the ids of up to `limit` rows next to one (an id), the newest of all without; the newest first."""
        beside, newer = (newer_than, True) if newer_than is not None else (older_than, False)
        keys = self._keys(_place(beside), newer, limit)
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

    def _found(self, rows: Rows, beside: Key | None, newer: bool, limit: int) -> list[Key]:
        """Look some days at a time, so that of a word of millions of messages only those are read that are shown."""
        assert self.search is not None
        keys = list[Key]()
        for begin, end in self._spans(beside, newer):
            within = Q(accepted_at__gte=begin) if begin else Q()
            within &= Q(accepted_at__lt=end) if end else Q()
            query = " & ".join((self.search.tsquery(*_marks_of(begin, end)), *map(quoted, self.marks)))
            keys += _search(self.search.on_recipients(rows.filter(within)), query, newer, limit - len(keys))
            if len(keys) >= limit:
                break
        return keys

    def _spans(self, beside: Key | None, newer: bool) -> Iterator[tuple[datetime | None, datetime | None]]:
        """Yield spans of whole days, one after the other, that together hold all rows there can be."""
        now = timezone.now()
        if newer:
            begin = _midnight(beside[0] if beside else self.since or _oldest() or now)
            for days in SPANS_DAYS:
                yield begin, begin + timedelta(days)
                begin += timedelta(days)
                if begin > now:
                    break
            yield begin, None
            return
        end = _midnight(min(beside[0] if beside else now, self.until or now)) + timedelta(1)
        if beside is None and self.until is None:
            end += timedelta(1)  # a clock that goes ahead
        for days in SPANS_DAYS:
            yield end - timedelta(days), end
            end -= timedelta(days)
            if self.since and end <= self.since:
                return
        yield (_midnight(self.since) if self.since else None), end


def _oldest() -> datetime | None:
    return Email.objects.order_by("accepted_at").values_list("accepted_at", flat=True).first()


def _place(pk: int | None) -> Key | None:
    """Return where a row is or was: nobody else's ids are told apart from those that are gone."""
    if pk is None:
        return None
    return Delivery.objects.filter(pk=pk).values_list("accepted_at", "pk").first()


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


def _search(rows: Rows, query: str, newer: bool, limit: int) -> list[Key]:
    """Return the first keys of `rows` whose message matches a tsquery.

    The messages are found first, by the index alone, which nothing else ends as surely, and only then their
    deliveries: the planner cannot know how rare a word is together with a tenant.
    """
    of_found = RawSQL('"delivery_delivery"."email_id" = found.id', [], output_field=BooleanField())
    inner, values = rows.filter(of_found).order_by().values_list("accepted_at", "pk").query.sql_with_params()
    direction = "ASC" if newer else "DESC"
    sql = f"""
        WITH found AS MATERIALIZED (SELECT id FROM delivery_email WHERE {MATCHES})
        SELECT log.accepted_at, log.id FROM found CROSS JOIN LATERAL ({inner} OFFSET 0) AS log(accepted_at, id)
        ORDER BY log.accepted_at {direction}, log.id {direction} LIMIT %s
    """  # noqa: S608
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(sql, [query, *values, limit])
        return cursor.fetchall()


def _marks_of(begin: datetime | None, end: datetime | None) -> list[str]:
    """Return the marks of the days between, none where they are too many to be named."""
    if begin is None or end is None or (end - begin).days > MARKS_MOST:
        return []
    return [mark_of_day(begin.date() + timedelta(day)) for day in range((end - begin).days)]


def _midnight(at: datetime) -> datetime:
    """Return when the day began that `at` is of, as the marks count days."""
    return at.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
