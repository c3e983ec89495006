"""What the worker does for people's accounts: new passwords that were asked for, sessions that are over."""

from allauth.usersessions.models import UserSession
from celery import shared_task
from django.contrib.sessions.models import Session
from django.db.models import Exists, OuterRef
from django.utils import timezone

from backoffice.accounts.adapter import urgent_connection
from backoffice.shared_pages import bulk_acts
from delivery.models import BulkAct
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


@shared_task
def run_bulk_act(pk: int) -> None:
    """Do an act on every delivery of a list, or what is left of it; may run twice."""
    bulk_acts.run(pk)


@shared_task
def run_bulk_acts() -> None:
    """Go on with those that no worker has taken up, or finished, and forget old ones; may run twice."""
    do_for_each(BulkAct.objects.waiting().values_list("pk", flat=True), bulk_acts.run)
    BulkAct.objects.old().delete()


@shared_task
def forget_sessions() -> None:
    """Forget sessions that are over, and from where people were signed in with them; may run twice."""
    Session.objects.filter(expire_date__lte=timezone.now()).delete()
    UserSession.objects.exclude(Exists(Session.objects.filter(pk=OuterRef("session_key")))).delete()
