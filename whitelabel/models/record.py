"""A DNS record that a domain should publish, and what DNS said of it."""

from dataclasses import dataclass
from datetime import datetime

from django.db import models


@dataclass(frozen=True)
class Record:
    """A DNS record to publish: full name and value as `record_form` writes them."""

    type: str
    name: str
    value: str


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

    sending_domain = models.ForeignKey("whitelabel.SendingDomain", on_delete=models.CASCADE, related_name="records")
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

    @property
    def as_typed(self) -> Record:
        return Record(self.type, self.name, self.value)

    def note(self, status: str, found: str, at: datetime) -> None:
        """Keep what DNS answered, unless the record was changed since it was asked for."""
        self.status, self.found, self.checked_at = status, found, at
        same = DnsRecord.objects.filter(pk=self.pk, type=self.type, name=self.name, value=self.value)
        same.update(status=status, found=found, checked_at=at)
