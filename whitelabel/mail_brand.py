"""Whose name and colour the product's e-mails wear: the white-label's that they concern, otherwise the platform's."""

from messages.models import PLATFORM, Mailbox
from notifications.brand import Brand
from people.models import User
from people.roles import roles_of
from smtp_settings.models import Communication
from whitelabel.models import WhiteLabel


def of_platform() -> Brand:
    """Return the platform's, which people know by its support name."""
    return Brand(Communication.current().support_name or Brand.name)


def of_mailbox(mailbox: Mailbox) -> Brand:
    """Return the brand for the people behind `mailbox`."""
    return of_platform() if mailbox.key == PLATFORM else mailbox.white_label.brand


def of_account(person: User) -> Brand:
    """Return that of the only white-label that somebody is in, who knows the platform by no other name."""
    theirs = [] if roles_of(person) else list(WhiteLabel.objects.of_member(person)[:2])
    return theirs[0].brand if len(theirs) == 1 else of_platform()
