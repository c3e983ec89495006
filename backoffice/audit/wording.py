"""The audit log in the words of the product: what was done, to which thing, and what each field said before and after.

Rows keep names of models, ids and columns as they were; what those are called is looked up when they are shown.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models
from django.urls import Resolver404, resolve
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.text import capfirst

from backoffice.audit.acts import VERBS, WORDS
from backoffice.audit.middleware import named_row
from backoffice.console.admin import may_be_id
from people.audit import SECRET, Change
from people.models import AuditEntry
from people.roles import Role
from smtp_settings.models import SmtpServer

Row = tuple[type[models.Model], str]

FIELDS = {
    "is_active": "May sign in",
    "is_staff": "Works for the platform",
    "is_superuser": str(Role.PLATFORM_OWNER),
    "sealed_secret": "Password",
    "security": "Encryption",
    "standby": "Second SMTP server",
}
INNER_FIELDS = frozenset(  # what the product keeps for itself; the row has them
    "end_notified expiry_notified final_dot_announced id lease leased_until next_check_at ownership_token "
    "policy scope_key sealed_hash server_key tenant thread warned_hours".split()
)
THINGS_SHOWN = 5
NOTHING, NOT_SHOWN = "nothing", "not shown here"


@dataclass(frozen=True)
class Line:
    """What a field of a thing said before and after, in words."""

    thing: str
    field: str
    before: str
    after: str


def act_in_words(act: str) -> str:
    """Return what was done: "whitelabel.application.change" reads "Change application"."""
    if act in WORDS:
        return WORDS[act]
    label, _, verb = act.rpartition(".")
    try:
        opts = apps.get_model(label)._meta
    except (LookupError, ValueError):
        return capfirst(act.replace("_", " ").replace(".", " "))
    return VERBS.get(verb, verb).format(opts.verbose_name_plural if verb == "changelist" else opts.verbose_name)


def describe(entries: Sequence[AuditEntry]) -> None:
    """Give each entry its `things` and its `lines`, with one query for each model that is named."""
    names = names_of(row for entry in entries for row in _rows(entry))
    for entry in entries:
        lines = [_line(change, names) for change in entry.changes if change["field"] not in INNER_FIELDS]
        lines = [line for line in lines if line.before != line.after]
        named = [_thing(row, names) for row in _things(entry)]
        vars(entry).update(lines=lines, things=_listed(list(dict.fromkeys(named))))


def _listed(things: Sequence[str]) -> str:
    """Return the things that an entry is about; of many only the first."""
    more = len(things) - THINGS_SHOWN
    words = ", ".join(things[:THINGS_SHOWN])
    return f"{words} and {more} more" if more > 0 else words


def names_of(rows: Iterable[Row]) -> dict[Row, str]:
    """Return what rows are called now; those that are gone are not in it."""
    keys = defaultdict[type[models.Model], set[str]](set)
    for model, key in rows:
        keys[model].add(key)
    names: dict[Row, str] = {}
    for model, wanted in keys.items():
        rows_there = model._default_manager.filter(pk__in=[key for key in wanted if may_be_id(model, key)])
        names |= {(model, str(row.pk)): str(row) for row in rows_there}
    servers = SmtpServer.objects.filter(scope_key__in=keys[SmtpServer])  # a stored check names a server by whose it is
    return names | {(SmtpServer, server.scope_key): str(server) for server in servers}


def _rows(entry: AuditEntry) -> Iterator[Row]:
    yield from _things(entry)
    for change in entry.changes:
        field = _field(change)
        if isinstance(field, models.ForeignKey):
            yield from ((field.related_model, value) for value in (change["before"], change["after"]) if value)


def _things(entry: AuditEntry) -> Iterator[Row]:
    """Yield the rows that were changed, or else the one that the address names."""
    rows = [row for change in entry.changes if (row := _row(change["thing"]))]
    try:
        rows = rows or ([row] if entry.path and (row := named_row(resolve(entry.path))) else [])
    except Resolver404:
        rows = []
    yield from rows


def _row(thing: str) -> Row | None:
    label, _, key = thing.partition(" ")
    try:
        return apps.get_model(label), key
    except (LookupError, ValueError):
        return None


def _field(change: Change) -> "models.Field[Any, Any] | None":
    row = _row(change["thing"])
    try:
        field = row[0]._meta.get_field(change["field"]) if row else None
    except FieldDoesNotExist:
        return None
    return field if isinstance(field, models.Field) else None


def _thing(row: Row, names: Mapping[Row, str]) -> str:
    model, key = row
    kind, name = capfirst(str(model._meta.verbose_name)), names.get(row, f"{key}, which is gone")
    return name if name == kind else f"{kind} {name}"


def _line(change: Change, names: Mapping[Row, str]) -> Line:
    field, row = _field(change), _row(change["thing"])
    before, after = (_value(value, field, names) for value in (change["before"], change["after"]))
    called = FIELDS.get(change["field"]) or capfirst(str(field.verbose_name if field else change["field"]))
    if change["before"] == change["after"] == SECRET:
        after = "another one"
    return Line(_thing(row, names) if row else change["thing"], called, before, after)


def _value(value: str, field: "models.Field[Any, Any] | None", names: Mapping[Row, str]) -> str:
    """Return what a column said as the pages say it."""
    if not value or value == "None":
        return NOTHING
    if value == SECRET:
        return "a secret"
    if isinstance(field, models.ForeignKey):
        return names.get((field.related_model, value), f"{value}, which is gone")
    if isinstance(field, models.BooleanField):
        return {"True": "yes", "False": "no"}.get(value, value)
    if isinstance(field, models.DateTimeField):
        at = parse_datetime(value)
        return date_format(at, "j F Y, H:i") if at else value
    if isinstance(field, models.JSONField):
        return NOT_SHOWN
    choices = {str(key): str(label) for key, label in field.flatchoices} if field else {}
    return choices.get(value, value)
