"""Something that a daily digest will tell somebody about: stored with what it says, until that is sent."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from messages.models import Mailbox
from people.models import NoticeKind
from tables.fields import ChoiceField


class DigestItem(models.Model):
    """A notice to one of the people behind a mailbox who wants its kind in the digest."""

    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    mailbox = models.ForeignKey(Mailbox, on_delete=models.CASCADE, related_name="+")
    kind = ChoiceField(max_length=20, choices=NoticeKind)
    subject = models.CharField(max_length=300)
    text = models.TextField(blank=True)
    quote = models.TextField(blank=True)
    link_label = models.CharField(max_length=60)
    link = models.TextField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["at", "id"]

    def __str__(self) -> str:
        return self.subject
