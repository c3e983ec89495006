"""Carry everything over by provisioning, then give each scope its SMTP server. All or nothing.

What a part cannot be carried over for is told, and the rest goes on without it.
"""

from collections import Counter
from dataclasses import dataclass, field, replace

from django.db import transaction

from gateway.provisioning.acts import preview, synchronize
from gateway.provisioning.items import Author, Item, Kind, ListOutcome, Outcome
from gateway.siberian import servers
from gateway.siberian.export import Export
from gateway.siberian.items import ARCHIVED, Wanted, wanted
from gateway.siberian.lines import Credentials, PlatformLine, WhiteLabelLine
from gateway.siberian.note import Note
from gateway.siberian.servers import Done, NotCarriedOver
from people.audit import differences, record, snapshot
from people.models import User
from smtp_settings.forms import SupportForm
from smtp_settings.models import Communication
from smtp_settings.scope import PLATFORM, Scope, load_scope
from whitelabel.models import Application, WhiteLabel
from whitelabel.own_server import white_label_of

AUTHOR = Author(who="manage.py import_siberian")
MODELS = {Kind.PEOPLE: User, Kind.WHITE_LABELS: WhiteLabel, Kind.APPLICATIONS: Application}

OTHER_ADMINS = "its admin in Siberian is none of its admins here, who stay"
NOT_THEIRS = "its SMTP server is not given to the admins that it has here, as it was another's"
OTHER_SUPPORT = "the support's name and address are others here, and stay"
NOT_AN_ADMIN = "its owner is no admin of its white-label, so that its mail takes the platform's server"


@dataclass
class Report:
    """What was done, or would be; the notes are in the order of the file."""

    outcome: Outcome
    servers: Counter[Done] = field(default_factory=Counter)
    left_out: list[Note] = field(default_factory=list)
    remarks: list[Note] = field(default_factory=list)


def carry_over(export: Export, *, apply: bool) -> Report:
    """Do it, and take it all back unless `apply`. Raises `Refused` or `Busy` where others changed things meanwhile."""
    with transaction.atomic():
        report = _carry_over(export)
        if not apply:
            transaction.set_rollback(True)
    for notes in (report.left_out, report.remarks):
        notes.sort(key=lambda note: note.number)
    return report


def _carry_over(export: Export) -> Report:
    made = wanted(export)
    _leave_archived(made)
    _keep_admins(made, _settle(made))
    report = Report(synchronize(made.lists, AUTHOR), left_out=made.left_out, remarks=made.remarks)
    for line in export.platform.values():
        _give_support(line, made)
        _give_server(servers.platform_sender(line), line, PLATFORM, made, report)
    for row in WhiteLabel.objects.filter(ref__in=[item.ref for item in made.lists.get(Kind.WHITE_LABELS, ())]):
        _give_own_server(row, made, report)
    _tell_of_admins(made)
    return report


def _leave_archived(made: Wanted) -> None:
    """Leave out what was archived here: provisioning would restore it."""
    for kind, items in made.lists.items():
        rows = MODELS[kind]._default_manager.exclude(archived_at=None)
        archived = set(rows.values_list("ref", flat=True))
        for item in items:
            if item.ref in archived:
                made.leave_out(made.lines[kind, item.ref], ARCHIVED)
        made.lists[kind] = [item for item in items if item.ref not in archived]


def _settle(made: Wanted) -> Outcome:
    """Leave out what provisioning refuses, and then what named it; return what it would do with the rest."""
    while True:
        outcome, problems = preview(made.lists)
        if not problems:
            return outcome
        made.drop(problems)


def _keep_admins(made: Wanted, expected: Outcome) -> None:
    """Give admins to new white-labels alone: others may have got more of them here."""
    new = set(expected.get(Kind.WHITE_LABELS, ListOutcome()).created)
    items = made.lists.get(Kind.WHITE_LABELS, [])
    items[:] = [item if item.ref in new else _without_admins(item) for item in items]


def _without_admins(item: Item) -> Item:
    return replace(item, fields={name: value for name, value in item.fields.items() if name != "admins"})


def _give_support(line: PlatformLine, made: Wanted) -> None:
    """Say who answers for the platform's mail, unless that is said here already."""
    stored = Communication.current()
    form = SupportForm({"support_name": line.support_name, "support_address": line.support_email}, instance=stored)
    before = snapshot(Communication.current())
    if not line.support_name and not line.support_email:
        return
    if not form.is_valid():
        for name, errors in form.errors.items():
            made.leave_out(line, f"{name.replace('_', ' ')}: {' '.join(map(str, errors))}")
    elif not form.has_changed():
        return
    elif any(form.initial.values()):
        made.remark(line, OTHER_SUPPORT)
    else:
        form.save()
        record("communication.import", who=AUTHOR.who, changes=differences(before, snapshot(stored)))


def _give_own_server(row: WhiteLabel, made: Wanted, report: Report) -> None:
    line = made.lines[Kind.WHITE_LABELS, row.ref or ""]
    assert isinstance(line, WhiteLabelLine)
    try:
        credentials = servers.credentials_of(line)
    except NotCarriedOver as why:
        made.leave_out(line, str(why))
        return
    if credentials.server and row.server is None and not row.admins.filter(ref=row.ref).exists():
        made.leave_out(line, NOT_THEIRS)
        return
    _give_server(credentials, line, row.scope_key, made, report)


def _give_server(
    credentials: Credentials, line: PlatformLine | WhiteLabelLine, scope_key: str, made: Wanted, report: Report
) -> None:
    """Give a scope the server that was configured for it, if any."""
    if not credentials.server and not line.enable_custom_smtp:
        return
    scope = load_scope(scope_key)
    assert scope is not None
    try:
        done, remarks = servers.carry_over(credentials, scope)
    except NotCarriedOver as why:
        made.leave_out(line, str(why))
        return
    report.servers[done] += 1
    for remark in remarks:
        made.remark(line, remark)
    if done is Done.CREATED:
        _record_server(scope)


def _record_server(scope: Scope) -> None:
    stored = load_scope(scope.key)
    assert stored is not None
    changes = differences({}, snapshot(stored.server))
    record("smtp_server.import", who=AUTHOR.who, white_label=white_label_of(scope.key), changes=changes)


def _tell_of_admins(made: Wanted) -> None:
    """Name the white-labels that have other admins, and the applications that their white-label's server is not for."""
    admins = set(WhiteLabel.admins.through.objects.values_list("whitelabel__ref", "user__ref"))
    for item in made.lists.get(Kind.WHITE_LABELS, ()):
        if (item.ref, item.ref) not in admins:
            made.remark(made.lines[Kind.WHITE_LABELS, item.ref], OTHER_ADMINS)
    for item in made.lists.get(Kind.APPLICATIONS, ()):
        white_label = item.fields.get("white_label")
        if white_label and (white_label, item.fields["owner"]) not in admins:
            made.remark(made.lines[Kind.APPLICATIONS, item.ref], NOT_AN_ADMIN)
