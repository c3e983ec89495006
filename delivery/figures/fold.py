"""Fold what happened since into the figures: each attempt and each change of status once, whoever runs it how often.

One transaction folds a portion and moves the mark, or takes out the changes, so that a run that is killed has done
nothing or all of its portion. Workers never wait for it: it writes nothing that they write.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from delivery.figures import delays
from delivery.figures.change_log import hour_sql
from delivery.models import DailyFigure, Delivery, FoldMark, HourlyFigure, ServerFigure
from delivery.models.figures import EVERYBODY
from smtp_settings.choices import Outcome
from smtp_settings.models.server import DEFAULT_KEY

ATTEMPTS_AT_ONCE = CHANGES_AT_ONCE = 2000
ROWS_IN_ONE_STATEMENT = 200
PORTIONS = 1000  # of one run; the next goes on

Key = tuple[Any, ...]
Counts = Counter[Key]

SECONDS = {
    "postgresql": "EXTRACT(EPOCH FROM a.at - COALESCE(e.scheduled_at, d.accepted_at))",
    "sqlite": "(julianday(a.at) - julianday(COALESCE(e.scheduled_at, d.accepted_at))) * 86400",
}
NEXT = "SELECT id FROM delivery_attempt WHERE id > %s AND id <= %s ORDER BY id LIMIT %s"


def fold() -> int:
    """Fold all that may be folded now; return how many attempts and changes that were.

    On PostgreSQL an attempt waits for the run after the one that has seen its id, unless nobody writes attempts.
    """
    FoldMark.objects.get_or_create(pk=1)
    total = 0
    for _ in range(PORTIONS):
        folded = _fold_portion()
        total += folded
        if not folded:
            break
    return total


@transaction.atomic
def _fold_portion() -> int:
    """Fold one portion of each; return how many. Nothing is done while another run is at it."""
    skip = connection.features.has_select_for_update_skip_locked
    mark = FoldMark.objects.select_for_update(skip_locked=skip).first()
    return _fold_attempts(mark) + _fold_changes() if mark else 0


def _fold_attempts(mark: FoldMark) -> int:
    before = (mark.folded, mark.ceiling, mark.writers)
    ceiling = _safe_ceiling(mark)
    ids = [pk for (pk,) in _rows(NEXT, mark.folded, ceiling, ATTEMPTS_AT_ONCE)]
    if ids:
        _add_deliveries(Counter({tuple(key): n for *key, n in _rows(_sent_sql(), mark.folded, ids[-1])}))
        tries = _rows(_tries_sql(), mark.folded, ids[-1])
        _add_tries(Counter({(hour, _server_key(server_id), outcome): n for hour, server_id, outcome, n in tries}))
    mark.folded = ids[-1] if len(ids) == ATTEMPTS_AT_ONCE else max(mark.folded, ceiling)
    if before != (mark.folded, mark.ceiling, mark.writers):
        mark.save()
    return len(ids)


def _tries_sql() -> str:
    """Return what counts the attempts, by server and hour."""
    return f"""
        SELECT {hour_sql("at")[connection.vendor]}, server_id, outcome, COUNT(*)
        FROM delivery_attempt WHERE id > %s AND id <= %s GROUP BY 1, 2, 3
    """  # noqa: S608


def _sent_sql() -> str:
    """Return what counts the attempts that sent a delivery, by the key of `HourlyFigure`."""
    vendor = connection.vendor
    return f"""
        WITH sent AS MATERIALIZED (
            SELECT {hour_sql("d.accepted_at")[vendor]} AS hour, COALESCE(d.application_id, 0) AS application,
                d.tenant, d.server_key, {SECONDS[vendor]} AS seconds
            FROM delivery_attempt a
            JOIN delivery_delivery d ON d.id = a.delivery_id JOIN delivery_email e ON e.id = d.email_id
            WHERE a.id > %s AND a.id <= %s AND a.outcome = '{Outcome.SENT}'
        )
        SELECT hour, application, tenant, server_key, '{Delivery.Status.SENT}', {delays.number_sql("seconds")}, COUNT(*)
        FROM sent GROUP BY 1, 2, 3, 4, 6
    """  # noqa: S608


def _server_key(server_id: Any) -> str:
    """Return the key of the server that an attempt names, as SQLite and PostgreSQL keep it."""
    return DEFAULT_KEY if server_id is None else str(UUID(str(server_id)))


def _fold_changes() -> int:
    """Take changes out of their log and count them; what commits later is taken later."""
    taken = _rows(
        """DELETE FROM delivery_statuschange
        WHERE id IN (SELECT id FROM delivery_statuschange ORDER BY id LIMIT %s)
        RETURNING hour, application, tenant, server_key, outcome, change""",
        CHANGES_AT_ONCE,
    )
    counts: Counts = Counter()
    for *key, change in taken:
        counts[(*key, 0)] += change
    _add_deliveries(counts)
    return len(taken)


def _add_deliveries(counts: Counts) -> None:
    """Add `counts`, by the key of `HourlyFigure`, to the hours and to the days, and to the sums of everybody."""
    hours, days = Counter(counts), Counter[Key]()
    for (hour, _, tenant, server_key, *what), count in counts.items():
        hours[(hour, EVERYBODY, EVERYBODY, "", *what)] += count
        days[(hour // 24, tenant, server_key, *what)] += count
        days[(hour // 24, EVERYBODY, "", *what)] += count
    _add(HourlyFigure, ("hour", "application", "tenant", "server_key", "outcome", "delay"), "deliveries", hours)
    _add(DailyFigure, ("day", "tenant", "server_key", "outcome", "delay"), "deliveries", days)


def _add_tries(counts: Counts) -> None:
    _add(ServerFigure, ("hour", "server_key", "outcome"), "tries", counts)


def _add(model: Any, key: Sequence[str], column: str, counts: Counts) -> None:
    """Add each of `counts` to the row of its key, or make one."""
    table, columns = model._meta.db_table, ", ".join((*key, column))
    place = f"({', '.join(['%s'] * (len(key) + 1))})"
    for rows in _portions([(*each, count) for each, count in counts.items() if count]):
        with connection.cursor() as cursor:
            cursor.execute(
                f"""INSERT INTO {table} ({columns}) VALUES {", ".join([place] * len(rows))}
                ON CONFLICT ({", ".join(key)}) DO UPDATE SET {column} = {table}.{column} + EXCLUDED.{column}""",  # noqa: S608
                [value for row in rows for value in row],
            )


def _portions(rows: list[Key]) -> Iterator[list[Key]]:
    return (rows[start : start + ROWS_IN_ONE_STATEMENT] for start in range(0, len(rows), ROWS_IN_ONE_STATEMENT))


def _rows(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


# Which attempts may be folded: all up to an id below which no transaction can commit another one.


def _safe_ceiling(mark: FoldMark) -> int:
    """Return up to which attempt all that will ever be there are there; changes `mark`, which the caller saves.

    SQLite has one writer at a time, and it is this one. On PostgreSQL ids are given before the commit, to whoever holds
    a lock on the table until then: once all have ended that were writing when an id was the last one, none is missing.
    """
    if connection.vendor == "sqlite":
        ((last,),) = _rows("SELECT COALESCE(MAX(id), 0) FROM delivery_attempt")
        return int(last)
    ((last,),) = _rows("SELECT CASE WHEN is_called THEN last_value ELSE 0 END FROM delivery_attempt_id_seq")
    writers = [writer for (writer,) in _rows(WRITERS)]
    if not writers:
        mark.ceiling, mark.writers = last, writers
        return int(last)
    safe = mark.folded if set(writers).intersection(mark.writers) else mark.ceiling
    if mark.folded >= mark.ceiling:
        mark.ceiling, mark.writers = last, writers
    return safe


# The transactions, but for this one, that may have written attempts. A snapshot would not do: it names no transaction
# that began after the last one that has ended.
WRITERS = """
    SELECT DISTINCT virtualtransaction FROM pg_locks
    WHERE relation = 'delivery_attempt'::regclass AND mode = 'RowExclusiveLock'
        AND pid IS DISTINCT FROM pg_backend_pid()
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""
