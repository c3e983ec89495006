"""Store what was planned: new rows and plain columns in bulk, and whose an application is as the consoles do it."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from django.db.models import Model

from delivery.outbox.release import release_applications
from gateway.provisioning.items import Author, Kind
from gateway.provisioning.list_plan import ListPlan, Planned
from gateway.provisioning.plan import PLANS
from people import audit, former_address
from people.audit import Change
from people.models import User
from whitelabel import members
from whitelabel.models import Application, WhiteLabel

ROWS_AT_ONCE = 500
THINGS_AN_ENTRY = 50  # of the audit log
HOLDS = ("daily_limit", "archived_at")  # what mail may be held for
CHANGE_OWNER = "application.change_owner"

Thing = TypeVar("Thing")
Progress = Callable[[int, int], None]  # how many rows are stored, of how many


def store(plans: Mapping[Kind, ListPlan[Any]], by: Author, progress: Progress) -> None:
    """Store the plans in their order, then append to the audit log what was changed."""
    changed = {kind: [each for each in plan.planned.values() if each.changed] for kind, plan in plans.items()}
    total, done = sum(map(len, changed.values())), 0
    for kind, rows in changed.items():
        for some in chunks(rows, ROWS_AT_ONCE):
            STORE[kind](some)
            done += len(some)
            progress(done, total)
    for kind, rows in changed.items():
        record(kind, rows, by)


def _store_people(people: Sequence[Planned[User]]) -> None:
    new = _new(people)
    for person in new:
        person.set_unusable_password()
    User.objects.bulk_create(new)
    _update(User, people)
    for planned in people:
        if planned.before and "email" in planned.changed:
            former_address.leave(planned.row, planned.before["email"])


def _store_white_labels(white_labels: Sequence[Planned[WhiteLabel]]) -> None:
    """One by one, as they are few: each has a mailbox."""
    for planned in white_labels:
        planned.row.save()
        if "admins" in planned.changed:
            planned.row.admins.set(planned.admins)
            members.settle(planned.row)


def _store_applications(applications: Sequence[Planned[Application]]) -> None:
    """Those that change hands go through `Application.save`, which hands over their keys and tells both sides."""
    Application.objects.bulk_create(_new(applications))
    for planned in applications:
        if planned.is_given_away:
            planned.row.save()
    _update(Application, [planned for planned in applications if not planned.is_given_away])
    held = [each.row for each in applications if not each.is_new and not each.changed.isdisjoint(HOLDS)]
    if held:
        release_applications(held)


STORE: dict[Kind, Callable[[Any], None]] = {
    Kind.PEOPLE: _store_people,
    Kind.WHITE_LABELS: _store_white_labels,
    Kind.APPLICATIONS: _store_applications,
}


def _new(planned: Iterable[Planned[Any]]) -> list[Any]:
    return [each.row for each in planned if each.is_new]


def _update(model: type[Model], planned: Sequence[Planned[Any]]) -> None:
    """Write what differs in rows that are there, by one statement: they are locked, so that none can be gone."""
    there = [each for each in planned if not each.is_new]
    changed = sorted({name for each in there for name in each.changed})
    if there:
        model._default_manager.bulk_create(
            [each.row for each in there], update_conflicts=True, unique_fields=["id"], update_fields=changed
        )


def record(kind: Kind, rows: Sequence[Planned[Any]], by: Author) -> None:
    """Append what was changed, several things in an entry; another owner has an entry of its own, as by hand."""
    by_act: dict[str, list[Planned[Any]]] = {"add": [], "change": [], CHANGE_OWNER: []}
    for each in rows:
        another_owner = each.is_given_away and "owner" in each.changed
        by_act["add" if each.is_new else CHANGE_OWNER if another_owner else "change"].append(each)
    for verb in ("add", "change"):
        act = f"{PLANS[kind].model._meta.label_lower}.{verb}"
        for concerns, alike in _by_white_label(by_act[verb]).items():
            for things in chunks(alike, THINGS_AN_ENTRY):
                append(act, [change for each in things for change in _changes(kind, each)], by, concerns)
    for concerns, alike in _by_white_label(by_act[CHANGE_OWNER]).items():
        for each in alike:
            append(CHANGE_OWNER, list(_changes(kind, each)), by, concerns)


def append(act: str, changes: Sequence[Change], by: Author, concerns: Collection[int]) -> None:
    """Append an entry for each white-label that it `concerns` (ids), or one that is the platform's affair."""
    several: list[int | None] = [*sorted(concerns)]
    for white_label in several or [None]:
        audit.record(
            act,
            person=by.person,
            who=by.who[:254],
            white_label=white_label,
            address=by.address,
            path=by.path[:300],
            changes=changes,
        )


def _by_white_label(rows: Sequence[Planned[Any]]) -> dict[frozenset[int], list[Planned[Any]]]:
    """Return the rows by the white-labels that they concern."""
    places = places_of([each.row for each in rows if isinstance(each.row, User)])
    groups = defaultdict[frozenset[int], list[Planned[Any]]](list)
    for each in rows:
        before = (each.before or {}).get("white_label")
        groups[concerned(each.row, places) | ({int(before)} if before else set())].append(each)
    return groups


def concerned(row: Model, places: Mapping[int, frozenset[int]]) -> frozenset[int]:
    """Return the ids of the white-labels that a row is of; `places` says in which ones people have a role."""
    if isinstance(row, Application):
        return frozenset({row.white_label_id} if row.white_label_id else ())
    return places.get(row.pk, frozenset()) if isinstance(row, User) else frozenset({row.pk})


def places_of(people: Sequence[User]) -> dict[int, frozenset[int]]:
    """Return the white-labels in which people have a role, by their ids."""
    places = defaultdict[int, set[int]](set)
    for joined in (WhiteLabel.admins.through, WhiteLabel.viewers.through) if people else ():
        for row in joined.objects.filter(user__in=people):
            places[row.user_id].add(row.whitelabel_id)
    return {person: frozenset(of) for person, of in places.items()}


def _changes(kind: Kind, planned: Planned[Any]) -> Iterator[Change]:
    name = audit.name_of(planned.row)
    snapshots = [
        {} if columns is None else {name: {field: str(value) for field, value in columns.items()}}
        for columns in (planned.before, PLANS[kind].columns(planned))
    ]
    return audit.differences(*snapshots)


def chunks(things: Sequence[Thing], size: int) -> Iterator[list[Thing]]:
    iterator = iter(things)
    while some := list(islice(iterator, size)):
        yield some


def nothing(done: int, total: int) -> None:
    """Tell nobody how far it is."""
