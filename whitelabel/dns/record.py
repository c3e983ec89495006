"""A DNS record to publish, and what a check can say of it."""

from dataclasses import dataclass

from django.db.models import TextChoices

PROOF_LABEL = "_backoffice-challenge"


class Type(TextChoices):
    TXT = "TXT", "TXT"
    CNAME = "CNAME", "CNAME"
    MX = "MX", "MX"


class Status(TextChoices):
    PENDING = "PENDING", "Not found yet"
    OK = "OK", "Found"
    MISSING = "MISSING", "Missing"
    DIFFERENT = "DIFFERENT", "Different"
    UNKNOWN = "UNKNOWN", "Not known"


@dataclass(frozen=True)
class Record:
    """`type` is a `Type`; full name and value are spelled as `whitelabel.records` writes them."""

    type: str
    name: str
    value: str


@dataclass(frozen=True)
class Verdict:
    """What DNS says of a record: `published` is what is there, one value a line, fit for a page.

    `replacement` is the exact value to publish in place of what is there, also once it is published; "" where the
    record stands for itself.
    """

    status: Status
    published: str = ""
    replacement: str = ""

    @property
    def stays(self) -> bool:
        """Return whether what is there is to stay for now, since with what is asked for it would not work any more."""
        return self.status == Status.DIFFERENT and bool(self.replacement) and self.replacement == self.published
