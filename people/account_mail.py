"""E-mails about somebody's own account: nobody chooses whether to get them, and none waits for a digest."""

from typing import Any

from django.conf import settings
from django.utils.module_loading import import_string

from notifications.brand import Brand
from notifications.notification import Notification
from people.models import User

REASON = "You get this e-mail because it is about your own account at {site}. Such e-mails always come."
STRANGERS_REASON = "You get this e-mail because somebody typed your address at {site}."


def about_account(person: User, **words: Any) -> Notification:
    """Return an e-mail to somebody about their account, in the name of their white-label; `words` as of it."""
    reason = REASON.format(site=settings.SITE_URL)
    return Notification(**{"name": person.name, "brand": brand_of(person), "reason": reason, **words})


def to_stranger(person: User, **words: Any) -> Notification:
    """Return an e-mail on behalf of `person` to an address whose reader may be anybody, and is not greeted by name."""
    reason = STRANGERS_REASON.format(site=settings.SITE_URL)
    return Notification(**{"brand": brand_of(person), "reason": reason, **words})


def brand_of(person: User) -> Brand:
    """Return whose name such e-mails wear, which `settings.NOTIFICATION_BRAND` knows: white-labels are above."""
    brand: Brand = import_string(settings.NOTIFICATION_BRAND)(person)
    return brand
