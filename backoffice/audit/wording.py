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
from django.utils.timezone import is_aware, localtime

from backoffice.audit.acts import VERBS, WORDS
from backoffice.audit.concern import belongs_to
from backoffice.audit.middleware import named_row
from backoffice.console.ids import may_be_id
from gateway.models import Key
from gateway.secret import MARK
from messages.models import Mailbox
from people.audit import SECRET, Change
from people.models import AuditEntry, User
from people.roles import Role
from smtp_settings.models import SmtpServer
from whitelabel.correspondence import name_of
from whitelabel.models import WhiteLabel

Row = tuple[type[models.Model], str]

FIELDS = {
    "is_active": "Active",
    "is_staff": "Works for the platform",
    "is_superuser": str(Role.PLATFORM_OWNER),
    "sealed_secret": "Password",
    "security": "Encryption",
    "link": "Link",
    "sent_to": "Sent to",
    "standby": "Second SMTP server",
}
INNER_FIELDS = frozenset(  # what the product keeps for itself; the row has them
    "end_notified expiry_notified final_dot_announced id lease leased_until next_check_at ownership_token "
    "policy scope_key sealed_hash server_key tenant thread warned_hours".split()
)
THINGS_SHOWN = 5
OF_SEVERAL = ("changelist", "csv")  # verbs
NOTHING, NOT_SHOWN, NOBODY = "nothing", "not shown here", "Nobody signed in"
GONE = "{kind} {key}, which is gone"
OWN_PAGES = ("/whitelabel/", "/accounts/")  # there nobody acts for the platform


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
    return VERBS.get(verb, verb).format(opts.verbose_name_plural if verb in OF_SEVERAL else opts.verbose_name)


def describe(entries: Sequence[AuditEntry]) -> None:
    """Give each entry its `actor`, its `things` and its `lines`, with one query for each model that is named."""
    names, keys = names_of(row for entry in entries for row in _rows(entry)), keys_of(entries)
    for entry in entries:
        lines = [_line(change, names) for change in _changes(entry) if change["field"] not in INNER_FIELDS]
        lines = [line for line in lines if line.before != line.after]
        actor = str(keys.get(entry.who) or entry.who or NOBODY)
        vars(entry).update(lines=lines, things=_listed(entry, names), actor=actor)


def describe_for(white_label: WhiteLabel, entries: Sequence[AuditEntry]) -> None:
    """Give each entry the `actor` and the `things` that the people of a white-label may read; nothing of others.

    Its own people are called by their addresses and its own rows by their names. The platform's people speak for the
    platform, whatever is not the white-label's any more has no name.
    """
    names = names_of((row for entry in entries for row in _things(entry)), white_label)
    keys = {who: key for who, key in keys_of(entries).items() if key.white_label == white_label.pk}
    of_white_label = models.Exists(User.objects.filter(belongs_to(white_label, User), pk=models.OuterRef("pk")))
    people = User.objects.filter(pk__in={entry.person_id for entry in entries}).annotate(is_own=of_white_label)
    own = {person.pk for person in people if person.is_own}
    platforms = {person.pk for person in people if person.platform_role}
    platform = name_of(Mailbox.platform())
    for entry in entries:
        is_own = entry.person_id in own or (entry.person_id not in platforms and entry.path.startswith(OWN_PAGES))
        actor = keys.get(entry.who) or (is_own and entry.who) or platform
        about = _whose_role(entry) or _listed(entry, names, of_gone="{kind}")
        vars(entry).update(things=about, actor=str(actor))


def _whose_role(entry: AuditEntry) -> str:
    """Return who is what now, or was before they lost it, where the entry is about a role in the white-label."""
    if not entry.act.startswith("member."):
        return ""
    return ", ".join(change["after"] or change["before"] for change in entry.changes)


@dataclass(frozen=True)
class KeyName:
    """A key that acted, in words, and the white-label (id) that its application is in."""

    shown: str
    application: str
    white_label: int | None

    def __str__(self) -> str:
        return f"Key {self.shown} of {self.application}"


