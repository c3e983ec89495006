"""Put texts and times as one person reads them."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils import timezone, translation

from people.models import User
from people.time_zones import zone


@contextmanager
def as_read_by(person: User) -> Iterator[None]:
    """Within it, texts are in the person's language and times in their time zone: of a page or an e-mail to them."""
    language = person.language if person.language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE
    with translation.override(language), timezone.override(zone(person.time_zone)):
        yield
