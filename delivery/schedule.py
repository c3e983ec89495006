"""Mail that leaves later: what may still be changed about it."""

from datetime import datetime

from django.db import transaction
from django.utils import timezone

from delivery.message import validation
from delivery.message.rendering import redated
from delivery.models import Delivery, Email
from delivery.outbox.wakeups import wake_on_commit

CANCELLED = "The application cancelled it."


@transaction.atomic
def reschedule(email: Email, at: datetime) -> bool:
    """Let `email` leave at another time, with that as its Date; return whether it was still waiting for its time.

    Raises `ValidationError` naming the field.
    """
    leaves_at = validation.scheduled_at(at) or timezone.now()
    deliveries = list(Delivery.objects.select_for_update().filter(email=email))
    fresh = Email.objects.get(pk=email.pk)
    if not (is_scheduled(fresh) and all(_waits(delivery) for delivery in deliveries)):
        return False
    assert fresh.content is not None, "content is kept until the mail has left"
    email.scheduled_at, email.content = leaves_at, redated(bytes(fresh.content), leaves_at)
    email.save(update_fields=["scheduled_at", "content"])
    waiting = Delivery.objects.filter(email=email, status=Delivery.Status.QUEUED)
    waiting.update(due_at=leaves_at)
    for server_key in waiting.server_keys():
        wake_on_commit(server_key)
    return True


@transaction.atomic
def cancel(email: Email) -> bool:
    """Cancel what of `email` has not left; return whether any was, now or before."""
    for delivery in email.deliveries.all():
        if not delivery.cancel(CANCELLED) and email.test and is_scheduled(email):
            Delivery.objects.filter(pk=delivery.pk).update(status=Delivery.Status.CANCELLED, status_reason=CANCELLED)
    return email.deliveries.filter(status=Delivery.Status.CANCELLED).exists()


def is_scheduled(email: Email) -> bool:
    """Return whether its time has not come yet."""
    return email.scheduled_at is not None and email.scheduled_at > timezone.now()


def _waits(delivery: Delivery) -> bool:
    return delivery.status in (Delivery.Status.QUEUED, Delivery.Status.TEST)
