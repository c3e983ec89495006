"""Tell people a week before that a key is about to expire, once."""

from datetime import timedelta

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format

from gateway.keys.notices import mailbox_of, tell
from gateway.models import Key
from tables.one_by_one import do_for_each

DAYS_BEFORE = 7


def warn() -> None:
    """Warn of every key whose last day is at most `DAYS_BEFORE` ahead and of which nobody was warned."""
    soon = timezone.now().date() + timedelta(days=DAYS_BEFORE)
    due = Key.objects.alive().filter(ends_on__lte=soon, end_notified=False)
    do_for_each(due.select_related("application__white_label__mailbox"), _warn_once)


@transaction.atomic
def _warn_once(key: Key) -> None:
    if Key.objects.alive().filter(pk=key.pk, end_notified=False).update(end_notified=True):
        _warn(key)


def _warn(key: Key) -> None:
    whose = f"the application {key.application}" if key.application else "the platform"
    assert key.ends_on is not None
    day = date_format(key.ends_on, "j F Y")
    text = (
        f"{day} is the last day (UTC) on which the key “{key}” ({key.shown}…) of {whose} works. "
        "Whatever still uses it is refused after that. Make a new key under Keys, put it in place of this one, "
        "then revoke this one."
    )
    tell(mailbox_of(key), subject=f"The key “{key}” expires on {day}", text=text, about=key)
