"""Insert e-mails and their deliveries in one statement, in the one round trip that accepting a message waits for."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models

from delivery.models import Delivery, Email
from delivery.outbox.prepared_sql import executed


def insert(emails: Sequence[Email], deliveries: Sequence[Delivery]) -> None:
    """Store both as `bulk_create` does; PostgreSQL only."""
    sql = f"WITH email AS ({_insert(Email, len(emails))}) {_insert(Delivery, len(deliveries))}"
    with executed(sql, [value for row in (*emails, *deliveries) for value in _values(row)]):
        pass
    for email in emails:
        email._state.adding, email._state.db = False, connection.alias


def _insert(model: type[models.Model], rows: int) -> str:
    fields = _stored(model)
    columns = ", ".join(field.attname for field in fields)
    values = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * rows)
    return f"INSERT INTO {model._meta.db_table} ({columns}) VALUES {values}"  # noqa: S608


def _values(row: models.Model) -> list[Any]:
    fields, ours = _stored(type(row)), connections[DEFAULT_DB_ALIAS]
    return [field.get_db_prep_save(getattr(row, field.attname), ours) for field in fields]


@cache
def _stored(model: type[models.Model]) -> "Sequence[models.Field[Any, Any]]":
    """Return the fields of a new row, all but the id that the database gives."""
    return [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
