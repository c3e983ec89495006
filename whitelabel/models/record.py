"""A DNS record of a sending domain: what is to be published, and what DNS showed of it."""

from collections.abc import Iterable
from datetime import datetime, timedelta

from django.db import models
from django.utils import timezone

from tables.fields import ChoiceField
from whitelabel.dns.record import Record, Status, Type, Verdict
from whitelabel.dns.spf.terms import is_spf

CONFIRM_AFTER = timedelta(seconds=60)
FIRST_DAY = timedelta(days=1)
IN_PLACE = "Publish this in place of what is found there, not beside it."
ONE_SPF_RECORD = "Publish this in place of what is found there, not beside it: a name has one SPF record."
LEFT_FOR_NOW = "Leave it as it is for now: there is no room in it, or something is wrong with what is asked for."


class DnsRecord(models.Model):
    """`status` is the confirmed status: it changes once two checks at least `CONFIRM_AFTER` apart agree.

    `observed_status` is what the last check alone says, `observed_since` since when checks have said so. `published`
    are the values in DNS at the last check, one a line, or why they are not known. `ok_at` is when the status first
    was OK; None where it never was.
    """

    sending_domain = models.ForeignKey("whitelabel.SendingDomain", on_delete=models.CASCADE, related_name="records")
    type = ChoiceField(max_length=5, choices=Type.choices, default=Type.TXT)
    name = models.CharField(max_length=253, help_text="The full name, for example mail._domainkey.example.com")
    value = models.TextField(max_length=4000)
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    status = ChoiceField(max_length=10, choices=Status.choices, default=Status.PENDING, editable=False)
    observed_status = ChoiceField(max_length=10, choices=Status.choices, blank=True, editable=False)
    observed_since = models.DateTimeField(null=True, blank=True, editable=False)
    published = models.TextField(blank=True, editable=False)
    replacement = models.TextField(blank=True, editable=False)
    checked_at = models.DateTimeField(null=True, blank=True, editable=False)
    ok_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = "DNS record"
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.type} {self.name}"

    @property
    def expected(self) -> Record:
        """The record as it was given, whatever DNS says of it."""
        return Record(self.type, self.name, self.value)

    @property
    def to_publish(self) -> str:
        """The value to copy: merged with what is there already where a second record would do harm."""
        return self.replacement or self.value

    @property
    def placement(self) -> str:
        """What to do about what is there already, as a sentence; "" where nothing is in the way."""
        if not self.replacement or self.observed_status == Status.OK:
            return ""
        if self.observed_status == Status.DIFFERENT and self.replacement == self.published:
            return LEFT_FOR_NOW
        return ONE_SPF_RECORD if is_spf(self.value) else IN_PLACE

    @property
    def status_text(self) -> str:
        """The status in words; where the last check saw something else, that, and that it is not confirmed yet."""
        if self.confirm_at:
            return f"{self.get_observed_status_display()}, second check in about a minute"
        if self.status == Status.UNKNOWN:
            return f"Not known since {self.observed_since:%-d %B %Y}" if self.observed_since else "Not known"
        return self.get_status_display()

    @property
    def is_unresolved(self) -> bool:
        """Return whether DNS says nothing clear about it: its servers fail, or contradict each other."""
        return self.status == self.observed_status == Status.UNKNOWN

    @property
    def shows_published(self) -> bool:
        """Return whether what DNS has is worth showing beside what is expected."""
        statuses = (self.observed_status, self.status)
        return bool(self.published) and self.observed_status != Status.UNKNOWN and Status.OK not in statuses

    @property
    def unknown_reason(self) -> str:
        """What went wrong when DNS was asked last, one sentence or value a line; "" where it answered clearly."""
        return self.published if self.observed_status == Status.UNKNOWN else ""

    def observe(self, verdict: Verdict, at: datetime) -> bool:
        """Take in the verdict of a check; return whether more than the time is new.

        `save_observation` or `save_check_time` stores it.
        """
        before = (self.observed_status, self.published, self.replacement, self.status)
        if verdict.status != self.observed_status:
            self.observed_status, self.observed_since = verdict.status, at
        self.published, self.replacement, self.checked_at = verdict.published, verdict.replacement, at
        if self.confirm_at and self.confirm_at <= at:
            self.status = self.status_if_confirmed
        if self.status == Status.OK and self.ok_at is None:
            self.ok_at = at
        return before != (self.observed_status, self.published, self.replacement, self.status)

    def save_observation(self) -> None:
        """Save what was observed, unless the record was changed since it was asked for."""
        same = DnsRecord.objects.filter(pk=self.pk, type=self.type, name=self.name, value=self.value)
        fields = ("observed_status", "observed_since", "published", "replacement", "checked_at", "status", "ok_at")
        same.update(**{name: getattr(self, name) for name in fields})

    @staticmethod
    def save_check_time(records: Iterable["DnsRecord"], at: datetime) -> None:
        """Save that these were checked and nothing was new, which is nearly always so, in one statement."""
        DnsRecord.objects.filter(pk__in=[record.pk for record in records]).update(checked_at=at)

    @property
    def status_if_confirmed(self) -> str:
        """The status once another check agrees: on its first day a record that never was there is not missing yet."""
        young = self.checked_at is not None and self.checked_at - self.added_at < FIRST_DAY
        never_there = self.ok_at is None and self.status not in (Status.OK, Status.MISSING)
        if self.observed_status == Status.MISSING and young and never_there:
            return Status.PENDING
        return self.observed_status or self.status

    @property
    def confirm_at(self) -> datetime | None:
        """When a check that agrees changes the status; None where the last check agreed with it."""
        if self.observed_since is None or self.status_if_confirmed == self.status:
            return None
        return self.observed_since + CONFIRM_AFTER


def listed(records: Iterable[DnsRecord]) -> str:
    """Return the records with their statuses, for a sentence."""
    return ", ".join(f"{record} ({record.get_status_display().lower()})" for record in records)
