"""How a person wants to be spoken to: language, time zone, and what e-mails tell them about."""

from django.db import models

from people.time_zones import UTC
from tables.fields import ChoiceField


class NoticeKind(models.TextChoices):
    """What e-mails tell people about, each a column of the person; what is about their own account comes at once."""

    MESSAGES = "told_of_messages", "New messages"
    REQUESTS = "told_of_requests", "Domain requests and their answers"
    DNS = "told_of_dns", "DNS records of active domains"
    SERVERS = "told_of_servers", "SMTP servers that are paused or refuse mail"
    KEYS = "told_of_keys", "Keys and client secrets that expire"


class Timing(models.TextChoices):
    """When e-mails tell somebody about a kind."""

    AT_ONCE = "AT_ONCE", "At once"
    DIGEST = "DIGEST", "In the daily digest"
    NEVER = "NEVER", "Not at all"


def _notice(kind: NoticeKind) -> ChoiceField:
    return ChoiceField(kind.label, max_length=7, choices=Timing, default=Timing.AT_ONCE)


class Preferences(models.Model):
    """`language` is one of `settings.LANGUAGES`, "" for that of the installation; `time_zone` an IANA name."""

    language = models.CharField(max_length=10, blank=True)
    time_zone = models.CharField(max_length=64, default=UTC)
    told_of_messages = _notice(NoticeKind.MESSAGES)
    told_of_requests = _notice(NoticeKind.REQUESTS)
    told_of_dns = _notice(NoticeKind.DNS)
    told_of_servers = _notice(NoticeKind.SERVERS)
    told_of_keys = _notice(NoticeKind.KEYS)

    class Meta:
        abstract = True
