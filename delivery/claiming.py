"""Lease due deliveries of one server to one worker, and take back what a dead worker left."""

import uuid
from datetime import datetime, timedelta

from django.db import connection, transaction
from django.utils import timezone

from delivery.models import Delivery
from delivery.models.delivery import LEASE_SECONDS

BATCH = 20


def claim(server_key: str, *, limit: int = BATCH) -> list[Delivery]:
    """Lease up to `limit` due deliveries of the server, urgent ones first, in one short transaction."""
    now, lease = timezone.now(), uuid.uuid4()
    with transaction.atomic():
        waiting = Delivery.objects.due(now).filter(server_key=server_key).order_by("priority", "due_at")
        if connection.features.has_select_for_update_skip_locked:
            waiting = waiting.select_for_update(skip_locked=True)
        ids = list(waiting.values_list("pk", flat=True)[:limit])
        leased_until = now + timedelta(seconds=LEASE_SECONDS)
        Delivery.objects.filter(pk__in=ids, status__in=Delivery.WAITING).update(
            status=Delivery.Status.SENDING, lease=lease, leased_until=leased_until
        )
    claimed = Delivery.objects.filter(lease=lease, pk__in=ids).order_by("priority", "due_at")
    return list(claimed.select_related("email__application__owner", "email__application__white_label__server"))


def take_back(now: datetime) -> int:
    """Queue again what was leased to a worker that died; past its final dot it is uncertain. Return how many."""
    abandoned = list(Delivery.objects.abandoned(now)[:1000])
    return sum(_take_back(delivery) for delivery in abandoned)


def _take_back(delivery: Delivery) -> bool:
    if delivery.final_dot_next:
        return delivery.mark_uncertain("The worker stopped after the end of the message; nobody knows the answer.")
    return delivery.give_back()


def servers_with_due_mail(now: datetime) -> list[str]:
    return list(Delivery.objects.due(now).order_by().values_list("server_key", flat=True).distinct())
