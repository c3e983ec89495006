"""What the worker does for keys."""

from celery import shared_task

from gateway.keys import ending


@shared_task
def warn_of_expiring_keys() -> None:
    """Warn of keys that expire soon, once each; may run twice."""
    ending.warn()
