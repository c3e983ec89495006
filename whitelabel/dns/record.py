"""A DNS record to publish, and what a check can say of it."""

from dataclasses import dataclass

from django.db.models import TextChoices


class Type(TextChoices):
    TXT = "TXT", "TXT"
    CNAME = "CNAME", "CNAME"
    MX = "MX", "MX"


class Status(TextChoices):
    PENDING = "PENDING", "Not seen yet"
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

    `replacement` is the exact value to publish where the one that was asked for would harm what is there, also once
    it is published; "" elsewhere.
    """

    status: Status
    published: str = ""
    replacement: str = ""
