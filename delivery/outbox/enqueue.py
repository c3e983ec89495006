"""Take a rendered message into the outbox: one transaction, then a wake-up."""

import time
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from django.db import (
    DEFAULT_DB_ALIAS,
    IntegrityError,
    InterfaceError,
    OperationalError,
    connection,
    connections,
    transaction,
)
from django.utils import timezone

from delivery.log import terms
from delivery.models import Delivery, Email
from delivery.outbox import insert_sql
from delivery.outbox.route_cache import cached_route
from delivery.outbox.wakeups import wake_on_commit

ROWS_AT_ONCE = 500
IN_ONE_STATEMENT = 20  # deliveries of e-mails that came together; each number of them is a statement of its own
PATIENCE_SECONDS = 15  # with a database that went away in the midst; whoever hands over mail waits longer
PAUSE_SECONDS = 0.25
TEST_REASON = "It came with a test key: everything was checked, and nothing was sent."


def accept(messages: Sequence[tuple[Email, Sequence[str]]], *, priority: int = Delivery.Priority.NORMAL) -> list[Email]:
    """Store each e-mail with a delivery for each of its envelope recipients, all or none.

    Raises Django's errors with nothing stored; only where the database stays away can nobody tell.
    """
    emails = [email for email, _ in messages]
    for email, recipients in messages:
        email.terms = _terms(email, recipients)
    now = timezone.now()
    deliveries = [_delivery(email, to, priority, now) for email, recipients in messages for to in recipients]
    database = connections[DEFAULT_DB_ALIAS]  # found once: the name `connection` looks for it each time
    database.ensure_connection()
    link = database.connection
    try:
        _store(emails, deliveries)
    except (OperationalError, InterfaceError):
        if database.in_atomic_block or _holds(link):
            raise
        _settle(emails[0], partial(_store, emails, deliveries))
    for server_key in {delivery.server_key for delivery in deliveries if delivery.due_at == now}:
        wake_on_commit(server_key)
    return emails


def _store(emails: list[Email], deliveries: list[Delivery]) -> None:
    in_one = len(emails) == 1 or 0 < len(deliveries) <= IN_ONE_STATEMENT
    if in_one or connection.vendor != "postgresql":
        insert_sql.insert(emails, deliveries)
        return
    for delivery in deliveries:
        delivery.pk = None  # none of an attempt before
    with transaction.atomic():
        Email.objects.bulk_create(emails, ROWS_AT_ONCE)
        Delivery.objects.bulk_create(deliveries, ROWS_AT_ONCE)


def _holds(link: Any) -> bool:
    """Return whether it was the database that said no; where the link to it broke, it may have committed."""
    return connection.connection is link and connection.is_usable()


def _settle(first: Email, store: Callable[[], None]) -> None:
    """Store under the same ids what may be stored already, until the database says which it is.

    The insertion waits for a transaction that still commits what was heard; a mere look would not see it.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        connection.close()
        try:
            return store()
        except IntegrityError:
            if Email.objects.filter(pk=first.pk).exists():
                return None
            raise
        except (OperationalError, InterfaceError):
            if time.monotonic() > until:
                raise
        time.sleep(PAUSE_SECONDS)


def _delivery(email: Email, recipient: str, priority: int, now: datetime) -> Delivery:
    """Return the unsaved delivery; of a test nothing is due, and what is scheduled is found by the sweep."""
    delivery = Delivery(
        email=email,
        recipient=recipient,
        priority=priority,
        tenant=email.white_label_id or 0,
        application_id=email.application_id,
        accepted_at=email.accepted_at,
        server_key=cached_route(email).server.key,
        due_at=email.scheduled_at or now,
    )
    if email.test:
        delivery.status, delivery.status_reason = Delivery.Status.TEST, TEST_REASON
        delivery.due_at, delivery.finished_at = None, now
    return delivery


def _terms(email: Email, recipients: Sequence[str]) -> str:
    return terms.stored(
        email.subject,
        recipients,
        application=email.application_id,
        tenant=email.white_label_id or 0,
        at=email.accepted_at,
    )
