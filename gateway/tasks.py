"""What the worker does for keys, and for lists that were uploaded."""

from celery import shared_task

from gateway.keys import ending, refusals
from gateway.models import IdempotentRequest, ListFile
from gateway.provisioning import files
from tables.one_by_one import do_for_each


@shared_task
def warn_of_expiring_keys() -> None:
    """Warn of keys that expire soon, once each; may run twice."""
    ending.warn()


@shared_task
def forget_idempotent_requests() -> None:
    """Let go of the answers that nobody may ask for again."""
    IdempotentRequest.forget()


@shared_task
def apply_list(pk: int) -> None:
    """Apply a list that was uploaded and agreed to; may run twice."""
    files.apply(pk)


@shared_task
def apply_waiting_lists() -> None:
    """Apply the lists that no worker has taken up, or finished; may run twice."""
    do_for_each(ListFile.objects.waiting().values_list("pk", flat=True), files.apply)


@shared_task
def forget_list_files() -> None:
    """Delete lists that were uploaded long ago."""
    ListFile.objects.old().delete()


@shared_task
def record_refused_keys() -> None:
    """Record in the audit log which keys were used that open nothing any more; may run twice."""
    refusals.record_refusals()
