"""What provisioning does: a whole list at once, one row, or the archive. One at a time, all or nothing."""

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from django.db import IntegrityError, OperationalError, connection, transaction

from gateway.keys.authentication import KeyStopped
from gateway.provisioning.items import (
    Author,
    Busy,
    Different,
    Item,
    Kind,
    ListOutcome,
    Lists,
    Outcome,
    Problem,
    Refused,
)
from gateway.provisioning.list_plan import ListPlan
from gateway.provisioning.plan import PLANS, plan
from gateway.provisioning.storing import Progress, append, concerned, nothing, places_of, store
from people import audit
from people.models import Provisioned, User
from phrases.phrase import UNSTORABLE

WAIT_SECONDS = 10
LOCK = 0x70726F76  # "prov": which of PostgreSQL's advisory locks it is
LOCK_NOT_AVAILABLE = "55P03"  # PostgreSQL, Appendix A
ARCHIVED = "It is archived. PUT restores it."
TRIES = 2

Result = TypeVar("Result")


def preview(lists: Lists) -> tuple[Outcome, list[Problem]]:
    """Return what `synchronize` would do now, and what is wrong; changes nothing."""
    plans = plan(lists)
    return _outcome(lists, plans), _problems(plans)


def synchronize(
    lists: Lists, by: Author, *, seen: str = "", progress: Progress = nothing, wait_seconds: int = WAIT_SECONDS
) -> Outcome:
    """Make rows be as the lists say, all or nothing. Raises `Refused` and `Busy`.

    Where somebody has `seen` what would be done (`digest`), raises `Different` if it is something else by now.

    What a list lacks is named in the outcome, and stays as it is. A kind without a list is not looked at.
    """

    def act() -> Outcome:
        plans = plan(lists, lock=True)
        if problems := _problems(plans):
            raise Refused(problems)
        outcome = _outcome(lists, plans)
        if seen and seen != digest(outcome):
            raise Different
        store(plans, by, progress)
        return outcome

    return _alone(act, by, wait_seconds)


def digest(outcome: Outcome) -> str:
    """Return what two outcomes have in common that do the same to the same rows."""
    done = [[kind, list(each.created), sorted(each.changed.items())] for kind, each in sorted(outcome.items())]
    return hashlib.sha256(json.dumps(done, default=str).encode()).hexdigest()


def put(kind: Kind, item: Item, by: Author) -> tuple[Provisioned, bool]:
    """Make the row of a reference be as `item` says; return it, and whether anything was different before."""

    return _alone(lambda: _put(kind, item, by), by, WAIT_SECONDS)


def change(kind: Kind, item: Item, by: Author) -> Provisioned | None:
    """As `put`, of a row that is there already, not archived; None where there is none. Raises `Refused`."""

    def act() -> Provisioned | None:
        row = find(kind, item.ref, lock=True)
        if row is None:
            return None
        if row.is_archived:
            raise Refused([Problem(kind, 0, item.ref, "", ARCHIVED)])
        return _put(kind, item, by)[0]

    return _alone(act, by, WAIT_SECONDS)


def _put(kind: Kind, item: Item, by: Author) -> tuple[Provisioned, bool]:
    plans = plan({kind: [item]}, lock=True)
    if problems := _problems(plans):
        raise Refused(problems)
    planned = plans[kind].planned[item.ref]
    store(plans, by, nothing)
    return planned.row, bool(planned.changed)


def archive(kind: Kind, ref: str, by: Author) -> Provisioned | None:
    """Archive the row of a reference, unless it is archived; None where there is none. Raises `Refused`."""

    def act() -> Provisioned | None:
        row = find(kind, ref, lock=True)
        if row is None or row.is_archived:
            return row
        before = audit.snapshot(row)
        try:
            row.archive()
        except ValidationError as error:
            raise Refused([Problem(kind, 0, ref, "", " ".join(error.messages))]) from error
        if changes := list(audit.differences(before, audit.snapshot(row))):
            places = places_of([row] if isinstance(row, User) else [])
            append(f"{row._meta.label_lower}.archive", changes, by, concerned(row, places))
        return row

    return _alone(act, by, WAIT_SECONDS)


def find(kind: Kind, ref: str, *, lock: bool = False) -> Any:
    """Return the row of a reference, archived or not; None where there is none."""
    if UNSTORABLE.search(ref):
        return None
    rows = PLANS[kind].model._default_manager.filter(ref=ref)
    return (rows.select_for_update(no_key=True) if lock else rows).first()


def _alone(act: Callable[[], Result], by: Author, wait_seconds: int) -> Result:
    """Act in a transaction of its own, while nobody else provisions.

    Where a console has stored meanwhile what must be unique, it is planned once more. Raises `KeyStopped` where the
    key was revoked or has expired by the end: a turn may be long in coming, and a list long.
    """
    for left in reversed(range(TRIES)):
        try:
            with transaction.atomic(), _turn(wait_seconds):
                result = act()
                if by.key and not by.key.is_usable():
                    raise KeyStopped
                return result
        except IntegrityError as error:
            if not left:
                raise Busy from error
    raise AssertionError("the last try returns or raises")


@contextmanager
def _turn(wait_seconds: int) -> Iterator[None]:
    """Wait for one's turn; SQLite has one writer at a time by itself. Raises `Busy`."""
    if connection.vendor != "postgresql":
        yield
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = '{wait_seconds}s'")
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [LOCK])
        yield
    except OperationalError as error:
        if getattr(error.__cause__, "sqlstate", "") != LOCK_NOT_AVAILABLE:
            raise
        raise Busy from error


def _problems(plans: Mapping[Kind, ListPlan[Any]]) -> list[Problem]:
    return [problem for each in plans.values() for problem in sorted(each.problems, key=lambda found: found.at)]


def _outcome(lists: Mapping[Kind, Sequence[Item]], plans: Mapping[Kind, ListPlan[Any]]) -> Outcome:
    return {kind: _list_outcome(plans[kind]) for kind in lists}


def _list_outcome(made: ListPlan[Any]) -> ListOutcome:
    planned = made.planned
    return ListOutcome(
        created=[ref for ref, each in planned.items() if each.is_new],
        changed={ref: made.differences(each) for ref, each in planned.items() if each.changed and not each.is_new},
        unchanged=sum(not each.changed for each in planned.values()),
        missing=made.missing(),
    )
