"""Who has a role in a white-label, decided by its own admins: invite, accept, change, suspend, let back, remove, leave.

Each act locks the white-label and asks again what it rests on, so that two at once cannot leave it without an admin.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX, make_password
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail.backends.base import BaseEmailBackend
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from people.models import User
from people.roles import Right, Role, may, roles_of
from whitelabel import invitation_mail
from whitelabel.models import Invitation, Suspension, WhiteLabel

LAST_ADMIN = "{person} is the last admin who can sign in. Make somebody else an admin first."
OF_PLATFORM = "{person} works for the platform, which alone decides what they may do."
HERE_ALREADY = "{person} has a role here already."
IS_SUSPENDED = "{person} is suspended here. Let them back in place of an invitation."
OVER = "This invitation is over: it was accepted, declined or withdrawn."
NO_ROLE = "{person} has no role here any more."
YOURSELF = "You cannot suspend yourself. Leave in place of it."
SUSPENDED = "Suspended"
NOT_OPEN = "This invitation has expired or was withdrawn. Ask for a new one."
# Who can come in by themselves: an account that was only invited has neither a password nor a sign-in behind it.
CAN_SIGN_IN = Q(is_active=True) & (~Q(password__startswith=UNUSABLE_PASSWORD_PREFIX) | Q(last_login__isnull=False))


def invite(
    white_label: WhiteLabel, *, by: User, name: str, email: str, role: Role, connection: BaseEmailBackend
) -> Invitation:
    """Invite somebody, who has the role once they accept; the first time, or once more.

    What it does and says is the same whether the address has an account or not, and whosever that is.
    Raises `ValidationError`, `PermissionDenied`.
    """
    with _changing(white_label, by) as white_label:
        # The account has no name yet: other mail greets by it, and here somebody else types it.
        person, _ = User.objects.get_or_create(email=email, defaults={"password": make_password(None)})
        if white_label.roles_of(person):
            raise ValidationError(HERE_ALREADY.format(person=person))
        if white_label.suspensions.filter(person=person).exists():
            raise ValidationError(IS_SUSPENDED.format(person=person))
        values = {"name": name, "email": email, "role": role.name, "invited_by": by, "invited_at": timezone.now()}
        invitation, _ = white_label.invitations.update_or_create(person=person, defaults=values)
        invitation_mail.send(invitation, connection)
    return invitation


def invite_again(invitation: Invitation, *, by: User, connection: BaseEmailBackend) -> None:
    """Send it again, from `by` now, and with all its time. Raises `PermissionDenied`, `ValidationError`."""
    with _changing(invitation.white_label, by):
        current = Invitation.objects.waiting().filter(pk=invitation.pk).first()
        if current is None:
            raise ValidationError(OVER)
        current.invited_by, current.invited_at = by, timezone.now()
        current.save(update_fields=["invited_by", "invited_at"])
        invitation_mail.send(current, connection)


def withdraw(invitation: Invitation, *, by: User) -> None:
    """Take an invitation back. Raises `PermissionDenied`."""
    with _changing(invitation.white_label, by):
        _end(invitation)


def accept(invitation: Invitation) -> None:
    """Give the person the role that they were invited to. Raises `ValidationError`."""
    with _locked(invitation.white_label) as white_label:
        current = Invitation.objects.filter(pk=invitation.pk).select_related("white_label", "person").first()
        if current is None or not current.is_open or not current.person.is_active:
            raise ValidationError(NOT_OPEN)
        if current.is_for_platform:
            raise ValidationError(OF_PLATFORM.format(person=current.person))
        _give(white_label, current.person, Role[current.role])


def decline(invitation: Invitation) -> None:
    with _locked(invitation.white_label):
        _end(invitation)


def change_role(white_label: WhiteLabel, person: User, role: Role, *, by: User) -> None:
    """Make an admin a viewer, or a viewer an admin. Raises `ValidationError`, `PermissionDenied`."""
    with _changing(white_label, by, person) as white_label:
        _has_role(white_label, person)
        _take(white_label, person, but_may_stay=role == Role.ADMIN)
        _give(white_label, person, role)


def suspend(white_label: WhiteLabel, person: User, *, by: User) -> Suspension:
    """Take the role of somebody away for a while. Raises `ValidationError`, `PermissionDenied`."""
    if by == person:
        raise ValidationError(YOURSELF)
    with _changing(white_label, by, person) as white_label:
        role = _has_role(white_label, person)
        _take(white_label, person)
        return Suspension.objects.create(white_label=white_label, person=person, role=role.name, by=by)


def let_back(suspension: Suspension, *, by: User) -> None:
    """Give somebody who is suspended their role again. Raises `ValidationError`, `PermissionDenied`."""
    with _changing(suspension.white_label, by, suspension.person) as white_label:
        current = white_label.suspensions.filter(pk=suspension.pk).select_related("person").first()
        if current is not None:
            _give(white_label, current.person, Role[current.role])


def remove(white_label: WhiteLabel, person: User, *, by: User) -> None:
    """Take the role of somebody away, also of somebody suspended. Raises `ValidationError`, `PermissionDenied`."""
    with _changing(white_label, by, person) as white_label:
        _take(white_label, person)


def leave(white_label: WhiteLabel, person: User) -> None:
    """Take one's own role away. Raises `ValidationError`."""
    with _locked(white_label):
        _take(white_label, person)


