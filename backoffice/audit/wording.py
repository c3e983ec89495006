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

from backoffice.audit.middleware import SECRET, model_of, named_row
from backoffice.console.admin import may_be_id
from people.models import AuditEntry
from smtp_settings.models import SmtpServer

Row = tuple[type[models.Model], str]

VERBS = {"add": "Add {}", "change": "Change {}", "delete": "Delete {}", "changelist": "Act on a list: {}"}
ACTS = {
    "answer_domain": "Answer a question about a domain",
    "application_owner": "Change the owner of an application",
    "check_domain": "Look up the DNS of a domain",
    "choose": "Change white-label",
    "communication": "Save Communication",
    "delivery_delivery_cancel": "Cancel a mail",
    "delivery_delivery_release": "Release a suppressed address",
    "delivery_delivery_retry": "Send a mail again",
    "delivery_suppression_release": "Release a suppressed address",
    "domain_activate": "Activate a domain",
    "domain_approve": "Approve a domain request",
    "domain_ask": "Ask about a domain request",
    "domain_check": "Look up the DNS of a domain",
    "domain_links": "Link to the DNS records of a domain",
    "domain_paste": "Paste the DNS records of a domain",
    "domain_records": "Change the DNS records of a domain",
    "domain_refuse": "Refuse a domain request",
    "domain_reopen": "Open a domain request again",
    "domain_resume": "Lift the suspension of a domain",
    "domain_suspend": "Suspend a domain",
    "email": "Save E-mail",
    "make_records_link": "Make a link to DNS records",
    "message_move": "Move or mark a message",
    "message_new": "Write a message",
    "message_thread": "Answer a message",
    "person_invite": "Send an invitation again",
    "person_second_factor": "Remove a person's second factor",
    "record_set_new": "Keep a record set",
    "request_domain": "Request a domain",
    "revoke_domain_link": "Revoke a link to DNS records",
    "revoke_records_link": "Revoke a link to DNS records",
    "second_server": "Save the second SMTP server",
    "send_records_link": "Send a link to DNS records",
    "whitelabel_application_test": "Send a test e-mail as an application",
    "withdraw_domain": "Withdraw a domain",
}
FIELDS = {
    "is_active": "May sign in",
    "is_superuser": "Platform owner",
    "sealed_secret": "Password",
    "security": "Encryption",
    "standby": "Second SMTP server",
}
INNER_FIELDS = frozenset(  # what the product keeps for itself; the row has them
    "expiry_notified final_dot_announced id is_staff lease leased_until next_check_at ownership_token policy scope_key "
    "server_key tenant thread warned_hours".split()
)
NOTHING, UNSHOWN = "nothing", "not shown here"


@dataclass(frozen=True)
class Line:
    """What a field of a thing said before and after, in words."""

    thing: str
    field: str
    before: str
    after: str


def act_in_words(act: str) -> str:
    """Return what was done: "owner:whitelabel_application_change" reads "Change application"."""
    name = act.rpartition(":")[2]
    if name in ACTS:
        return ACTS[name]
    model, verb = model_of(name), VERBS.get(name.rpartition("_")[2])
    if model and verb:
        opts = model._meta
        return verb.format(opts.verbose_name_plural if name.endswith("_changelist") else opts.verbose_name)
    return capfirst(name.replace("_", " "))


def tell(entries: Sequence[AuditEntry]) -> None:
    """Give each entry its `things` and its `lines`, with one query for each model that is named."""
    names = names_of(row for entry in entries for row in _rows(entry))
    for entry in entries:
        told = (_line(change, names) for change in entry.changes if change["field"] not in INNER_FIELDS)
        lines = [line for line in told if line.before != line.after]
        named = [_thing(row, names) for row in _things(entry)]
        vars(entry).update(lines=lines, things=", ".join(dict.fromkeys(named)))


def names_of(rows: Iterable[Row]) -> dict[Row, str]:
    """Return what rows are called now; those that are gone are not in it."""
    keys = defaultdict[type[models.Model], set[str]](set)
    for model, key in rows:
        keys[model].add(key)
    names: dict[Row, str] = {}
    for model, wanted in keys.items():
        found = model._default_manager.filter(pk__in=[key for key in wanted if may_be_id(model, key)])
        names |= {(model, str(row.pk)): str(row) for row in found}
    servers = SmtpServer.objects.filter(scope_key__in=keys[SmtpServer])  # a stored check names a server by whose it is
    return names | {(SmtpServer, server.scope_key): str(server) for server in servers}


def _rows(entry: AuditEntry) -> Iterator[Row]:
    yield from _things(entry)
    for change in entry.changes:
        field = _field(change)
        if isinstance(field, models.ForeignKey):
            yield from ((field.related_model, change[side]) for side in ("before", "after") if change[side])


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


def _field(change: Mapping[str, str]) -> "models.Field[Any, Any] | None":
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


def _line(change: Mapping[str, str], names: Mapping[Row, str]) -> Line:
    field, row = _field(change), _row(change["thing"])
    before, after = (_value(change[side], field, names) for side in ("before", "after"))
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
        return UNSHOWN
    choices = {str(key): str(label) for key, label in field.flatchoices} if field else {}
    return choices.get(value, value)
