"""What the worker does for SMTP servers."""

from celery import shared_task

from smtp_settings.checks import runner
from smtp_settings.models import SmtpCheck
from smtp_settings.models.check import LIFE_SECONDS, RUN_SECONDS
from smtp_settings.oauth import tokens

AGAIN_SECONDS = 2


@shared_task(time_limit=RUN_SECONDS)
def run_check(pk: int) -> None:
    """Run a check or a test e-mail; may run twice, and does nothing for one that is gone."""
    check = SmtpCheck.objects.select_related("person").filter(pk=pk).first()
    if check is not None and not runner.run_where_there_is_room(check):
        run_check.apply_async((pk,), countdown=AGAIN_SECONDS, expires=LIFE_SECONDS)


@shared_task
def give_up_checks() -> None:
    """End the checks that no worker finished in time, and let go of those of long ago."""
    SmtpCheck.objects.give_up_overdue()
    SmtpCheck.objects.forget_old()


@shared_task
def discard_unused_tokens() -> None:
    """Delete the access tokens of servers that are gone or sign in otherwise."""
    tokens.discard_unused()
