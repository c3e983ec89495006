"""Answer who has forgotten their password: by an e-mail with a link, if there is an account, and some minutes later.

Whoever asks is told nothing of what happens here. So the asking stores a row, the same for every address, and a worker
does the rest.
"""

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.utils import timezone

from notifications.notification import Link
from notifications.sending import send
from people.account_mail import about_account
from people.invitations import password_link
from people.models import PasswordReset, User
from people.reading import as_read_by
from people.tokens import PASSWORD_RESET

TEXT = "Somebody asked for a new password for your account at {site}. If it was you, choose one here."
BELOW = "The link works for one hour and once. If it was not you, do nothing: your password stays as it is."


def answer(reset_id: int, connection: BaseEmailBackend) -> None:
    """Send the link, unless it was sent, there is nobody to send it to or they were sent enough; may run twice."""
    with transaction.atomic():
        reset = PasswordReset.objects.waiting().select_for_update().filter(pk=reset_id).first()
        if reset is None:
            return
        person = User.objects.select_for_update().filter(email=reset.email, is_active=True).first()
        if person is None or not PasswordReset.objects.is_within_limits(person):
            reset.delete()
            return
        reset.person, reset.mailed_at = person, timezone.now()
        reset.save(update_fields=["person", "mailed_at"])
        _send(person, connection)


def _send(person: User, connection: BaseEmailBackend) -> None:
    with as_read_by(person):
        notification = about_account(
            person,
            subject="Choose a new password",
            text=TEXT.format(site=settings.SITE_URL),
            button=Link("Choose a password", password_link(PASSWORD_RESET.key_for(person))),
            below=BELOW,
        )
        send(notification, person.email, connection=connection)
