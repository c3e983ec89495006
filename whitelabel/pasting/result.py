"""What a paste contained: a record as it was written, a row that was read, a part that gave no record."""

from dataclasses import dataclass

from whitelabel.dns.record import Record
from whitelabel.pasting.words import UNSUPPORTED

NO_RECORD = "no DNS record was recognised in it"
BUTTON = "it is a button or a state"
COMMENT = "it is a comment"
INCOMPLETE = "it speaks of a record, but type, name and value were not all recognised"
GUESSED = "No type was given; by its value it is a {kind} record."


@dataclass(frozen=True)
class Raw:
    """A record as it was written. `origin` is the domain that a zone file counts `name` from, "" elsewhere."""

    type: str
    name: str
    value: str
    line: str
    priority: str = ""
    repairs: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    zone: bool = False
    origin: str = ""


@dataclass(frozen=True)
class Unread:
    """A part of a paste that gave no record, and why."""

    line: str
    why: str = NO_RECORD

    @property
    def is_ordinary(self) -> bool:
        """Return whether it is what any page or letter has around its records: words, buttons, comments."""
        return self.why in {NO_RECORD, BUTTON, COMMENT}


@dataclass(frozen=True)
class PastedRow:
    """A record with what was changed in it, what a person should look at, and the line it was read from."""

    record: Record
    repairs: tuple[str, ...]
    remarks: tuple[str, ...]
    line: str


@dataclass(frozen=True)
class Pasted:
    rows: tuple[PastedRow, ...]
    unread: tuple[Unread, ...]


def unsupported(kind: str, line: str) -> Unread:
    why = UNSUPPORTED.get(kind, "they are not needed to send mail")
    return Unread(line, f"{kind} records are not kept, only TXT, CNAME and MX: {why}")
