"""Take a rendered mail into the outbox: one transaction, then a wake-up."""

from collections.abc import Sequence

from django.db import transaction

from delivery.models import Delivery, Email
from delivery.remembering import recent_route
from delivery.waking import wake_on_commit


def accept(email: Email, recipients: Sequence[str], *, priority: int) -> Email:
    """Store `email` with a delivery for each envelope recipient."""
    server_key = recent_route(email).server.key
    tenant = email.white_label_id or 0
    with transaction.atomic():
        email.save(force_insert=True)
        Delivery.objects.bulk_create(
            Delivery(email=email, recipient=recipient, priority=priority, server_key=server_key, tenant=tenant)
            for recipient in recipients
        )
        wake_on_commit(server_key)
    return email
