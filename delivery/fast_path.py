"""The two writes that every accepted mail needs, as plain SQL: with PostgreSQL, one prepared statement for both.

It says the same as `Delivery.mark_sent`, `Attempt.save` and `Delivery.announce_final_dot`, which stand for every other
case; a test holds the two together. Only what the outbox does once for each mail is written like this.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection

from delivery.models import Attempt, Delivery
from delivery.models.delivery import LEASE_SECONDS

SENT = """
    UPDATE delivery_delivery
    SET status = 'SENT', why = %s, due_at = NULL, tries = tries + 1, lease = NULL, leased_until = NULL,
        final_dot_next = FALSE, finished_at = {now}
    WHERE id = %s AND status = 'SENDING' AND lease = %s
"""
ANNOUNCED = """
    UPDATE delivery_delivery SET final_dot_next = TRUE, leased_until = {until}
    WHERE id = %s AND status = 'SENDING' AND lease = %s
"""
POSTGRESQL = {"now": "now()", "until": f"now() + interval '{LEASE_SECONDS} seconds'"}
SQLITE = {
    "now": "strftime('%Y-%m-%d %H:%M:%f', 'now')",
    "until": f"strftime('%Y-%m-%d %H:%M:%f', 'now', '+{LEASE_SECONDS} seconds')",
}


def record_sent_and_announce(why: str, attempt: dict[str, Any], delivery: Delivery, following: Delivery) -> bool:
    """Mark `delivery` as sent, with its attempt, and `following` as about to end, each only while its lease holds.

    `attempt` are the columns of the attempt. Return whether `following` still holds its lease.
    """
    if connection.vendor == "postgresql":
        held = _on_postgresql(why, attempt, delivery, following)
    else:
        held = _on_sqlite(why, attempt, delivery, following)
    following.final_dot_next = held
    return held


def _on_postgresql(why: str, attempt: dict[str, Any], delivery: Delivery, following: Delivery) -> bool:
    """Run all in one round trip; the statement is prepared, so that it is planned once for a connection."""
    connection.ensure_connection()
    values = [why, delivery.pk, delivery.lease, *attempt.values(), following.pk, following.lease]
    with psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(_all_in_one(tuple(attempt)), values, prepare=True)
        return cursor.rowcount == 1


def _on_sqlite(why: str, attempt: dict[str, Any], delivery: Delivery, following: Delivery) -> bool:
    names = tuple(attempt)
    with _transaction() as execute:
        sent = execute(_for_sqlite(SENT), (why, delivery.pk, _hex(delivery.lease)))
        if sent.rowcount == 1:
            attempt = attempt | {"server_id": _hex(attempt["server_id"])}
            execute(_insert(names), (delivery.pk, *attempt.values()))
        return bool(execute(_for_sqlite(ANNOUNCED), (following.pk, _hex(following.lease))).rowcount == 1)


@contextmanager
def _transaction() -> Iterator[Callable[..., Any]]:
    """Give SQLite's own execute inside a transaction; inside one of Django's, take part in that."""
    connection.ensure_connection()
    execute = connection.connection.execute
    if connection.in_atomic_block:
        yield execute
        return
    execute("BEGIN IMMEDIATE")
    try:
        yield execute
    except BaseException:
        execute("ROLLBACK")
        raise
    execute("COMMIT")


@cache
def _all_in_one(names: tuple[str, ...]) -> str:
    columns = ", ".join(names)
    types = {field.attname: field.db_type(connection) for field in Attempt._meta.concrete_fields}
    values = ", ".join(f"%s::{types[name]}" for name in names)
    return f"""
        WITH sent AS ({SENT.format(**POSTGRESQL)} RETURNING id),
             written AS (
                 INSERT INTO delivery_attempt (delivery_id, at, {columns}) SELECT sent.id, now(), {values} FROM sent
             )
        {ANNOUNCED.format(**POSTGRESQL)}
    """  # noqa: S608


@cache
def _insert(names: tuple[str, ...]) -> str:
    places = ", ".join("?" * (len(names) + 1))
    columns = ", ".join(("delivery_id", *names))
    return f"INSERT INTO delivery_attempt (at, {columns}) VALUES ({SQLITE['now']}, {places})"  # noqa: S608


@cache
def _for_sqlite(sql: str) -> str:
    return sql.replace("%s", "?").format(**SQLITE)


def _hex(value: Any) -> Any:
    """Return UUIDs as SQLite keeps them."""
    return value.hex if isinstance(value, UUID) else value
