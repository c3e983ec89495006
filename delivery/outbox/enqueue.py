"""Take a rendered message into the outbox: one transaction, then a wake-up."""

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from delivery.log import terms
from delivery.models import Delivery, Email
from delivery.outbox import insert_sql
from delivery.outbox.route_cache import cached_route
from delivery.outbox.wakeups import wake_on_commit

ROWS_AT_ONCE = 500
IN_ONE_STATEMENT = 20  # deliveries of e-mails that came together; each number of them is a statement of its own
TEST_REASON = "It came with a test key: everything was checked, and nothing was sent."


def accept(messages: Sequence[tuple[Email, Sequence[str]]], *, priority: int = Delivery.Priority.NORMAL) -> list[Email]:
    """Store each e-mail with a delivery for each of its envelope recipients, all or none."""
    emails = [email for email, _ in messages]
    for email, recipients in messages:
        email.terms = _terms(email, recipients)
    now = timezone.now()
    deliveries = [_delivery(email, to, priority, now) for email, recipients in messages for to in recipients]
    in_one = len(emails) == 1 or 0 < len(deliveries) <= IN_ONE_STATEMENT
    if connection.vendor == "postgresql" and in_one:
        insert_sql.insert(emails, deliveries)
    else:
        with transaction.atomic():
            Email.objects.bulk_create(emails, ROWS_AT_ONCE)
            Delivery.objects.bulk_create(deliveries, ROWS_AT_ONCE)
    for server_key in {delivery.server_key for delivery in deliveries if delivery.due_at == now}:
        wake_on_commit(server_key)
    return emails


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
