"""Record who did what, from where, and what was different afterwards; never a secret. For every door and command."""

from collections.abc import Iterable, Iterator
from typing import TypedDict

from django.contrib.auth.hashers import is_password_usable
from django.db.models import Model

from people.models import AuditEntry, User
from phrases.phrase import Phrase

SECRET = "[secret]"  # noqa: S105
SECRET_FIELDS = frozenset({"ownership_token", "password"})
SECRET_PREFIX = "sealed_"  # noqa: S105
VOLATILE_FIELDS = frozenset(
    {"checked_at", "facts", "last_login", "last_transition_at", "refusal", "refused_at", "refused_from", "updated_at"}
    | {"used_at", "used_from"}
)
VALUE_CHARS = 500

Snapshot = dict[str, dict[str, str]]
"""The columns of rows, as text, by name of the row: "whitelabel.Application 7"."""


class Change(TypedDict):
    """What a field of a thing said before and after; "" where the thing was not there or the field was empty."""

    thing: str
    field: str
    before: str
    after: str


def record(
    act: str,
    *,
    person: User | None = None,
    who: str = "",
    white_label: int | None = None,
    address: str = "",
    path: str = "",
    changes: Iterable[Change] = (),
    detail: Phrase | None = None,
) -> AuditEntry:
    """Append an entry. `act` is a code such as "domain.approve", `who` the command or the key where no person acts.

    `white_label` is the id of the one whose people may see that it was done; an act that several may see is recorded
    for each of them (`for_each`).

    The log stays locked to the end of the transaction, so that it is recorded last there.
    """
    return AuditEntry.objects.create(
        act=act,
        person=person,
        who=person.email if person else who,
        white_label_id=white_label,
        address=address,
        path=path.replace("\0", "\ufffd"),  # PostgreSQL keeps no NUL in a text
        changes=list(changes),
        detail=detail,
    )


def snapshot(*things: Model | None) -> Snapshot:
    """Return what is in the rows of `things` now, as far as it was loaded; for `differences`."""
    return {name_of(thing): columns_of(thing) for thing in things if thing is not None}


def name_of(thing: Model) -> str:
    return f"{thing._meta.label} {thing.pk}"


def columns_of(thing: Model) -> dict[str, str]:
    """Return what is in the row, as text; many-to-many relations as a sorted list."""
    columns = {
        field.name: str(getattr(thing, field.attname))[:VALUE_CHARS]
        for field in thing._meta.concrete_fields
        if field.name not in VOLATILE_FIELDS
    }
    for field in thing._meta.many_to_many:
        columns[field.name] = ", ".join(sorted(str(other) for other in getattr(thing, field.name).all()))[:VALUE_CHARS]
    return columns


def differences(before: Snapshot, after: Snapshot) -> Iterator[Change]:
    """Yield what changed between two snapshots; of a secret only that it did."""
    for thing in before | after:
        old, new = before.get(thing, {}), after.get(thing, {})
        for field in old | new:
            was, now = old.get(field, ""), new.get(field, "")
            if was == now:
                continue
            if field in SECRET_FIELDS or field.startswith(SECRET_PREFIX):
                was, now = _masked(was), _masked(now)
            yield {"thing": thing, "field": field, "before": was, "after": now}


def _masked(value: str) -> str:
    """Return that there is a secret; "" where there is none, as for a person who has not chosen a password yet."""
    return SECRET if value and is_password_usable(value) else ""
