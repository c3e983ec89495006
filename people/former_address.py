"""Leave the former address of a person: it opens nothing any more, and its reader is told, lest it was stolen."""

from allauth.account.models import EmailAddress
from django.conf import settings

from notifications.sending import send
from people.account_mail import about_account
from people.models import EmailChange, User
from people.reading import as_read_by

TEXT = """You sign in to {site} with another e-mail address from now on: {address}.

If that is not yours, tell an owner of the platform at once: whoever reads mail there can choose a new password."""


def leave(person: User, former: str) -> None:
    """Let go of `former`, and write to it; not where a password was never chosen, so that nothing is to be lost.

    allauth keeps addresses of its own, which would go on to open the account; a change that was asked for is over too.
    """
    EmailAddress.objects.filter(user=person).exclude(email=person.email).delete()
    EmailChange.objects.filter(person=person).delete()
    if person.has_usable_password():
        with as_read_by(person):
            text = TEXT.format(site=settings.SITE_URL, address=person.email)
            send(
                about_account(person, subject="Your e-mail address was changed", text=text), former, fail_silently=True
            )
