"""The two writes that every accepted delivery needs, as plain SQL, for several connections in one transaction.

Nothing else marks a delivery as sent or announces its final dot. PostgreSQL and SQLite are told in their own words; the
tests of this module run on both.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import Field

from delivery.models import Attempt
from delivery.models.delivery import LEASE_SECONDS
from delivery.outbox.leased import LeasedDelivery
from delivery.outbox.prepared_sql import executed

NOW_ON_SQLITE = "strftime('%Y-%m-%d %H:%M:%f', 'now')"


@dataclass(frozen=True, slots=True)
class Accepted:
    """A delivery that a server has taken, and why it counts as sent; `attempt` are the columns of the attempt."""

    delivery: LeasedDelivery
    reason: str
    attempt: dict[str, Any]


@cache
def _columns() -> dict[str, "Field[Any, Any]"]:
    """Return the columns of an attempt, all but the delivery and the time."""
    fields = {field.attname: field for field in Attempt._meta.concrete_fields}
    return {name: field for name, field in fields.items() if name not in ("id", "delivery_id", "at")}


def commit(lease: UUID, accepted: Sequence[Accepted], following: Sequence[LeasedDelivery]) -> set[int]:
    """Write in one transaction what was accepted, and that the final dots of `following` are next.

    All are of one `lease`, and each is written only while that holds for it; return the ids of the following that
    still hold it.
    """
    return (_on_postgresql if connection.vendor == "postgresql" else _on_sqlite)(lease, accepted, following)


# PostgreSQL: one statement, prepared once for a connection. Ids come as arrays, for which the planner takes an index
# whatever its statistics say; the attempts, of many columns, as JSON.
# $1 is the lease, $2 what was accepted, $3 the reasons of that, $4 its attempts, and $5 what follows.

ON_POSTGRESQL = """
    WITH accepted AS (
        UPDATE delivery_delivery AS row
        SET status = 'SENT', status_reason = ($3::text[])[array_position($2::bigint[], row.id)],
            due_at = NULL, attempt_count = attempt_count + 1, lease = NULL, leased_until = NULL,
            final_dot_announced = FALSE, finished_at = now()
        WHERE row.id = ANY($2::bigint[]) AND row.status = 'SENDING' AND row.lease = $1
        RETURNING row.id
    ), attempts AS (
        INSERT INTO delivery_attempt (delivery_id, at, {columns})
        SELECT accepted.id, now(), {columns}
        FROM json_to_recordset($4) AS new (delivery_id bigint, {definitions})
        JOIN accepted ON accepted.id = new.delivery_id
    )
    UPDATE delivery_delivery AS row
    SET final_dot_announced = TRUE, leased_until = now() + interval '{seconds} seconds'
    WHERE row.id = ANY($5::bigint[]) AND row.status = 'SENDING' AND row.lease = $1
    RETURNING row.id
"""


def _on_postgresql(lease: UUID, accepted: Sequence[Accepted], following: Sequence[LeasedDelivery]) -> set[int]:
    attempts = [item.attempt | {"delivery_id": item.delivery.pk} for item in accepted]
    values = (
        lease,
        [item.delivery.pk for item in accepted],
        [item.reason for item in accepted],
        json.dumps(attempts, default=str),
        [delivery.pk for delivery in following],
    )
    with executed(_for_postgresql(), values) as cursor:
        return {pk for (pk,) in cursor.fetchall()}


@cache
def _for_postgresql() -> str:
    types = {name: field.db_type(connection) for name, field in _columns().items()}
    definitions = ", ".join(f"{name} {kind}" for name, kind in types.items())
    return ON_POSTGRESQL.format(columns=", ".join(types), definitions=definitions, seconds=LEASE_SECONDS)


# SQLite: a transaction of a few statements.

SENT = f"""
    UPDATE delivery_delivery
    SET status = 'SENT', status_reason = ?, due_at = NULL, attempt_count = attempt_count + 1, lease = NULL,
        leased_until = NULL, final_dot_announced = FALSE, finished_at = {NOW_ON_SQLITE}
    WHERE id = ? AND status = 'SENDING' AND lease = ?
"""  # noqa: S608
ANNOUNCED = f"""
    UPDATE delivery_delivery
    SET final_dot_announced = TRUE, leased_until = strftime('%Y-%m-%d %H:%M:%f', 'now', '+{LEASE_SECONDS} seconds')
    WHERE id = ? AND status = 'SENDING' AND lease = ?
"""  # noqa: S608


def _on_sqlite(lease: UUID, accepted: Sequence[Accepted], following: Sequence[LeasedDelivery]) -> set[int]:
    database = connections[DEFAULT_DB_ALIAS]  # found once: the name `connection` looks for it each time
    database.ensure_connection()
    execute = database.connection.execute
    with database.wrap_database_errors:
        if database.in_atomic_block:
            return _write(execute, lease, accepted, following)
        execute("BEGIN IMMEDIATE")
        try:
            held = _write(execute, lease, accepted, following)
        except BaseException:
            execute("ROLLBACK")
            raise
        execute("COMMIT")
        return held


def _write(
    execute: Callable[..., Any], lease: UUID, accepted: Sequence[Accepted], following: Sequence[LeasedDelivery]
) -> set[int]:
    token, columns = lease.hex, _columns()
    for item in accepted:
        if execute(SENT, (item.reason, item.delivery.pk, token)).rowcount == 1:
            execute(_attempt_on_sqlite(), (item.delivery.pk, *(_for_sqlite(item.attempt[name]) for name in columns)))
    return {delivery.pk for delivery in following if execute(ANNOUNCED, (delivery.pk, token)).rowcount == 1}


@cache
def _attempt_on_sqlite() -> str:
    names = _columns()
    places = ", ".join("?" * (len(names) + 1))
    columns = ", ".join(("delivery_id", *names))
    return f"INSERT INTO delivery_attempt (at, {columns}) VALUES ({NOW_ON_SQLITE}, {places})"  # noqa: S608


def _for_sqlite(value: Any) -> Any:
    """Return UUIDs and lists as SQLite keeps them."""
    if isinstance(value, UUID):
        return value.hex
    return json.dumps(value) if isinstance(value, list | tuple) else value
