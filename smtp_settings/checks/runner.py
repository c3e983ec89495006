"""The worker's part of a check: take the steps, write down each as it ends, and store what the check was for.

The session has a deadline of its own; what is asked for, and by whom, is in `request`.
"""

from threading import BoundedSemaphore

from django.conf import settings
from django.db import transaction

from smtp_settings import configuring
from smtp_settings.checks import preflight, sample_mail
from smtp_settings.checks.preflight import Step
from smtp_settings.models import SmtpCheck
from smtp_settings.sealing import CannotOpen

OF_ONE_SCOPE = 2  # at once: each may keep a thread for two minutes, where its server is slow
room = BoundedSemaphore(max(1, settings.CELERY_WORKER_CONCURRENCY // 4))  # the other threads of this process are mail's


def run_where_there_is_room(check: SmtpCheck) -> bool:
    """Run the check unless as many run as may, in this process or of its scope; return whether it did."""
    if SmtpCheck.objects.under_way(check.scope_key) >= OF_ONE_SCOPE or not room.acquire(blocking=False):
        return False
    try:
        run(check)
    finally:
        room.release()
    return True


def run(check: SmtpCheck) -> None:
    """Take the check up, unless somebody else has, and bring it to its end."""
    if not check.begin():
        return
    try:
        secret = check.open_secret()
    except CannotOpen as error:
        check.give_up(str(error))
        return
    with preflight.session_for(check.server, secret) as session:
        for finding in preflight.run_steps(session, _steps(check)):
            check.add_step(finding.as_json())
    _end(check, secret, session.transcript)


def _end(check: SmtpCheck, secret: str, transcript: list[str]) -> None:
    """Write down how it ended and store what it was for, all or nothing."""
    passed = not check.failed_step
    with transaction.atomic():
        if check.finish(ok=passed, transcript=transcript) and passed and check.change:
            check.applied = configuring.apply(check, secret)
            check.save(update_fields=["applied"])


def _steps(check: SmtpCheck) -> list[Step]:
    recipient = str(getattr(check.person, "email", ""))
    last = [preflight.offer_sender, preflight.recipient_step(recipient)]
    if check.kind == SmtpCheck.Kind.TEST:
        last = [sample_mail.submission_step(recipient, sample_mail.render(check.server, recipient))]
    return [*preflight.opening_steps(check.server), *last]
