"""Take rendered mail into the outbox: one transaction, then a wake-up."""

from collections.abc import Sequence

from django.db import transaction

from delivery.models import Delivery, Email
from delivery.remembering import recent_route
from delivery.waking import wake_on_commit

ROWS_AT_ONCE = 500


def accept(mails: Sequence[tuple[Email, Sequence[str]]], *, priority: int) -> list[Email]:
    """Store each e-mail with a delivery for each of its envelope recipients, all or none."""
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
    with transaction.atomic():
        Email.objects.bulk_create([email for email, _ in mails], ROWS_AT_ONCE)
        Delivery.objects.bulk_create(deliveries, ROWS_AT_ONCE)
        for server_key in {delivery.server_key for delivery in deliveries}:
            wake_on_commit(server_key)
    return [email for email, _ in mails]
