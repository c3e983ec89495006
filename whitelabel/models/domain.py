"""A sending domain: the request of a white-label, what the owner answered, and what DNS says."""

import secrets
from collections.abc import Sequence
from typing import Self

from django.conf import settings
from django.db import models
from django.utils import timezone

from messages.models import Thread
from whitelabel.models.white_label import AnyUser, WhiteLabel


class SendingDomainQuerySet(models.QuerySet["SendingDomain"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(white_label__in=WhiteLabel.objects.visible_to(user))

    def open(self) -> Self:
        """Requests that wait for the owner or for DNS."""
        return self.filter(state__in=SendingDomain.OPEN)

    def live(self) -> Self:
        """Domains that mail may leave from."""
        return self.filter(state__in=SendingDomain.LIVE)


class SendingDomain(models.Model):
    """`domain` is a canonical A-label name (see `domain_names.canonical`)."""

    class State(models.TextChoices):
        REQUESTED = "REQUESTED", "Requested"
        APPROVED = "APPROVED", "Approved, records sent"
        VERIFYING = "VERIFYING", "Verifying"
        ACTIVE = "ACTIVE", "Active"
        DEGRADED = "DEGRADED", "Degraded"
        REFUSED = "REFUSED", "Refused"
        WITHDRAWN = "WITHDRAWN", "Withdrawn"
        EXPIRED = "EXPIRED", "Expired"
        SUSPENDED = "SUSPENDED", "Suspended"

    OPEN: Sequence[str] = (State.REQUESTED, State.APPROVED, State.VERIFYING)
    LIVE: Sequence[str] = (State.ACTIVE, State.DEGRADED)

    white_label = models.ForeignKey(WhiteLabel, on_delete=models.CASCADE, related_name="sending_domains")
    domain = models.CharField(max_length=253)
    state = models.CharField(max_length=10, choices=State.choices, default=State.REQUESTED)
    note = models.TextField(max_length=2000, blank=True, help_text="Anything the platform should know.")
    refusal = models.TextField(max_length=2000, blank=True)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="domain_requests"
    )
    requested_at = models.DateTimeField(default=timezone.now)
    answered_at = models.DateTimeField(null=True, blank=True)
    checked_at = models.DateTimeField(null=True, blank=True)
    activated_at = models.DateTimeField(null=True, blank=True)
    ownership_token = models.CharField(max_length=64, default=secrets.token_urlsafe, editable=False)
    thread = models.ForeignKey(Thread, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = SendingDomainQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["white_label", "domain"],
                condition=models.Q(state__in=["REQUESTED", "APPROVED", "VERIFYING", "ACTIVE", "DEGRADED"]),
                name="domain_one_open_per_white_label",
            ),
            models.UniqueConstraint(
                fields=["domain"],
                condition=models.Q(state__in=["ACTIVE", "DEGRADED"]),
                name="domain_live_for_one_white_label",
            ),
        ]

    def __str__(self) -> str:
        return self.domain

    @property
    def is_open(self) -> bool:
        return self.state in self.OPEN

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    @property
    def live_elsewhere(self) -> bool:
        """Tell whether another white-label already sends from this domain."""
        return SendingDomain.objects.live().filter(domain=self.domain).exclude(pk=self.pk).exists()

    @property
    def all_records_found(self) -> bool:
        statuses = [record.status for record in self.records.all()]
        return bool(statuses) and all(status == DnsRecord.Status.OK for status in statuses)


class DnsRecord(models.Model):
    """A record to publish, and what DNS answered for it last."""

    class Type(models.TextChoices):
        TXT = "TXT", "TXT"
        CNAME = "CNAME", "CNAME"
        MX = "MX", "MX"

    class Status(models.TextChoices):
        PENDING = "PENDING", "Not seen yet"
        OK = "OK", "Found"
        MISSING = "MISSING", "Missing"
        DIFFERENT = "DIFFERENT", "Different"
        UNKNOWN = "UNKNOWN", "DNS did not answer"

    sending_domain = models.ForeignKey(SendingDomain, on_delete=models.CASCADE, related_name="records")
    type = models.CharField(max_length=5, choices=Type.choices, default=Type.TXT)
    name = models.CharField(max_length=253, help_text="The full name, for example mail._domainkey.example.com")
    value = models.TextField(max_length=4000)
    found = models.TextField(blank=True, editable=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING, editable=False)
    checked_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "DNS record"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.type} {self.name}"
