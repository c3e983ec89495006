"""Take rendered mail into the outbox: one transaction, then a wake-up."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.db import connection, models, transaction

from delivery.models import Delivery, Email
from delivery.outbox.prepared import executed
from delivery.outbox.route_cache import recent_route
from delivery.outbox.wakeups import wake_on_commit

ROWS_AT_ONCE = 500


def accept(mails: Sequence[tuple[Email, Sequence[str]]], *, priority: int) -> list[Email]:
    """Store each e-mail with a delivery for each of its envelope recipients, all or none."""
    emails = [email for email, _ in mails]
    deliveries = [
        Delivery(
            email=email,
            recipient=recipient,
            priority=priority,
            tenant=email.white_label_id or 0,
            server_key=recent_route(email).server.key,
        )
        for email, recipients in mails
        for recipient in recipients
    ]
    if connection.vendor == "postgresql" and len(emails) == 1:
        _store_in_one_statement(emails[0], deliveries)
    else:
        with transaction.atomic():
            Email.objects.bulk_create(emails, ROWS_AT_ONCE)
            Delivery.objects.bulk_create(deliveries, ROWS_AT_ONCE)
    for server_key in {delivery.server_key for delivery in deliveries}:
        wake_on_commit(server_key)
    return emails


def _store_in_one_statement(email: Email, deliveries: Sequence[Delivery]) -> None:
    """Insert both in one round trip, which is what accepting a single mail waits for; as `bulk_create` does."""
    sql = f"WITH email AS ({_insert(Email, 1)}) {_insert(Delivery, len(deliveries))}"
    with executed(sql, [value for row in (email, *deliveries) for value in _values(row)]):
        pass
    email._state.adding, email._state.db = False, connection.alias


def _insert(model: type[models.Model], rows: int) -> str:
    fields = _written(model)
    columns = ", ".join(field.attname for field in fields)
    values = ", ".join([f"({', '.join(['%s'] * len(fields))})"] * rows)
    return f"INSERT INTO {model._meta.db_table} ({columns}) VALUES {values}"  # noqa: S608


def _values(row: models.Model) -> list[Any]:
    fields = _written(type(row))
    return [field.get_db_prep_save(getattr(row, field.attname), connection) for field in fields]


@cache
def _written(model: type[models.Model]) -> "Sequence[models.Field[Any, Any]]":
    """Return the fields of a new row, all but the id that the database gives."""
    return [field for field in model._meta.concrete_fields if not isinstance(field, models.AutoField)]
