"""A message that was accepted: rendered once, with its Message-ID, and never changed but for the Date of what waits."""

import uuid
from datetime import datetime

from django.db import models
from django.utils import timezone

from delivery.models.terms import TermsField
from phrases.stored_json import StoredJSON
from whitelabel.models import Application, WhiteLabel


class Email(models.Model):
    """`content` is the message in wire form (CRLF) without From and Reply-To, which the route adds at dispatch.

    One that was sent with a test key (`test`) never leaves. Its times count from `scheduled_at`, where it has one.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    application = models.ForeignKey(
        Application, null=True, blank=True, on_delete=models.PROTECT, related_name="emails", db_index=False
    )
    white_label = models.ForeignKey(
        WhiteLabel,
        verbose_name="white-label",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="emails",
        db_index=False,  # the log of a white-label is read by `Delivery.tenant`, and no white-label is deleted
        help_text="That of the application when the mail was accepted.",
    )
    message_id = models.CharField(max_length=255, help_text="Unique, unless a caller gave it.")
    accepted_at = models.DateTimeField(default=timezone.now, db_index=True)
    wanted_name = models.CharField(max_length=200, blank=True)
    wanted_address = models.CharField(max_length=254, blank=True)
    reply_to = models.TextField(blank=True, help_text="What the caller gave as Reply-To, as a header value.")
    subject = models.CharField(max_length=998)
    content = models.BinaryField(null=True, help_text="Empty once its time is over; see `retention`.")
    smtputf8 = models.BooleanField(default=False)
    null_reverse_path = models.BooleanField(default=False, help_text="MAIL FROM is <>, as for what answers by itself.")
    scheduled_at = models.DateTimeField(null=True, blank=True, help_text="It leaves no sooner.")
    key_prefix = models.CharField("key", max_length=12, blank=True, help_text="Which key it came with, if any.")
    test = models.BooleanField(default=False, help_text="It came with a test key, and never leaves.")
    tags = StoredJSON(default=list, blank=True, help_text="What the application wrote on it: [name, value] each.")
    terms = TermsField(default="", editable=False, help_text="What it is found by; see `delivery.log.terms`.")

    class Meta:
        verbose_name = "e-mail"
        ordering = ["-accepted_at"]
        indexes = [
            models.Index(fields=["application", "-accepted_at", "-id"], name="email_of_application"),
            models.Index(fields=["message_id"], name="email_message_id"),  # alone: `db_index` adds one for LIKE
        ]

    def __str__(self) -> str:
        return self.subject or "(no subject)"

    @property
    def leaves_from(self) -> datetime:
        """When it was to leave at first: retries and retention count from here."""
        return self.scheduled_at or self.accepted_at
