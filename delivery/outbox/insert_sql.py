"""Insert e-mails and their deliveries as plain SQL: on PostgreSQL in one statement, in the one round trip that
accepting a message waits for.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from functools import cache
from itertools import count
from operator import attrgetter
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.backends.base.base import BaseDatabaseWrapper

from delivery.models import Delivery, Email
from delivery.models.terms import TermsField
from delivery.outbox.prepared_sql import executed

AS_THEY_ARE = {  # by vendor, what a driver takes; no enumeration, which is written by its value
    "postgresql": {str, int, bool, uuid.UUID, datetime, type(None)},
    "sqlite": {str, int, bool, type(None)},
}
OF_THOSE = {
    *(models.CharField, models.TextField, models.BooleanField, models.UUIDField, models.DateTimeField, TermsField),
    *(models.ForeignKey, models.PositiveSmallIntegerField, models.BigIntegerField),
}


def insert(emails: Sequence[Email], deliveries: Sequence[Delivery]) -> None:
    """Store both as `bulk_create` does, but for the ids of deliveries; on PostgreSQL only a few at once."""
    database = connections[DEFAULT_DB_ALIAS]
    if database.vendor == "postgresql":
        values = [value for row in (*emails, *deliveries) for value in _values(row, database)]
        with executed(_statement(len(emails), len(deliveries)), values):
            pass
    else:
        with transaction.atomic(), database.cursor() as cursor:
            for model, rows in ((Email, emails), (Delivery, deliveries)):
                cursor.executemany(_of_one_row(model), [_values(row, database) for row in rows])
    for email in emails:
        email._state.adding, email._state.db = False, DEFAULT_DB_ALIAS


@cache
def _statement(emails: int, deliveries: int) -> str:
    places = (f"${number}" for number in count(1))
    return f"WITH email AS ({_insert(Email, emails, places)}) {_insert(Delivery, deliveries, places)}"


@cache
def _of_one_row(model: type[models.Model]) -> str:
    return _insert(model, 1, ("%s" for _ in count()))


def _insert(model: type[models.Model], rows: int, places: Iterator[str]) -> str:
    fields, _, _ = _stored(model)
    columns = ", ".join(field.attname for field in fields)
    values = ", ".join(f"({', '.join(next(places) for _ in fields)})" for _ in range(rows))
    return f"INSERT INTO {model._meta.db_table} ({columns}) VALUES {values}"  # noqa: S608


def _values(row: models.Model, database: BaseDatabaseWrapper) -> list[Any]:
    """Return what Django would store, without asking it where that is the value itself."""
    fields, read, are_simple = _stored(type(row))
    as_they_are = AS_THEY_ARE[database.vendor]
    return [
        value if is_simple and type(value) in as_they_are else field.get_db_prep_save(value, database)
        for field, is_simple, value in zip(fields, are_simple, read(row), strict=True)
    ]


@cache
def _stored(
    model: type[models.Model],
) -> "tuple[Sequence[models.Field[Any, Any]], Callable[[models.Model], Sequence[Any]], Sequence[bool]]":
    """Return the fields of a new row, all but the id that the database gives; what reads them; which are simple."""
    fields = [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
    return fields, attrgetter(*(field.attname for field in fields)), [type(field) in OF_THOSE for field in fields]
