"""A domain with the DNS records to publish for it, the proof of ownership among them, and what DNS says of all that."""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError
from django.db import models

from phrases.stored_json import StoredJSON
from whitelabel.dns import dmarc
from whitelabel.dns.facts import Advice, DomainFacts
from whitelabel.dns.record import PROOF_LABEL, Record, Status, Type
from whitelabel.dns.spf.check import RECORD_READ_MAX_CHARS
from whitelabel.dns.spf.merge import merged
from whitelabel.dns.spf.terms import is_spf
from whitelabel.domain_names import display_name, readable
from whitelabel.models.record import DnsRecord
from whitelabel.models.transitions import IN_USE

if TYPE_CHECKING:
    from django.db.models.fields.related_descriptors import RelatedManager

CHECK_PAUSE = timedelta(seconds=30)
CLAIM_EXPIRES_AFTER = timedelta(hours=1)
FAILING = (Status.MISSING, Status.DIFFERENT)


class Publishing(models.Model):
    """`domain` is a canonical A-label name (see `domain_names.canonical`)."""

    records: "RelatedManager[DnsRecord]"

    domain = models.CharField(max_length=253)
    ownership_token = models.CharField(max_length=64, default=secrets.token_urlsafe, editable=False)
    facts = StoredJSON(default=dict, blank=True, editable=False)
    checked_at = models.DateTimeField(null=True, blank=True)
    next_check_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return display_name(self.domain)

    @property
    def letters(self) -> str:
        """The name as its own people write it; for sentences to them."""
        return readable(self.domain)

    @property
    def dns_facts(self) -> DomainFacts:
        """What DNS said of the domain when it was last asked."""
        return DomainFacts.from_json(self.facts)

    @property
    def advice(self) -> list[Advice]:
        """What to do about its DNS besides; no DMARC policy where one is among the records to publish."""
        has_policy = any(record.name.startswith(f"{dmarc.LABEL}.") for record in self.records.all())
        return [one for one in self.dns_facts.advice if not (has_policy and one.value == dmarc.SUGGESTED)]

    def save_facts(self, facts: DomainFacts) -> None:
        self.facts = facts.or_before(self.dns_facts).as_json()
        type(self)._default_manager.filter(pk=self.pk).update(facts=self.facts)

    @property
    def ownership_record(self) -> Record:
        """The TXT record that only somebody who may change the domain's DNS can publish."""
        return Record(Type.TXT, f"{PROOF_LABEL}.{self.domain}", self.ownership_token)

    @property
    def ownership_verified(self) -> bool:
        return any(row.status == Status.OK and row.expected == self.ownership_record for row in self.records.all())

    @property
    def verified(self) -> bool:
        """Return whether DNS showed every record, the one that proves ownership among them."""
        return self.ownership_verified and all(row.status == Status.OK for row in self.records.all())

    @property
    def missing(self) -> list[DnsRecord]:
        """The records that DNS surely does not show as they should be."""
        return [row for row in self.records.all() if row.status in FAILING]

    @property
    def regressed(self) -> list[DnsRecord]:
        """Those of the missing records that DNS once showed."""
        return [row for row in self.missing if row.ok_at]

    @property
    def still_published(self) -> bool:
        """Return whether DNS shows all that it once showed: the proof of ownership and at least one record more."""
        once = [row for row in self.records.all() if row.ok_at]
        return self.ownership_verified and len(once) > 1 and all(row.status == Status.OK for row in once)

    @property
    def unresolved(self) -> list[DnsRecord]:
        """The records about which DNS says nothing clear."""
        return [row for row in self.records.all() if row.is_unresolved]

    @property
    def unresolved_since(self) -> datetime | None:
        """Since when DNS has given no clear answer about a record; None while it does about all of them."""
        return min((row.observed_since for row in self.unresolved if row.observed_since), default=None)

    def set_records(self, records: Iterable[Record]) -> None:
        """Make these the records to publish, beside the one that proves ownership; what is known of them stays."""
        wanted = list(dict.fromkeys([self.ownership_record, *records]))
        present = set()
        for row in self.records.all():
            if row.expected in wanted and row.expected not in present:
                present.add(row.expected)
            else:
                row.delete()
        for record in wanted:
            if record not in present:
                replacement = self._merged(record)
                self.records.create(type=record.type, name=record.name, value=record.value, replacement=replacement)

    def _merged(self, record: Record) -> str:
        """Return what to publish in place of the SPF record that DNS showed last; "" where nothing is in the way."""
        published = self.dns_facts.spf
        is_second = bool(published) and record.name == self.domain and is_spf(record.value)
        if not is_second or any(len(one) >= RECORD_READ_MAX_CHARS for one in published):
            return ""
        return merged(published, record.value, record.name)

    def replace_records(self, records: Iterable[Record]) -> None:
        """Make these, at least one, the records to publish. Raises `ValidationError`."""
        wanted = list(records)
        if not wanted:
            raise ValidationError("Give at least one DNS record to publish.")
        self.set_records(wanted)

    def claim_check(self, now: datetime) -> bool:
        """Return whether DNS may be asked now, at most every `CHECK_PAUSE`; of two at once, one gets the claim.

        A claim whose check is never recorded expires: the domain is due again after `CLAIM_EXPIRES_AFTER`.
        """
        rested = models.Q(checked_at=None) | models.Q(checked_at__lte=now - CHECK_PAUSE)
        due = rested & models.Q(state__in=IN_USE)
        expires_at = now + CLAIM_EXPIRES_AFTER
        claimed = type(self)._default_manager.filter(due, pk=self.pk).update(checked_at=now, next_check_at=expires_at)
        if claimed:
            self.checked_at, self.next_check_at = now, expires_at
        return bool(claimed)

    def holds_claim(self) -> bool:
        """Return whether nothing was planned since `claim_check`; until the transaction ends, nothing will be."""
        same = type(self)._default_manager.filter(pk=self.pk, next_check_at=self.next_check_at)
        return bool(same.update(next_check_at=self.next_check_at))

    def plan_check(self, at: datetime) -> None:
        """Make the next check due at `at`."""
        self.next_check_at = at
        type(self)._default_manager.filter(pk=self.pk).update(next_check_at=at)
