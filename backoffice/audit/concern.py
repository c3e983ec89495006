"""Which white-labels an act on a row concerns: their people may see that it was done."""

from django.db.models import Model

from delivery.models import Delivery, Suppression
from gateway.models import Key
from people.models import User
from whitelabel.models import Application, RecordsLink, SendingDomain, WhiteLabel

OWNERS: dict[type[Model], str] = {  # the lookup from a row to its white-label
    Application: "white_label",
    Delivery: "email__white_label",
    Key: "application__white_label",
    RecordsLink: "domain__white_label",
    SendingDomain: "white_label",
    Suppression: "white_label",
    User: "white_labels",
    WhiteLabel: "pk",
}


def concerned(row: Model | None) -> set[int]:
    """Return the ids of the white-labels that `row` belongs to as it is stored; of a person's, where they are admin."""
    if row is None:
        return set()
    path = OWNERS.get(type(row))
    found = type(row)._default_manager.filter(pk=row.pk).values_list(path, flat=True) if path else ()
    return set(found) - {None}


def only_one_of(person: User | None) -> int | None:
    """Return the white-label in which a person is an admin; None where they are in none, or in more than one.

    What somebody of several white-labels does for themselves, such as signing in, is the affair of none of these.
    """
    mine = concerned(person)
    return mine.pop() if len(mine) == 1 else None