def settle(white_label: WhiteLabel) -> None:
    """Let go of suspensions and invitations of whoever has been given a role there in another way."""
    there = [*white_label.admins.all(), *white_label.viewers.all()]
    white_label.suspensions.filter(person__in=there).delete()
    white_label.invitations.filter(person__in=there).delete()


def of(white_label: WhiteLabel) -> QuerySet[User]:
    """Return everybody who has a role there, or is suspended there."""
    here = Q(white_labels=white_label) | Q(viewed_white_labels=white_label) | Q(suspensions__white_label=white_label)
    return User.objects.filter(here).distinct()


def standing(white_label: WhiteLabel, person: User) -> str:
    """Return what somebody is there, in a word; "" for nothing."""
    roles = white_label.roles_of(person)
    if roles:
        return Role.ADMIN if Role.ADMIN in roles else Role.VIEWER
    return SUSPENDED if white_label.suspensions.filter(person=person).exists() else ""


@contextmanager
def _locked(white_label: WhiteLabel) -> Iterator[WhiteLabel]:
    """Let nobody else change who has a role there until the end of the transaction."""
    with transaction.atomic():
        yield WhiteLabel.objects.select_for_update(no_key=True).get(pk=white_label.pk)


@contextmanager
def _changing(white_label: WhiteLabel, by: User, person: User | None = None) -> Iterator[WhiteLabel]:
    """Lock the white-label for an act of `by` on `person`, after which it holds that `by` may do it."""
    with _locked(white_label) as locked:
        if not may(by, Right.MANAGE_PEOPLE, at=locked):
            raise PermissionDenied
        if person is not None and roles_of(person):
            raise ValidationError(OF_PLATFORM.format(person=person))
        yield locked


def _has_role(white_label: WhiteLabel, person: User) -> Role:
    """Return the role of somebody, the higher one where they have both. Raises `ValidationError` where none."""
    roles = white_label.roles_of(person)
    if not roles:
        raise ValidationError(NO_ROLE.format(person=person))
    return Role.ADMIN if Role.ADMIN in roles else Role.VIEWER


def _give(white_label: WhiteLabel, person: User, role: Role) -> None:
    """Let somebody have this role and nothing else that stands for one."""
    (white_label.admins if role == Role.ADMIN else white_label.viewers).add(person)
    white_label.suspensions.filter(person=person).delete()
    white_label.invitations.filter(person=person).delete()


def _take(white_label: WhiteLabel, person: User, *, but_may_stay: bool = False) -> None:
    """Take every role away, and each way back to one. Raises `ValidationError` for the last admin, unless they stay."""
    is_admin = white_label.admins.filter(pk=person.pk).exists()
    others = white_label.admins.exclude(pk=person.pk).filter(CAN_SIGN_IN)
    if is_admin and not but_may_stay and not others.exists():
        raise ValidationError(LAST_ADMIN.format(person=person))
    white_label.admins.remove(person)
    white_label.viewers.remove(person)
    white_label.suspensions.filter(person=person).delete()
    white_label.invitations.filter(person=person).delete()


def _end(invitation: Invitation) -> None:
    """Let the invitation go, and the link to choose a password where nothing else speaks for the account."""
    person = invitation.person
    Invitation.objects.filter(pk=invitation.pk).delete()
    invitation_mail.revoke_unneeded_link(person)
