"""The keys that somebody made for a white-label, who has gone or is suspended there: they go on, and are listed."""

from django.db.models import Exists, OuterRef

from gateway.choices import Maker
from gateway.keys.doors import doors
from gateway.keys.notices import tell
from gateway.models import Key
from gateway.models.key_queryset import KeyQuerySet
from people.models import User
from whitelabel.models import WhiteLabel

SUBJECT = "Keys that {person} made"
TEXT = """\
{person} is no admin of {white_label} any more. These keys were made by them, and go on working, because a key belongs
to its application:

{keys}

Revoke each one whose secret {person} may have taken along. The page People lists them, each with a button for it."""


def made_by(person: User, white_label: WhiteLabel) -> KeyQuerySet:
    """Return the keys that have not ended, made by `person` on the white-label's side."""
    return made_in(white_label).filter(made_by=person)


def left_behind(white_label: WhiteLabel) -> KeyQuerySet:
    """Return those whose maker is no admin there any more, or may not sign in."""
    admins = WhiteLabel.admins.through.objects.filter(whitelabel=white_label, user=OuterRef("made_by"))
    return made_in(white_label).exclude(Exists(admins.filter(user__is_active=True)))


def tell_those_who_stay(person: User, white_label: WhiteLabel) -> None:
    """Write to the white-label's inbox which keys somebody left behind, if any."""
    keys = list(made_by(person, white_label)) if doors() else []
    if keys:
        names = "\n".join(f"{key} of {key.application} ({key.shown}…)" for key in keys)
        text = TEXT.format(person=person, white_label=white_label, keys=names)
        tell(white_label.mailbox, subject=SUBJECT.format(person=person), text=text, about=keys[0])


def made_in(white_label: WhiteLabel) -> KeyQuerySet:
    """Return the keys that have not ended, made on the side of the white-label."""
    made_there = Key.objects.alive().filter(application__white_label=white_label, maker=Maker.WHITE_LABEL)
    return made_there.select_related("application__owner", "application__white_label", "made_by")
