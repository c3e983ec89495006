"""What was read, as the items that provisioning takes; and what is to be told about it."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, field

from gateway.provisioning.items import Item, Kind, Problem
from gateway.siberian.export import Export
from gateway.siberian.lines import ApplicationLine, Line, PersonLine, WhiteLabelLine
from gateway.siberian.note import Note

NAME_CHARS = 100
LINE_ENDING = ("Cc", "Zl", "Zp")

SAME_ADDRESS = "its e-mail address is that of {} too"
SWITCHED_OFF = "it is switched off"
ARCHIVED = "it is archived here, and stays so"
PLAIN_NAME = "control characters in its name are blanks now"
SHORT_NAME = f"its name is cut to {NAME_CHARS} characters"
OWN_SMTP = "it has an SMTP server of its own, which no application has here"
MORE_ADMINS = "others manage it too ({}); here it has one owner"


@dataclass
class Wanted:
    """Items by kind, each with its line by reference; whatever is left out is told."""

    lists: dict[Kind, list[Item]] = field(default_factory=dict)
    lines: dict[tuple[Kind, str], Line] = field(default_factory=dict)
    left_out: list[Note] = field(default_factory=list)
    remarks: list[Note] = field(default_factory=list)

    def add(self, kind: Kind, line: Line, **fields: object) -> None:
        ref = str(line.id)
        self.lists.setdefault(kind, []).append(Item(ref, fields, line.number))
        self.lines[kind, ref] = line

    def leave_out(self, line: Line, why: str) -> None:
        self.left_out.append(Note(line.number, line.thing, why))

    def remark(self, line: Line, text: str) -> None:
        self.remarks.append(Note(line.number, line.thing, text))

    def drop(self, problems: Sequence[Problem]) -> None:
        """Take out the items that have these problems."""
        for problem in problems:
            about = f"{problem.field.replace('_', ' ')}: " if problem.field else ""
            self.leave_out(self.lines[problem.kind, problem.ref], f"{about}{problem.message}")
        dropped = {(problem.kind, problem.ref) for problem in problems}
        for kind, items in self.lists.items():
            self.lists[kind] = [item for item in items if (kind, item.ref) not in dropped]


def wanted(export: Export) -> Wanted:
    """Return what is to be here, as far as the file alone tells."""
    made = Wanted(left_out=list(export.unread))
    _want_people(export, made)
    for white_label in export.white_labels.values():
        if white_label.is_active:
            name = _name(white_label, white_label.name.strip() or white_label.host, made)
            made.add(Kind.WHITE_LABELS, white_label, name=name, admins=[str(white_label.admin_id)])
        else:
            made.leave_out(white_label, SWITCHED_OFF)
    for application in export.applications.values():
        if application.is_active:
            _want_application(application, export, made)
        else:
            made.leave_out(application, SWITCHED_OFF)
    return made


def white_label_of(application: ApplicationLine, export: Export) -> WhiteLabelLine | None:
    """Return the white-label of its owner, or of whom the owner is a sub-account, as Siberian finds it."""
    owner = export.people.get(application.admin_id)
    white_label = export.white_labels.get(owner.parent_id or owner.admin_id) if owner else None
    return white_label if white_label and white_label.is_active else None


def _want_people(export: Export, made: Wanted) -> None:
    by_address: dict[str, PersonLine] = {}
    for person in export.people.values():
        address = person.email.strip().lower()
        first = by_address.setdefault(address, person)
        if first is not person and address:
            made.leave_out(person, SAME_ADDRESS.format(first.thing))
            continue
        name = _name(person, person.name, made)
        made.add(Kind.PEOPLE, person, email=address, **({"name": name} if name else {}))


def _want_application(line: ApplicationLine, export: Export, made: Wanted) -> None:
    fields: dict[str, object] = {"name": _name(line, line.name, made), "owner": str(line.admin_id)}
    if export.white_labels:
        white_label = white_label_of(line, export)
        fields["white_label"] = str(white_label.admin_id) if white_label else None
    made.add(Kind.APPLICATIONS, line, **fields)
    if line.enable_custom_smtp:
        made.remark(line, OWN_SMTP)
    if line.other_admins:
        made.remark(line, MORE_ADMINS.format(line.other_admins))


def _name(line: Line, stored: str, made: Wanted) -> str:
    """Return a name on one line, of the length that names have here."""
    name = "".join(" " if unicodedata.category(char) in LINE_ENDING else char for char in stored)
    if name != stored:
        made.remark(line, PLAIN_NAME)
    if len(name) > NAME_CHARS:
        made.remark(line, SHORT_NAME)
    return name[:NAME_CHARS].strip()
