"""Upload a list, see what it would do, agree to it, and have it applied in the background: that, or nothing."""

from datetime import datetime
from typing import Any

from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import Model

from gateway.choices import FileState, Kind
from gateway.models import ListFile
from gateway.provisioning import acts, csv_list
from gateway.provisioning.items import SHOWN_PROBLEMS, Author, Different, Item, ListOutcome, Problem, Refused
from people.models import User
from people.roles import Right, may
from whitelabel.models import WhiteLabel

SHOWN_ROWS = 100
LINKS: dict[str, type[Model]] = {"owner": User, "white_label": WhiteLabel}
PROGRESS_SECONDS = 120  # a worker that says nothing for so long is gone
WAIT_SECONDS = 60
NAME_CHARS = 100
CHANGED_SINCE = "Something has changed since you looked, so nothing was applied. This is what the file would do now."


def upload(kind: Kind, name: str, content: bytes, by: User) -> ListFile:
    """Store a file with what it would do now. Raises `ValidationError` where it cannot be read."""
    file = ListFile(kind=kind, name=name[-NAME_CHARS:], content=content, uploaded_by=by)
    look(file)
    return file


def look(file: ListFile, note: str = "") -> None:
    """Store what the file would do now, and what is wrong with it."""
    items, unread = csv_list.read(Kind(file.kind), bytes(file.content))
    outcome, wrong = acts.preview({Kind(file.kind): items})
    problems = sorted([*unread, *wrong], key=lambda problem: problem.at)
    file.show(summarized(outcome[Kind(file.kind)], items, problems), acts.digest(outcome), note)


def apply(pk: int) -> None:
    """Apply a list that was agreed to, if it still does what was seen; otherwise it is to be agreed to again."""
    file = ListFile.objects.waiting().filter(pk=pk).first()
    if file is None or not cache.add(_key(pk), (0, 0), PROGRESS_SECONDS):
        return
    file.count_try()
    try:
        _apply(pk)
    except (Different, Refused, ValidationError):
        look(file, CHANGED_SINCE)
    finally:
        cache.delete(_key(pk))


def progress_of(file: ListFile) -> tuple[int, int] | None:
    """Return how many rows are stored, and of how many; None while no worker is at it."""
    match cache.get(_key(file.pk)):  # what is not as it was put there, somebody else has put there
        case [int(done), int(total)]:
            return done, total
    return None


@transaction.atomic
def _apply(pk: int) -> None:
    """Hold the row meanwhile, so that it is applied once."""
    skip = connection.features.has_select_for_update_skip_locked
    file = ListFile.objects.select_for_update(skip_locked=skip).filter(pk=pk, state=FileState.WAITING).first()
    if file is None:
        return
    if not may(file.agreed_by, Right.IMPORT_LISTS):
        raise Different
    kind = Kind(file.kind)
    items, unread = csv_list.read(kind, bytes(file.content))
    if unread:
        raise Refused(unread)
    outcome = acts.synchronize(
        {kind: items},
        Author(person=file.agreed_by),
        seen=file.seen,
        progress=lambda done, total: _say(pk, done, total),
        wait_seconds=WAIT_SECONDS,
    )
    file.finish(summarized(outcome[kind], items, []))


def summarized(outcome: ListOutcome, items: list[Item], problems: list[Problem]) -> dict[str, Any]:
    """Return what a page shows: how many, and the first of them."""
    called = {item.ref: item.fields.get("name") or item.fields.get("email") or "" for item in items}
    return {
        "created_count": len(outcome.created),
        "created": [[ref, called[ref]] for ref in outcome.created[:SHOWN_ROWS]],
        "changed_count": len(outcome.changed),
        "changed": _changed(outcome, called),
        "unchanged_count": outcome.unchanged,
        "missing_count": len(outcome.missing),
        "missing": list(outcome.missing[:SHOWN_ROWS]),
        "problem_count": len(problems),
        "problems": [[each.at, each.ref, each.field, each.message] for each in problems[:SHOWN_PROBLEMS]],
    }


def _changed(outcome: ListOutcome, called: dict[str, str]) -> list[Any]:
    """Return the first rows that change: each with its fields, and what they say before and after."""
    some = list(outcome.changed.items())[:SHOWN_ROWS]
    names = {field: _names(model, field, some) for field, model in LINKS.items()}

    def change(field: str, before: Any, after: Any) -> list[str]:
        return [field, _in_words(before, names.get(field)), _in_words(after, names.get(field))]

    return [[ref, called[ref], [change(field, *pair) for field, pair in fields.items()]] for ref, fields in some]


def _names(model: type[Model], field: str, rows: list[tuple[str, Any]]) -> dict[Any, str]:
    """Return what the rows of `model` are called that `field` names, by id."""
    ids = {value for _, fields in rows for value in fields.get(field, ()) if value is not None}
    return {row.pk: str(row) for row in model._default_manager.filter(pk__in=ids)}


def _in_words(value: Any, names: dict[Any, str] | None) -> str:
    if isinstance(value, datetime | bool):
        return "yes" if value else "no"
    return "" if value is None else (names or {}).get(value, str(value))


def _say(pk: int, done: int, total: int) -> None:
    cache.set(_key(pk), (done, total), PROGRESS_SECONDS)


def _key(pk: int) -> str:
    return f"provisioning:progress:{pk}"
