"""The e-mail that invites to a white-label: who invites and to what, and a link on the site."""

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.urls import reverse

from notifications import sending
from notifications.notification import Link, Notification
from people import invitations
from people.models import User
from people.reading import as_read_by
from people.roles import roles_of
from whitelabel.models import Invitation, WhiteLabel

TEXT = """{inviter} invites you to {white_label}, as {role}.

{what_to_do}"""
BELOW = """\
The invitation lasts {days} days, and nothing changes until you accept it. If you do not know who invites you, do \
nothing."""
REASON = "You get this e-mail because {inviter} typed your address at {site}."
WITH_ACCOUNT = "Sign in with this e-mail address, and accept or decline it here."
WITHOUT_ACCOUNT = """\
Choose a password and sign in as {email}; then accept the invitation or decline it. This link works \
once, and a newer invitation takes its place."""
FOR_PLATFORM = "You work for the platform, whose people take no part in a white-label, so nothing comes of it."


def send(invitation: Invitation, connection: BaseEmailBackend) -> None:
    """Send it over `connection`, which should send urgently and forget the content; not to an account that is shut.

    The names in it are ones that nobody invited has typed: an inviter is named by the address, and whoever has no
    account yet, whose name the inviter typed, is greeted without one.
    """
    person = invitation.person
    if not person.is_active:
        return
    with as_read_by(person):
        what_to_do, button = _what_to_do(person)
        values = {
            "inviter": invitation.invited_by,
            "white_label": invitation.white_label,
            "site": settings.SITE_URL,
            "role": invitation.get_role_display().lower(),
            "what_to_do": what_to_do,
            "days": Invitation.LASTS.days,
        }
        notification = Notification(
            subject=f"You are invited to {invitation.white_label}",
            text=TEXT.format(**values),
            button=button,
            below=BELOW.format(**values),
            reason=REASON.format(**values),
            name=person.name if _has_account(person) else "",
            brand=invitation.white_label.brand,
        )
        sending.send(notification, person.email, connection=connection)


def _what_to_do(person: User) -> tuple[str, Link]:
    """Return what the invited person does, and the link at which they do."""
    if not _has_account(person):
        link = Link("Choose a password", invitations.new_link(person))
        return WITHOUT_ACCOUNT.format(email=person.email), link
    link = Link("See the invitation", settings.SITE_URL + reverse("memberships"))
    return FOR_PLATFORM if roles_of(person) else WITH_ACCOUNT, link


def _has_account(person: User) -> bool:
    return person.has_usable_password() or person.last_login is not None


def revoke_unneeded_link(person: User) -> None:
    """End the link of an invitation that is over, unless the person has something else to come here for."""
    memberships = (WhiteLabel.objects.of_member(person), person.invitations.all(), person.suspensions.all())
    needed = roles_of(person) or any(rows.exists() for rows in (*memberships, person.applications.all()))
    if not needed:
        invitations.revoke(person)
