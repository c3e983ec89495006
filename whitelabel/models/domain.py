"""A sending domain: the request of a white-label, what the owner answered, and what DNS says."""

import secrets
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Self

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, models, transaction
from django.utils import timezone

from messages.models import Thread
from whitelabel.models.white_label import AnyUser, WhiteLabel

if TYPE_CHECKING:
    from whitelabel.dns.facts import DomainFacts

CHECK_PAUSE_SECONDS = 30
OWNERSHIP_LABEL = "_backoffice-challenge"


@dataclass(frozen=True)
class Record:
    """A DNS record to publish: full name and value as `record_form` writes them."""

    type: str
    name: str
    value: str


class SendingDomainQuerySet(models.QuerySet["SendingDomain"]):
    def visible_to(self, user: AnyUser) -> Self:
        return self.filter(white_label__in=WhiteLabel.objects.visible_to(user))

    def open(self) -> Self:
        """Requests that wait for the owner or for DNS."""
        return self.filter(state__in=SendingDomain.OPEN)

    def live(self) -> Self:
        """Domains that mail may leave from."""
        return self.filter(state__in=SendingDomain.LIVE)

    def waiting_for_dns(self) -> Self:
        """Approved domains whose records have not all been seen, the longest unchecked first."""
        with_records = DnsRecord.objects.values("sending_domain")
        waiting = self.filter(state__in=SendingDomain.WAITING_FOR_DNS, pk__in=with_records)
        return waiting.order_by(models.F("checked_at").asc(nulls_first=True), "pk")


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
    WAITING_FOR_DNS: Sequence[str] = (State.APPROVED, State.VERIFYING)
    LIVE: Sequence[str] = (State.ACTIVE, State.DEGRADED)
    IN_USE: Sequence[str] = (*OPEN, *LIVE)
    ANSWERED: Sequence[str] = (*WAITING_FOR_DNS, *LIVE)

    white_label = models.ForeignKey(
        WhiteLabel, verbose_name="white-label", on_delete=models.CASCADE, related_name="sending_domains"
    )
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
    facts = models.JSONField(default=dict, editable=False)

    objects = SendingDomainQuerySet.as_manager()

    class Meta:
        verbose_name = "domain request"
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
    def is_over(self) -> bool:
        """Tell whether nothing more can come of it."""
        return self.state not in self.IN_USE

    @property
    def dns_facts(self) -> "DomainFacts":
        """What DNS said at the last check."""
        from whitelabel.dns.facts import DomainFacts

        return DomainFacts.from_json(self.facts)

    @property
    def waits_for_dns(self) -> bool:
        return self.state in self.WAITING_FOR_DNS

    @property
    def live_elsewhere(self) -> bool:
        """Tell whether another white-label already sends from this domain."""
        return SendingDomain.objects.live().filter(domain=self.domain).exclude(pk=self.pk).exists()

    @property
    def ownership_record(self) -> Record:
        """The TXT record that only somebody who may change the domain's DNS can publish."""
        return Record(DnsRecord.Type.TXT, f"{OWNERSHIP_LABEL}.{self.domain}", self.ownership_token)

    @property
    def proven(self) -> bool:
        """Tell whether DNS showed every record, the one that proves ownership among them."""
        return self.asks_for_proof and all(record.status == DnsRecord.Status.OK for record in self.records.all())

    @property
    def asks_for_proof(self) -> bool:
        """Tell whether the record that proves ownership is among those to publish."""
        return self.ownership_record in {record.as_typed for record in self.records.all()}

    def withdraw(self, *, by: models.Model) -> None:
        """Take the request back, or stop using the domain; for admins of its white-label."""
        self._only_admins(by)
        self._change(self.IN_USE, state=self.State.WITHDRAWN)

    def approve(self, records: Iterable[Record], *, by: models.Model) -> None:
        """Accept the request and keep the records to publish; for platform owners."""
        self._only_owners(by)
        with transaction.atomic():
            self._change([self.State.REQUESTED], state=self.State.APPROVED, answered_at=timezone.now())
            self._keep(records)

    def change_records(self, records: Iterable[Record], *, by: models.Model) -> None:
        """Replace the records to publish; what DNS said of those that stay is kept. For platform owners."""
        self._only_owners(by)
        with transaction.atomic():
            self._change(self.ANSWERED, answered_at=timezone.now())
            self._keep(records)

    def refuse(self, reason: str, *, by: models.Model) -> None:
        """Say no, and why; for platform owners."""
        self._only_owners(by)
        self._change(self.OPEN, state=self.State.REFUSED, refusal=reason, answered_at=timezone.now())

    def activate(self, *, by: models.Model) -> None:
        """Let mail leave from it by a platform owner's decision, whatever DNS says."""
        self._only_owners(by)
        self._go_live()

    def activate_if_proven(self) -> bool:
        """Let mail leave from it once DNS showed every record; tell whether this call did it."""
        if not (self.waits_for_dns and self.proven):
            return False
        self._go_live()
        return True

    def claim_check(self, now: datetime) -> bool:
        """Tell whether DNS may be asked now; the asking is noted, so that two at once ask once."""
        due = models.Q(checked_at=None) | models.Q(checked_at__lte=now - timedelta(seconds=CHECK_PAUSE_SECONDS))
        claimed = SendingDomain.objects.filter(due, pk=self.pk, state__in=self.ANSWERED).update(checked_at=now)
        if claimed:
            self.checked_at = now
        return bool(claimed)

    def note_check(self) -> None:
        """Show that the records were looked for."""
        SendingDomain.objects.filter(pk=self.pk, state=self.State.APPROVED).update(state=self.State.VERIFYING)
        self.refresh_from_db(fields=["state"])

    def _go_live(self) -> None:
        if self.live_elsewhere:
            raise ValidationError(self._taken)
        try:
            with transaction.atomic():
                self._change(self.WAITING_FOR_DNS, state=self.State.ACTIVE, activated_at=timezone.now())
        except IntegrityError as error:
            raise ValidationError(self._taken) from error

    @property
    def _taken(self) -> str:
        return f"{self.domain} is already active for another white-label; the first to prove it keeps it."

    def _keep(self, records: Iterable[Record]) -> None:
        wanted = list(dict.fromkeys(records))
        if not wanted:
            raise ValidationError("Give at least one DNS record to publish.")
        kept = {}
        for row in self.records.all():
            if row.as_typed in wanted and row.as_typed not in kept:
                kept[row.as_typed] = row
            else:
                row.delete()
        for record in wanted:
            if record not in kept:
                self.records.create(type=record.type, name=record.name, value=record.value)

    def _change(self, sources: Sequence[str], **values: Any) -> None:
        """Write `values` only while the state is one of `sources`, whoever else is at it; raises `ValidationError`."""
        if not SendingDomain.objects.filter(pk=self.pk, state__in=sources).update(**values):
            self.refresh_from_db()
            raise ValidationError(f"This is not possible any more: {self.domain} is “{self.get_state_display()}”.")
        for name, value in values.items():
            setattr(self, name, value)

    def _only_admins(self, person: models.Model) -> None:
        if not self.white_label.is_admin(person):
            raise PermissionDenied

    def _only_owners(self, person: models.Model) -> None:
        if not (getattr(person, "is_active", False) and getattr(person, "is_superuser", False)):
            raise PermissionDenied


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

    @property
    def as_typed(self) -> Record:
        return Record(self.type, self.name, self.value)

    @property
    def to_publish(self) -> str:
        """The value to copy."""
        return self.value

    @property
    def says(self) -> str:
        """The status in words."""
        return self.get_status_display()

    @property
    def shows_found(self) -> bool:
        """Tell whether what was found is worth showing beside what is expected."""
        return bool(self.found) and self.status == self.Status.DIFFERENT

    def note(self, status: str, found: str, at: datetime) -> None:
        """Keep what DNS answered, unless the record was changed since it was asked for."""
        self.status, self.found, self.checked_at = status, found, at
        same = DnsRecord.objects.filter(pk=self.pk, type=self.type, name=self.name, value=self.value)
        same.update(status=status, found=found, checked_at=at)
