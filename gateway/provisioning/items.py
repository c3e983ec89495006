"""What is asked for: a list of items for each kind, by whom, and what is wrong with them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from gateway.choices import Kind as Kind
from gateway.models import Key
from people.models import User

SHOWN_PROBLEMS = 100
MAX_ITEMS = 50_000  # in a list


@dataclass(frozen=True)
class Item:
    """`fields` are those of `FIELDS`; what is not in it stays as it is. Other rows are named by their references.

    `at` says where it stands: its index in a list, its line in a file.
    """

    ref: str
    fields: Mapping[str, Any]
    at: int = 0


Lists = Mapping[Kind, Sequence[Item]]

FIELDS: dict[Kind, Sequence[str]] = {
    Kind.PEOPLE: ("email", "name"),
    Kind.WHITE_LABELS: ("name", "brand_name", "brand_colour", "console_host", "admins"),
    Kind.APPLICATIONS: ("name", "owner", "white_label", "sender_name", "sender_address", "daily_limit"),
}
COLUMNS = {kind: frozenset({*fields, "ref", "archived_at", "is_active"}) for kind, fields in FIELDS.items()}


@dataclass(frozen=True)
class Author:
    """Who asks, for the audit log: a person, a command or a key (`who`); a `key` must still be good at the end."""

    person: User | None = None
    who: str = ""
    address: str = ""
    path: str = ""
    key: Key | None = None


@dataclass(frozen=True)
class Problem:
    """What is wrong with the item that stands `at` a place; `field` is "" where it is not about one field."""

    kind: Kind
    at: int
    ref: str
    field: str
    message: str


class Refused(Exception):
    """Nothing was changed. `problems` are all that were found."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__(problems[0].message)
        self.problems = problems


class Different(Exception):
    """The lists would do something else than what somebody has seen and agreed to; nothing was changed."""


class Busy(Exception):
    """Somebody else provisions this moment; nothing was changed, and another try is worth it."""


@dataclass(frozen=True)
class ListOutcome:
    """References of what is or would be created, and changed; how many stay; those in use that the list lacks.

    `changed` has for each reference the fields that differ, with what they said before and say then.
    """

    created: Sequence[str] = ()
    changed: Mapping[str, Mapping[str, tuple[Any, Any]]] = field(default_factory=dict)
    unchanged: int = 0
    missing: Sequence[str] = ()


Outcome = Mapping[Kind, ListOutcome]
