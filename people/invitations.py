"""Invite a person: an e-mail with a link at which they set their password."""

from datetime import timedelta

from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.conf import settings
from django.core.mail import send_mail
from django.core.mail.backends.base import BaseEmailBackend
from django.urls import reverse

from people.models import User

BODY = """Hello {name},

{inviter} invites you to {site}. Choose a password here:

{link}

The link works for {days} days and once. Afterwards, or if it has expired, ask for a new one with
"Forgotten your password?" on the sign-in page. Your user name is this e-mail address.
"""


def invite(person: User, *, inviter: User, connection: BaseEmailBackend) -> None:
    """Send the invitation over `connection`, which should send urgently and forget the content, because of the link.

    It may be sent again; a link stops working once a password is set.
    """
    link = password_link(f"{user_pk_to_url_str(person)}-{default_token_generator.make_token(person)}")
    days = timedelta(seconds=settings.PASSWORD_RESET_TIMEOUT).days
    body = BODY.format(
        name=person.get_short_name(), inviter=inviter.get_full_name(), site=settings.SITE_URL, link=link, days=days
    )
    send_mail("You are invited to the backoffice", body, None, [person.email], connection=connection)


def password_link(key: str) -> str:
    """Return the address at which the holder of `key` sets a password; never built from a request's host name."""
    user, _, token = key.partition("-")
    return settings.SITE_URL + reverse("account_reset_password_from_key", kwargs={"uidb36": user, "key": token})
