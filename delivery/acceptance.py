"""Take a rendered mail into the outbox: one transaction, then a wake-up."""

from collections.abc import Sequence

from django.db import transaction

from delivery.models import Delivery, Email
from delivery.waking import wake_on_commit
from whitelabel.routing import Address, route_for


def accept(email: Email, recipients: Sequence[str], *, priority: int) -> Email:
    """Store `email` with a delivery for each envelope recipient."""
    route = route_for(email.application, Address(email.wanted_name, email.wanted_address))
    with transaction.atomic():
        email.save(force_insert=True)
        Delivery.objects.bulk_create(
            Delivery(email=email, recipient=recipient, priority=priority, server_key=route.server.key)
            for recipient in recipients
        )
        wake_on_commit(route.server.key)
    return email
