"""Invite a person: an e-mail with a link at which they choose their password."""

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.urls import reverse
from django.utils import timezone

from notifications.notification import Link
from notifications.sending import send
from people.account_mail import about_account
from people.models import User
from people.reading import as_read_by
from people.tokens import INVITATION

TEXT = "{inviter} invites you to {site}. Choose a password; you sign in with it and this e-mail address."
BELOW = """\
The link works for {days} days and once; a newer invitation takes its place. If it has expired, ask \
{inviter} for a new one."""
REASON = "You get this e-mail because {inviter} made an account for you at {site}."


def invite(person: User, *, inviter: User, connection: BaseEmailBackend) -> None:
    """Send the invitation over `connection`, which should send urgently and forget the content, because of the link.

    It may be sent again: the former link ends then, as each does once a password is chosen.
    """
    link = new_link(person)
    with as_read_by(person):
        values = {"inviter": inviter.get_full_name(), "site": settings.SITE_URL, "days": INVITATION.lasts.days}
        notification = about_account(
            person,
            subject="You are invited to the backoffice",
            text=TEXT.format(**values),
            button=Link("Choose a password", link),
            below=BELOW.format(**values),
            reason=REASON.format(**values),
        )
        send(notification, person.email, connection=connection)


def new_link(person: User) -> str:
    """Return the link of a new invitation; the former one ends."""
    person.invited_at = timezone.now()
    person.save(update_fields=["invited_at"])
    return password_link(INVITATION.key_for(person))


def revoke(person: User) -> None:
    """End an invitation that was sent, as of somebody who was removed before they took it up."""
    person.invited_at = None
    person.save(update_fields=["invited_at"])


def password_link(key: str) -> str:
    """Return the address at which the holder of `key` sets a password; never built from a request's host name."""
    number, _, token = key.partition("-")
    return settings.SITE_URL + reverse("account_reset_password_from_key", kwargs={"uidb36": number, "key": token})
