"""What the worker does for people who have forgotten their password."""

from celery import shared_task

from backoffice.accounts.adapter import urgent_connection
from people import password_resets
from people.models import PasswordReset
from tables.one_by_one import do_for_each


@shared_task
def answer_password_reset(reset_id: int) -> None:
    """Send a link, if there is an account; may run twice."""
    password_resets.answer(reset_id, urgent_connection())


@shared_task
def answer_password_resets() -> None:
    """Answer whom no worker has answered yet, and forget who was answered long ago; may run twice."""
    do_for_each(PasswordReset.objects.waiting().values_list("pk", flat=True), answer_password_reset)
    PasswordReset.objects.old().delete()
