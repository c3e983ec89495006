"""Who has, had or may get a role in a white-label, as the pages of both sides list them."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from allauth.mfa.models import Authenticator

from gateway.keys.doors import doors
from gateway.keys.left_behind import left_behind, made_in
from people.models import User
from people.roles import Role, roles_of
from whitelabel.models import Suspension, WhiteLabel


@dataclass(frozen=True)
class Colleague:
    """`keys` counts those that they made for it and that have not ended. Without a `suspension` they have the role."""

    person: User
    role: str
    has_second_factor: bool
    keys: int
    suspension: Suspension | None = None

    @property
    def is_of_platform(self) -> bool:
        return bool(roles_of(self.person))


@dataclass(frozen=True)
class Line:
    """A line about somebody, in the file of the list; whoever is only invited has nothing yet but the invitation."""

    name: str
    email: str
    role: str
    status: str
    last_sign_in: datetime | None = None
    has_second_factor: bool | None = None
    keys: int | None = None


def people_lines(white_label: WhiteLabel) -> Iterator[Line]:
    """Yield a line for everybody whom the page lists."""
    listed = people_context(white_label)
    for colleague in (*listed["admins"], *listed["viewers"], *listed["suspended"]):
        person, status = colleague.person, "Suspended" if colleague.suspension else "Active"
        shown = status if person.is_active else "May not sign in"
        factor = colleague.has_second_factor
        yield Line(person.name, person.email, colleague.role, shown, person.last_login, factor, colleague.keys)
    for invitation in listed["invitations"]:
        status = "Invited" if invitation.is_open else "Invitation expired"
        yield Line(invitation.name, invitation.email, invitation.get_role_display(), status)


def people_context(white_label: WhiteLabel) -> dict[str, Any]:
    """Return what `console/people/*.html` show."""
    suspensions = list(white_label.suspensions.select_related("person", "by"))
    admins, viewers = list(white_label.admins.all()), list(white_label.viewers.exclude(white_labels=white_label))
    everybody = [*admins, *viewers, *(suspension.person for suspension in suspensions)]
    factors = _with_second_factor(everybody)
    makers = made_in(white_label).filter(made_by__in=everybody).values_list("made_by", flat=True)
    keys = Counter(makers if doors() else ())

    def colleague(person: User, role: str, suspension: Suspension | None = None) -> Colleague:
        return Colleague(person, role, person.pk in factors, keys[person.pk], suspension)

    return {
        "admins": [colleague(person, Role.ADMIN) for person in admins],
        "viewers": [colleague(person, Role.VIEWER) for person in viewers],
        "suspended": [colleague(each.person, each.get_role_display(), each) for each in suspensions],
        "invitations": list(white_label.invitations.waiting()),
        "left_keys": list(left_behind(white_label)) if doors() else [],
    }


def _with_second_factor(people: Iterable[User]) -> set[int]:
    """Return the ids of those who sign in with a second step; recovery codes alone are none."""
    factors = Authenticator.objects.exclude(type=Authenticator.Type.RECOVERY_CODES).filter(user__in=people)
    return set(factors.values_list("user_id", flat=True))
