"""Change the address that a person signs in with: it is confirmed there, and agreed to at the former one, in an hour.

Either link may be used first. An address that somebody else has is never told to whoever asks for it: its reader is
told instead, and gets no link.
"""

from enum import Enum, auto

from django.conf import settings
from django.core.mail.backends.base import BaseEmailBackend
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from backoffice.accounts.adapter import urgent_connection
from notifications.notification import Link
from notifications.sending import send
from people import former_address
from people.account_mail import about_account, to_stranger
from people.models import EmailChange, User
from people.reading import as_read_by
from people.tokens import FORMER_ADDRESS, NEW_ADDRESS, EmailChangeTokens

TO_NEW = "Somebody wants to sign in to {site} with this e-mail address. If it was you, confirm here that it is yours."
BELOW_NEW = (
    "The link works for one hour and once. If you know nothing of this, do nothing: the address is not used then."
)
TO_FORMER = """\
You asked to sign in to {site} with another e-mail address: {address}. If it was you, agree to it here."""
BELOW_FORMER = """\
The link works for one hour and once, and nothing changes without it. If it was not you, somebody knows your password: \
use the link to cancel the change, and choose another password."""
TO_TAKEN = """\
Somebody wants to sign in to {site} with this e-mail address, but there is an account with it already. If it was you, \
sign in with this address instead. If you know nothing of this, do nothing: your account stays as it is."""
AFTERWARDS = "You sign in to {site} with this e-mail address from now on."

USED = {NEW_ADDRESS: "confirmed_at", FORMER_ADDRESS: "agreed_at"}  # by whose link: the column that says when it was


class Outcome(Enum):
    WAITS = auto()  # for the other address
    DONE = auto()
    TAKEN = auto()  # somebody else has the address by now


@transaction.atomic
def ask(person: User, email: str) -> None:
    """Begin a change, in place of one that waits, and send both links."""
    EmailChange.objects.filter(person=person).delete()
    change = EmailChange.objects.create(person=person, email=email)
    connection = urgent_connection()
    with as_read_by(person):
        _write_to_new(change, connection)
        _write_to_former(change, connection)


def _write_to_new(change: EmailChange, connection: BaseEmailBackend) -> None:
    """Send the link, or say that there is an account; either way one e-mail with the same subject."""
    words = {"text": TO_TAKEN, "button": Link("Sign in", settings.SITE_URL)}
    if not is_taken(change):
        button = Link("Confirm this address", _link(NEW_ADDRESS, change.person))
        words = {"text": TO_NEW, "button": button, "below": BELOW_NEW}
    words["text"] = str(words["text"]).format(site=settings.SITE_URL)
    notification = to_stranger(change.person, subject="Is this your e-mail address?", **words)
    send(notification, change.email, connection=connection)


def _write_to_former(change: EmailChange, connection: BaseEmailBackend) -> None:
    person = change.person
    notification = about_account(
        person,
        subject="Do you agree to another e-mail address?",
        text=TO_FORMER.format(site=settings.SITE_URL, address=change.email),
        button=Link("Agree or cancel", _link(FORMER_ADDRESS, person)),
        below=BELOW_FORMER,
    )
    send(notification, person.email, connection=connection)


def _link(tokens: EmailChangeTokens, person: User) -> str:
    return settings.SITE_URL + reverse("profile_email_link", kwargs={"key": tokens.key_for(person)})


def is_taken(change: EmailChange) -> bool:
    """Return whether somebody else signs in with the address."""
    return User.objects.filter(email__iexact=change.email).exclude(pk=change.person_id).exists()


def find(key: str, *, lock: bool = False) -> tuple[EmailChange, EmailChangeTokens] | None:
    """Return the change that a link is about and whose link it is; None where it opens nothing, any more or ever."""
    changes = EmailChange.objects.select_for_update() if lock else EmailChange.objects.all()
    for tokens, used in USED.items():
        person = tokens.person_of(key)
        change = changes.filter(person=person, **{used: None}).first() if person else None
        if change and (not lock or tokens.person_of(key)):  # another may have been asked for before it was locked
            return change, tokens
    return None


@transaction.atomic
def accept(key: str) -> tuple[EmailChange, Outcome] | None:
    """Use a link: confirm or agree, and change the address once both was done; None as `find` does."""
    found = find(key, lock=True)
    if found is None:
        return None
    change, tokens = found
    setattr(change, USED[tokens], timezone.now())
    change.save(update_fields=[USED[tokens]])
    return change, _carry_out(change) if change.is_complete else Outcome.WAITS


def _carry_out(change: EmailChange) -> Outcome:
    person, former = change.person, change.person.email
    person.email = change.email
    try:
        with transaction.atomic():
            person.save(update_fields=["email"])
    except IntegrityError:
        person.email = former
        change.delete()
        return Outcome.TAKEN
    former_address.leave(person, former)
    with as_read_by(person):
        text = AFTERWARDS.format(site=settings.SITE_URL)
        send(about_account(person, subject="Your e-mail address was changed", text=text), person.email)
    return Outcome.DONE