def keys_of(entries: Iterable[AuditEntry]) -> dict[str, KeyName]:
    """Return the keys that acted, by how the entries name them."""
    prefixes = {entry.who.removeprefix(MARK) for entry in entries if entry.who.startswith(MARK)}
    keys = Key.objects.filter(prefix__in=prefixes).select_related("application") if prefixes else ()
    return {key.shown: _key_name(key) for key in keys}


def _key_name(key: Key) -> KeyName:
    application = key.application
    return KeyName(key.shown, str(application or "the platform"), application.white_label_id if application else None)


def _listed(entry: AuditEntry, names: Mapping[Row, str], *, of_gone: str = GONE) -> str:
    """Return the things that an entry is about; of many only the first."""
    things = list(dict.fromkeys(_thing(row, names, of_gone) for row in _things(entry)))
    more = len(things) - THINGS_SHOWN
    words = ", ".join(things[:THINGS_SHOWN])
    return f"{words} and {more} more" if more > 0 else words


def names_of(rows: Iterable[Row], white_label: WhiteLabel | None = None) -> dict[Row, str]:
    """Return what rows are called now; those that are gone are not in it, or that are none of a `white_label`'s."""
    keys = defaultdict[type[models.Model], set[str]](set)
    for model, key in rows:
        keys[model].add(key)
    names: dict[Row, str] = {}
    for model, wanted in keys.items():
        rows_there = _of(white_label, model).filter(pk__in=[key for key in wanted if may_be_id(model, key)])
        names |= {(model, str(row.pk)): str(row) for row in rows_there}
    # A stored check names a server by whose it is.
    servers = _of(white_label, SmtpServer).filter(scope_key__in=keys.get(SmtpServer, ()))
    return names | {(SmtpServer, server.scope_key): str(server) for server in servers}


def _of(white_label: WhiteLabel | None, model: type[models.Model]) -> "models.QuerySet[Any]":
    """Return the rows that may be named: every one, or those of a white-label; of an unknown model none."""
    rows = model._default_manager.all()
    if white_label is None:
        return rows
    if model is SmtpServer:
        return rows.filter(scope_key=white_label.scope_key)
    own = belongs_to(white_label, model)
    return rows.filter(own) if own else rows.none()


def _rows(entry: AuditEntry) -> Iterator[Row]:
    yield from _things(entry)
    for change in _changes(entry):
        field = _field(change)
        if isinstance(field, models.ForeignKey):
            yield from ((field.related_model, value) for value in (change["before"], change["after"]) if value)


def _things(entry: AuditEntry) -> Iterator[Row]:
    """Yield the rows that were changed, or else the one that the address names."""
    rows = [row for change in _changes(entry) if (row := _row(change["thing"]))]
    try:
        rows = rows or ([row] if entry.path and (row := named_row(resolve(entry.path))) else [])
    except Resolver404:
        rows = []
    yield from rows


def _changes(entry: AuditEntry) -> list[Change]:
    """Return what an entry says was changed; whoever writes to the database can append one that says it otherwise."""
    return [change for change in entry.changes if _is_change(change)]


def _is_change(change: object) -> bool:
    return isinstance(change, dict) and all(isinstance(change.get(part), str) for part in Change.__annotations__)


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


def _thing(row: Row, names: Mapping[Row, str], of_gone: str = GONE) -> str:
    model, key = row
    kind = capfirst(str(model._meta.verbose_name))
    if row not in names:
        return of_gone.format(kind=kind, key=key)
    return kind if names[row] == kind else f"{kind} {names[row]}"


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
        return date_format(localtime(at), "j F Y, H:i T") if at and is_aware(at) else value
    if isinstance(field, models.JSONField):
        return NOT_SHOWN
    choices = {str(key): str(label) for key, label in field.flatchoices} if field else {}
    return choices.get(value, value)
