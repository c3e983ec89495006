"""What the worker does for keys."""

from celery import shared_task

from gateway.keys import ending
from gateway.models import IdempotentRequest


@shared_task
def warn_of_expiring_keys() -> None:
    """Warn of keys that expire soon, once each; may run twice."""
    ending.warn()


@shared_task
def forget_idempotent_requests() -> None:
    """Let go of the answers that nobody may ask for again."""
    IdempotentRequest.forget()
