"""Lease due rows in SQL: turns between tenants, the urgent ones first, in time that does not grow with the backlog.

Every step is one in the index `delivery_due`. So that PostgreSQL takes it whatever its statistics say, what is asked
for is a scalar subquery and no join, and comes in the order of the index.
"""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby, islice
from uuid import UUID

from django.db import connection

from delivery.models.delivery import LEASE_SECONDS, Delivery

TENANTS_AT_ONCE = 8
PRIORITIES = 3
BEFORE_ALL = -1
IS_WAITING = f"status IN {tuple(map(str, Delivery.WAITING))}"

Turn = tuple[int, int]  # a tenant and a priority that it has due mail of


def due_turns(server_key: str, now: datetime, *, after_tenant: int, tenants: int) -> list[Turn]:
    """Return whose turn is next: up to so many tenants, those after `after_tenant` first."""
    all_turns = _turns(server_key, now, after_tenant)
    if after_tenant != BEFORE_ALL:
        all_turns += [turn for turn in _turns(server_key, now, BEFORE_ALL) if turn[0] <= after_tenant]
    by_tenant = groupby(all_turns, key=lambda turn: turn[0])
    return [turn for _, turns in islice(by_tenant, tenants) for turn in turns]


def _turns(server_key: str, now: datetime, after_tenant: int) -> list[Turn]:
    """Step from tenant to tenant in the index; ordered by tenant and priority."""
    sql = f"""
        WITH RECURSIVE turn(tenant) AS (
            SELECT MIN(tenant) FROM delivery_delivery WHERE {IS_WAITING} AND server_key = %s AND tenant > %s
            UNION ALL
            SELECT (SELECT MIN(d.tenant) FROM delivery_delivery d
                    WHERE d.{IS_WAITING} AND d.server_key = %s AND d.tenant > turn.tenant)
            FROM turn WHERE turn.tenant IS NOT NULL
        ), level(priority) AS (VALUES (0), (1), (2))
        SELECT turn.tenant, level.priority FROM turn CROSS JOIN level
        WHERE (SELECT d.id FROM delivery_delivery d
               WHERE d.{IS_WAITING} AND d.server_key = %s AND d.tenant = turn.tenant
               AND d.priority = level.priority AND d.due_at <= %s ORDER BY d.due_at LIMIT 1) IS NOT NULL
        LIMIT {TENANTS_AT_ONCE * PRIORITIES}
    """  # noqa: S608
    due_at = connection.ops.adapt_datetimefield_value(now)
    with connection.cursor() as cursor:
        cursor.execute(sql, [server_key, after_tenant, server_key, server_key, due_at])
        return sorted(cursor.fetchall())


def lease(server_key: str, turns: Sequence[Turn], token: UUID, now: datetime, *, limit: int) -> list[int]:
    """Lease up to `limit` due rows of `turns` in one statement; return their ids.

    Every tenant gets its share, its urgent rows first. What another worker has locked is passed over on PostgreSQL;
    SQLite has one writer at a time.
    """
    on_postgresql = connection.vendor == "postgresql"
    part = f"""
        SELECT * FROM (
            SELECT id, tenant, priority, due_at FROM delivery_delivery
            WHERE {IS_WAITING} AND server_key = %s AND tenant = %s AND priority = %s AND due_at <= %s
            ORDER BY due_at LIMIT %s {"FOR UPDATE SKIP LOCKED" if on_postgresql else ""}
        ) AS part
    """  # noqa: S608
    chosen = f"""
        SELECT id FROM (
            SELECT id, priority, ROW_NUMBER() OVER (PARTITION BY tenant ORDER BY priority, due_at) AS place
            FROM ({" UNION ALL ".join([part] * len(turns))}) AS due
        ) AS placed ORDER BY place, priority LIMIT %s
    """  # noqa: S608
    sql = f"""
        UPDATE delivery_delivery SET status = 'SENDING', lease = %s, leased_until = {_until()},
            final_dot_announced = FALSE
        WHERE id {f"= ANY(ARRAY({chosen}))" if on_postgresql else f"IN ({chosen})"}
        RETURNING id
    """  # noqa: S608
    due_at, share = connection.ops.adapt_datetimefield_value(now), -(-limit // len({tenant for tenant, _ in turns}))
    parts = [value for tenant, priority in turns for value in (server_key, tenant, priority, due_at, share)]
    with connection.cursor() as cursor:
        cursor.execute(sql, [token if on_postgresql else token.hex, *parts, limit])
        return [pk for (pk,) in cursor.fetchall()]


def _until() -> str:
    """Return the end of a lease by the database's own clock."""
    if connection.vendor == "postgresql":
        return f"now() + interval '{LEASE_SECONDS} seconds'"
    return f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', '+{LEASE_SECONDS} seconds')"
