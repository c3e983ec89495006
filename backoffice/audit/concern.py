"""Which white-labels an act on a row concerns: their people may see that it was done."""

from django.db.models import Model, Q

from delivery.models import Delivery, Suppression
from gateway.models import Key
from people.models import User
from whitelabel.models import Application, RecordsLink, SendingDomain, WhiteLabel

PATHS: dict[type[Model], tuple[str, ...]] = {  # the lookups from a row to its white-labels
    Application: ("white_label",),
    Delivery: ("email__white_label",),
    Key: ("application__white_label",),
    RecordsLink: ("domain__white_label",),
    SendingDomain: ("white_label",),
    Suppression: ("white_label",),
    User: ("white_labels", "viewed_white_labels"),
    WhiteLabel: ("pk",),
}


def concerned(row: Model | None) -> set[int]:
    """Return the ids of the white-labels that `row` belongs to as it is stored; a person to those with a role there."""
    if row is None:
        return set()
    model = row._meta.model  # `request.user` is of another type
    stored = model._default_manager.filter(pk=row.pk)
    found = (stored.values_list(path, flat=True) for path in PATHS.get(model, ()))
    return set().union(*found) - {None}


def belongs_to(white_label: WhiteLabel, model: type[Model]) -> Q | None:
    """Return the condition on rows of `model` that they are the white-label's; None where nobody has said which are."""
    paths = PATHS.get(model, ())
    return Q(*((path, white_label.pk) for path in paths), _connector=Q.OR) if paths else None


def only_one_of(person: User | None) -> int | None:
    """Return the white-label in which a person has a role; None where that is none, or more than one.

    What somebody of several white-labels does for themselves, such as signing in, is the affair of none of these.
    """
    mine = concerned(person)
    return mine.pop() if len(mine) == 1 else None
