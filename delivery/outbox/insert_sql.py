"""Insert e-mails and their deliveries in one statement, in the one round trip that accepting a message waits for."""

import uuid
from collections.abc import Iterator, Sequence
from datetime import datetime
from functools import cache
from itertools import count
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper

from delivery.models import Delivery, Email
from delivery.models.terms import TermsField
from delivery.outbox.prepared_sql import executed

AS_THEY_ARE = {str, int, bool, uuid.UUID, datetime, type(None)}  # but no enumeration, which is written by its value
OF_THOSE = {
    *(models.CharField, models.TextField, models.BooleanField, models.UUIDField, models.DateTimeField, TermsField),
    *(models.ForeignKey, models.PositiveSmallIntegerField, models.BigIntegerField),
}


def insert(emails: Sequence[Email], deliveries: Sequence[Delivery]) -> None:
    """Store both as `bulk_create` does; PostgreSQL only."""
    values = [value for row in (*emails, *deliveries) for value in _values(row)]
    with executed(_statement(len(emails), len(deliveries)), values):
        pass
    for email in emails:
        email._state.adding, email._state.db = False, connection.alias


@cache
def _statement(emails: int, deliveries: int) -> str:
    places = count(1)
    return f"WITH email AS ({_insert(Email, emails, places)}) {_insert(Delivery, deliveries, places)}"


def _insert(model: type[models.Model], rows: int, places: Iterator[int]) -> str:
    fields = _stored(model)
    columns = ", ".join(field.attname for field in fields)
    values = ", ".join(f"({', '.join(f'${next(places)}' for _ in fields)})" for _ in range(rows))
    return f"INSERT INTO {model._meta.db_table} ({columns}) VALUES {values}"  # noqa: S608


def _values(row: models.Model) -> list[Any]:
    ours = connections[DEFAULT_DB_ALIAS]
    return [_value(getattr(row, field.attname), field, ours) for field in _stored(type(row))]


def _value(value: Any, field: "models.Field[Any, Any]", ours: BaseDatabaseWrapper) -> Any:
    """Return what Django would store, without asking it where that is the value itself."""
    if type(value) in AS_THEY_ARE and type(field) in OF_THOSE:
        return value
    return field.get_db_prep_save(value, ours)


@cache
def _stored(model: type[models.Model]) -> "Sequence[models.Field[Any, Any]]":
    """Return the fields of a new row, all but the id that the database gives."""
    return [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
