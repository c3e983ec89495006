"""A DNS record of a sending domain: what is to be published, and what DNS showed of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

CONFIRM_AFTER = timedelta(seconds=60)
FIRST_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Record:
    """A DNS record to publish: full name and value as `record_form` writes them."""

    type: str
    name: str
    value: str


class DnsRecord(models.Model):
    """`seen` is what the last look showed, `status` what counts: it turns once two looks agree, a minute apart.

    `ok_at` is when it first counted as found; None where that never was.
    """

    class Type(models.TextChoices):
        TXT = "TXT", "TXT"
        CNAME = "CNAME", "CNAME"
        MX = "MX", "MX"

    class Status(models.TextChoices):
        PENDING = "PENDING", "Not seen yet"
        OK = "OK", "Found"
        MISSING = "MISSING", "Missing"
        DIFFERENT = "DIFFERENT", "Different"
        UNKNOWN = "UNKNOWN", "Not known"

    sending_domain = models.ForeignKey("whitelabel.SendingDomain", on_delete=models.CASCADE, related_name="records")
    type = models.CharField(max_length=5, choices=Type.choices, default=Type.TXT)
    name = models.CharField(max_length=253, help_text="The full name, for example mail._domainkey.example.com")
    value = models.TextField(max_length=4000)
    given_at = models.DateTimeField(default=timezone.now, editable=False)
    status = models.CharField(max_length=10, choices=Status.choices, default=Status.PENDING, editable=False)
    seen = models.CharField(max_length=10, choices=Status.choices, blank=True, editable=False)
    seen_since = models.DateTimeField(null=True, blank=True, editable=False)
    found = models.TextField(blank=True, editable=False)
    instead = models.TextField(blank=True, editable=False)
    checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    ok_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "DNS record"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.type} {self.name}"

    @property
    def as_typed(self) -> Record:
        return Record(self.type, self.name, self.value)

    @property
    def to_publish(self) -> str:
        """The value to copy: merged with what is there already where a second record would do harm."""
        return self.instead or self.value

    @property
    def replaces(self) -> bool:
        """Return whether it is to be published in place of what is there, which it is not yet."""
        return bool(self.instead) and self.seen != self.Status.OK

    @property
    def says(self) -> str:
        """The status in words; where the last look saw something else, that, and that it does not count yet."""
        if self.second_look_at:
            return f"{self.get_seen_display()}, second check in about a minute"
        if self.status == self.Status.UNKNOWN:
            return f"Not known since {self.seen_since:%-d %B %Y}" if self.seen_since else "Not known"
        return self.get_status_display()

    @property
    def is_unanswered(self) -> bool:
        """Return whether DNS says nothing clear about it: its servers fail, or contradict each other."""
        return self.status == self.seen == self.Status.UNKNOWN

    @property
    def shows_found(self) -> bool:
        """Return whether what was found is worth showing beside what is expected."""
        return bool(self.found) and self.seen != self.Status.UNKNOWN and self.Status.OK not in (self.seen, self.status)

    @property
    def why_unknown(self) -> str:
        """What went wrong when DNS was asked last, one sentence or value a line; "" where it answered clearly."""
        return self.found if self.seen == self.Status.UNKNOWN else ""

    def note(self, seen: str, found: str, instead: str, at: datetime) -> bool:
        """Take down what a check showed; return whether more than the time is new. `keep` or `keep_times` saves it."""
        before = (self.seen, self.found, self.instead, self.status)
        if seen != self.seen:
            self.seen, self.seen_since = seen, at
        self.found, self.instead, self.checked_at = found, instead, at
        if self.second_look_at and self.second_look_at <= at:
            self.status = self.verdict_to_be
        if self.status == self.Status.OK and self.ok_at is None:
            self.ok_at = at
        return before != (self.seen, self.found, self.instead, self.status)

    def keep(self) -> None:
        """Save what was noted, unless the record was changed since it was asked for."""
        same = DnsRecord.objects.filter(pk=self.pk, type=self.type, name=self.name, value=self.value)
        kept = ("seen", "seen_since", "found", "instead", "checked_at", "status", "ok_at")
        same.update(**{name: getattr(self, name) for name in kept})

    @staticmethod
    def keep_times(records: Iterable["DnsRecord"], at: datetime) -> None:
        """Save that these were looked at and nothing was new, which is nearly always so, in one statement."""
        DnsRecord.objects.filter(pk__in=[record.pk for record in records]).update(checked_at=at)

    @property
    def verdict_to_be(self) -> str:
        """The status once another look agrees: on its first day a record that was never there is not missing yet."""
        young = self.checked_at is not None and self.checked_at - self.given_at < FIRST_DAY
        never_there = self.ok_at is None and self.status not in (self.Status.OK, self.Status.MISSING)
        if self.seen == self.Status.MISSING and young and never_there:
            return self.Status.PENDING
        return self.seen or self.status

    @property
    def second_look_at(self) -> datetime | None:
        """When a look that agrees turns the verdict; None where the last look agreed with the status."""
        if self.seen_since is None or self.verdict_to_be == self.status:
            return None
        return self.seen_since + CONFIRM_AFTER
