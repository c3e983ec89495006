"""Records that the owner saves to use again: a template with the domain as its variable."""

import re
from collections.abc import Iterable
from dataclasses import asdict
from typing import Self

from django.core.exceptions import ValidationError
from django.db import models

from phrases.stored_json import StoredJSON
from whitelabel.dns.record import Record
from whitelabel.models.domain import SendingDomain

DOMAIN = "{domain}"
NAME_TAKEN = "A template of this name is there already; choose another name."


class RecordSet(models.Model):
    """`records` is a list of `{"type", "name", "value"}`, in which `DOMAIN` stands for the domain. Owners only."""

    name = models.CharField(
        max_length=100,
        unique=True,
        error_messages={"unique": NAME_TAKEN},
        help_text="For example: SendGrid, three CNAMEs.",
    )
    records = StoredJSON(default=list, editable=False)
    made_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["name"]
        verbose_name = "DNS template"

    def __str__(self) -> str:
        return self.name

    @classmethod
    def of(cls, records: Iterable[Record], domain: SendingDomain) -> Self:
        """Return an unsaved set; the record that proves ownership belongs to one request only and is left out."""
        reusable = [record for record in records if record != domain.ownership_record]
        if not reusable:
            raise ValidationError("There is no record to keep beside the one that proves ownership.")
        return cls(records=[asdict(with_variable(record, domain.domain)) for record in reusable])

    @property
    def rows(self) -> list[Record]:
        """Return the records as they are stored, with the variable."""
        return [Record(row["type"], row["name"], row["value"]) for row in self.records]

    def records_for(self, domain: str) -> list[Record]:
        return [
            Record(row.type, row.name.replace(DOMAIN, domain), row.value.replace(DOMAIN, domain)) for row in self.rows
        ]


def with_variable(record: Record, domain: str) -> Record:
    """Return the record with `DOMAIN` wherever the whole domain stands in its name or value."""
    whole = re.compile(rf"(?<![a-z0-9_-]){re.escape(domain)}(?![a-z0-9-])", re.IGNORECASE)
    return Record(record.type, whole.sub(DOMAIN, record.name), whole.sub(DOMAIN, record.value))
