"""The plans of people, of white-labels and of applications, each with the rules of its own."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from gateway.provisioning.items import Item, Kind
from gateway.provisioning.list_plan import SIDE, ListPlan, Planned, about, linked, stored
from people.models import User
from people.models.user import SAME_ADDRESS
from people.roles import roles_of
from whitelabel.models import Application, Side, WhiteLabel

BRAND_CHARS = 60
ADDRESS_STAYS = "This is somebody of the platform, whose address is changed in the console alone."


class PeoplePlan(ListPlan[User]):
    """People who are new cannot sign in until they have chosen a password. The platform's people keep their address."""

    kind = Kind.PEOPLE
    model = User
    required = ("email",)
    unique = ("email",)
    not_asked = ("password",)

    def assign(self, planned: Planned[User], fields: Mapping[str, Any]) -> None:
        email = str(fields.get("email", planned.row.email)).lower()
        if roles_of(planned.row) and email != planned.row.email.lower():
            raise ValidationError({"email": ADDRESS_STAYS})
        super().assign(planned, fields)

    def _adopted(self, items: Sequence[Item]) -> dict[str, User]:
        refs = {str(item.fields.get("email", "")).strip().lower(): item.ref for item in items}
        rows = self._rows("email", refs) if refs else iter(())
        return {refs[row.email.lower()]: row for row in rows if row.ref is None and row.email.lower() in refs}

    def _compared(self, row: User, column: str) -> Any:
        return row.email.lower()

    def _in_use(self, rows: QuerySet[User]) -> QuerySet[User]:
        return rows.filter(is_active=True)

    def _refuse_taken(self, ref: str, column: str) -> None:
        planned = self.planned.pop(ref, None)
        if planned:
            self._refuse(planned.item, ValidationError({column: SAME_ADDRESS}))


class WhiteLabelPlan(ListPlan[WhiteLabel]):
    """Admins without a reference are not the list's to take away: nobody could name them in it."""

    kind = Kind.WHITE_LABELS
    model = WhiteLabel
    required = ("name",)
    unique = ("name", "console_host")
    not_asked = ("mailbox", "server")

    def load_links(self) -> None:
        refs = (ref for item in self.items for ref in item.fields.get("admins") or ())
        people = self.earlier[Kind.PEOPLE]
        self._people = people.named(refs)
        self._listed = {each.row.pk: each.row for each in people.planned.values() if not each.is_new}

    @classmethod
    def columns(cls, planned: Planned[WhiteLabel]) -> dict[str, Any]:
        return super().columns(planned) | {"admins": ", ".join(sorted(person.email for person in planned.admins))}

    def begin(self, planned: Planned[WhiteLabel]) -> None:
        """Take its admins as they will be, with the references and the addresses that the same lists give them."""
        admins = planned.row.admins.all() if planned.row.pk else ()
        planned.admins = [self._listed.get(person.pk, person) for person in admins]

    def assign(self, planned: Planned[WhiteLabel], fields: Mapping[str, Any]) -> None:
        rest = dict(fields)
        admins = rest.pop("admins", None)
        if "console_host" in rest:
            rest["console_host"] = about("console_host", lambda: WhiteLabel.checked_console_host(rest["console_host"]))
        super().assign(planned, rest)
        planned.row.brand_name = planned.row.brand_name or planned.row.name[:BRAND_CHARS]
        if admins is not None:
            unnamed = [person for person in planned.admins if person.ref is None]
            suspended = {each.person_id for each in planned.row.suspensions.all()} if planned.row.pk else set()
            named = [each for each in linked(self._people, admins, "admins", "person") if each.pk not in suspended]
            planned.admins = [*named, *unnamed]

    def _adopted(self, items: Sequence[Item]) -> dict[str, WhiteLabel]:
        refs = {str(item.fields.get("name", "")).strip(): item.ref for item in items}
        return {refs[row.name]: row for row in self._rows("name", refs) if row.ref is None}

    def _rows(self, column: str, values: Iterable[str]) -> Iterator[WhiteLabel]:
        return stored(
            WhiteLabel, column, values, lock=self.lock, related=("server",), prefetch=("admins", "suspensions")
        )


class ApplicationPlan(ListPlan[Application]):
    kind = Kind.APPLICATIONS
    model = Application
    required = ("name", "owner")
    not_asked = ("owner", "white_label")

    def load_links(self) -> None:
        named = {
            kind: self.earlier[kind].named(item.fields.get(name) for item in self.items)  # type: ignore[misc]
            for name, kind in (("owner", Kind.PEOPLE), ("white_label", Kind.WHITE_LABELS))
        }
        self._people, self._white_labels = named[Kind.PEOPLE], named[Kind.WHITE_LABELS]

    @classmethod
    def columns(cls, planned: Planned[Application]) -> dict[str, Any]:
        """Name by the reference whoever is only to be made, and has no id yet."""
        related = {name: planned.row._state.fields_cache.get(name) for name in SIDE}
        new = {name: row.ref for name, row in related.items() if row and row.pk is None}
        return super().columns(planned) | new

    def begin(self, planned: Planned[Application]) -> None:
        planned.side = Side(planned.row.owner_id, planned.row.white_label_id) if planned.row.pk else None

    def assign(self, planned: Planned[Application], fields: Mapping[str, Any]) -> None:
        rest, row = dict(fields), planned.row
        if "owner" in rest:
            row.owner = linked(self._people, [rest.pop("owner")], "owner", "person")[0]
        if "white_label" in rest:
            ref = rest.pop("white_label")
            row.white_label = linked(self._white_labels, [ref], "white_label", "white-label")[0] if ref else None
        super().assign(planned, rest)

    def ask(self, planned: Planned[Application]) -> None:
        planned.row.check_side(planned.side)


PLANS: dict[Kind, type[ListPlan[Any]]] = {plan.kind: plan for plan in (PeoplePlan, WhiteLabelPlan, ApplicationPlan)}


def plan(lists: Mapping[Kind, Sequence[Item]], *, lock: bool = False) -> dict[Kind, ListPlan[Any]]:
    """Return the plan of each kind, of those without a list too."""
    plans: dict[Kind, ListPlan[Any]] = {}
    for kind in Kind:
        plans[kind] = PLANS[kind](lists.get(kind, ()), plans, lock=lock)
    return plans
