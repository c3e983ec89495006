"""The two writes that every accepted mail needs, as plain SQL: with PostgreSQL, one round trip for both.

It says the same as `Delivery.mark_sent`, `Attempt.save` and `Delivery.announce_final_dot`, which stand for every other
case; a test holds the two together.
"""

import json
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from delivery.models import Attempt, Delivery
from delivery.models.delivery import FINAL_DOT_LEASE_SECONDS

COLUMNS = [field.attname for field in Attempt._meta.concrete_fields if field.attname not in ("id", "delivery_id")]
VALUES = ", ".join(["%s"] * len(COLUMNS))
NAMES = ", ".join(f'"{column}"' for column in COLUMNS)
SENT = """
    UPDATE delivery_delivery
    SET status = 'SENT', why = %s, due_at = NULL, tries = tries + 1, lease = NULL, leased_until = NULL,
        final_dot_next = FALSE, finished_at = %s
    WHERE id = %s AND status = 'SENDING' AND lease = %s
"""
ANNOUNCED = """
    UPDATE delivery_delivery SET final_dot_next = TRUE, leased_until = {until}
    WHERE id = %s AND status = 'SENDING' AND lease = %s
"""
UNTIL = {
    "postgresql": f"now() + interval '{FINAL_DOT_LEASE_SECONDS} seconds'",
    "sqlite": f"strftime('%%Y-%%m-%%d %%H:%%M:%%f', 'now', '+{FINAL_DOT_LEASE_SECONDS} seconds')",
}
ALL_IN_ONE = f"""
    WITH sent AS ({SENT} RETURNING id),
         written AS (INSERT INTO delivery_attempt (delivery_id, {NAMES}) SELECT sent.id, {VALUES} FROM sent)
    {ANNOUNCED.format(until=UNTIL["postgresql"])}
"""  # noqa: S608
WRITTEN = f"INSERT INTO delivery_attempt (delivery_id, {NAMES}) VALUES (%s, {VALUES})"  # noqa: S608


def record_sent_and_announce(attempt: Attempt, why: str, following: Delivery) -> bool:
    """Mark the delivery of `attempt` as sent and `following` as about to end, each only while its lease holds.

    Return whether `following` still holds its lease.
    """
    sent = [why, _value(timezone.now()), attempt.delivery_id, _value(attempt.delivery.lease)]
    row = _row(attempt)
    announced = [following.pk, _value(following.lease)]
    if connection.vendor == "postgresql":
        held = _execute(ALL_IN_ONE, [*sent, *row, *announced])
    else:
        with transaction.atomic():
            if _execute(SENT, sent):
                _execute(WRITTEN, [attempt.delivery_id, *row])
            held = _execute(ANNOUNCED.format(until=UNTIL[connection.vendor]), announced)
    following.final_dot_next = held
    return held


def _execute(sql: str, values: list[Any]) -> bool:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.rowcount == 1


def _row(attempt: Attempt) -> list[Any]:
    """Return the columns of `attempt` as the database takes them."""
    return [
        json.dumps(attempt.reasons) if column == "reasons" else _value(getattr(attempt, column)) for column in COLUMNS
    ]


def _value(value: Any) -> Any:
    """Adapt what SQLite keeps as text (PostgreSQL takes all as it is)."""
    if connection.vendor == "postgresql":
        return str(value) if isinstance(value, str) else value
    if hasattr(value, "hex") and not isinstance(value, (int, float, bytes)):
        return value.hex
    return connection.ops.adapt_datetimefield_value(value) if hasattr(value, "tzinfo") else value
