"""A message that was accepted: rendered once, with its Message-ID and Date, and never changed."""

import uuid

from django.db import models
from django.utils import timezone

from whitelabel.models import Application, WhiteLabel


class Email(models.Model):
    """`content` is the message in wire form (CRLF) without From and Reply-To, which the route adds at dispatch."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(Application, null=True, blank=True, on_delete=models.PROTECT, related_name="emails")
    white_label = models.ForeignKey(
        WhiteLabel,
        verbose_name="white-label",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="emails",
        help_text="That of the application when the mail was accepted.",
    )
    message_id = models.CharField(max_length=255, db_index=True, help_text="Unique, unless a caller gave it.")
    accepted_at = models.DateTimeField(default=timezone.now, db_index=True)
    wanted_name = models.CharField(max_length=200, blank=True)
    wanted_address = models.CharField(max_length=254, blank=True)
    reply_to = models.TextField(blank=True, help_text="What the caller gave as Reply-To, as a header value.")
    subject = models.CharField(max_length=998)
    content = models.BinaryField(null=True, help_text="Empty once its time is over; see `retention`.")
    smtputf8 = models.BooleanField(default=False)

    class Meta:
        verbose_name = "e-mail"
        ordering = ["-accepted_at"]

    def __str__(self) -> str:
        return self.subject or "(no subject)"
