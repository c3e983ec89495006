"""Who has a role in a white-label: invited, accepted, suspended, let back and removed by its own admins."""

import re
from collections.abc import Callable
from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from django.core import mail
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import get_connection
from django.db import connection, connections

from people.models import User
from people.roles import Right, Role, may
from people.tokens import INVITATION
from testing.factories import make_application, make_owner, make_person, make_support, make_white_label
from whitelabel import members
from whitelabel.models import Invitation, Suspension, WhiteLabel
from whitelabel.routing import route_for

DORA = "dora@elsewhere.test"


def invite(white_label: WhiteLabel, by: User, email: str = DORA, role: Role = Role.ADMIN) -> Invitation:
    return members.invite(white_label, by=by, name="Dora", email=email, role=role, connection=get_connection())


def link_in(message: int = -1) -> str:
    found = re.search(r"http://\S+", str(mail.outbox[message].body).rpartition(":\n\n")[2])
    assert found is not None
    return found.group()


def key_in_mail() -> str:
    """Return the key of the link at which a password is chosen."""
    return link_in().rstrip("/").rpartition("/")[2]


def test_an_invited_person_has_the_role_once_they_accept(acme: WhiteLabel, alice: User) -> None:
    invitation = invite(acme, alice)
    dora = User.objects.get(email=DORA)
    assert not acme.roles_of(dora)
    members.accept(invitation)
    assert acme.roles_of(dora) == {Role.ADMIN}
    assert not Invitation.objects.exists()


def test_an_invitation_to_view_makes_a_viewer(acme: WhiteLabel, alice: User) -> None:
    invitation = invite(acme, alice, role=Role.VIEWER)
    members.accept(invitation)
    assert acme.roles_of(invitation.person) == {Role.VIEWER}


def test_charlie_of_another_white_label_invites_nobody_here(
    acme: WhiteLabel, globex: WhiteLabel, charlie: User
) -> None:
    with pytest.raises(PermissionDenied):
        invite(acme, charlie)
    assert not mail.outbox
    assert not User.objects.filter(email=DORA).exists()


@pytest.mark.parametrize("act", [members.suspend, members.remove])
def test_neither_a_viewer_nor_somebody_of_another_white_label_puts_bob_out(
    act: object, acme: WhiteLabel, globex: WhiteLabel, charlie: User, bob: User
) -> None:
    viewer = make_person("vera@acme.test")
    acme.viewers.add(viewer)
    for by in (viewer, charlie):
        with pytest.raises(PermissionDenied):
            act(acme, bob, by=by)  # type: ignore[operator]
    assert acme.roles_of(bob) == {Role.ADMIN}


def test_an_account_of_another_white_label_is_invited_with_the_same_words_and_keeps_its_own(
    acme: WhiteLabel, globex: WhiteLabel, alice: User, charlie: User
) -> None:
    invitation = invite(acme, alice, charlie.email)
    assert (invitation.name, invitation.email) == ("Dora", charlie.email)
    charlie.refresh_from_db()
    assert (charlie.name, charlie.invited_at) == ("", None)
    assert charlie.has_usable_password()
    assert link_in().endswith("/accounts/white-labels/")
    members.accept(invitation)
    assert set(WhiteLabel.objects.of_member(charlie)) == {acme, globex}


def test_a_mail_names_who_invites_by_the_address_and_holds_no_name_that_somebody_typed(
    acme: WhiteLabel, alice: User
) -> None:
    alice.name = "Win at http://evil.test"
    alice.save()
    invite(acme, alice)
    body = str(mail.outbox[0].body)
    assert "alice@acme.test invites you to Acme" in body
    assert "evil" not in body
    assert "Dora" not in body


def test_what_somebody_types_as_the_name_of_another_is_not_their_name_in_later_mail(
    acme: WhiteLabel, alice: User
) -> None:
    assert invite(acme, alice).name == "Dora"
    assert User.objects.get(email=DORA).get_short_name() == DORA


@pytest.mark.parametrize("make", [make_owner, make_support])
def test_somebody_of_the_platform_takes_no_role_from_a_white_label(make: type, acme: WhiteLabel, alice: User) -> None:
    person = make()
    invitation = invite(acme, alice, person.email)
    with pytest.raises(ValidationError, match="works for the platform"):
        members.accept(invitation)
    assert not acme.roles_of(person)


def test_somebody_of_the_platform_who_is_an_admin_is_not_changed(acme: WhiteLabel, alice: User, owner: User) -> None:
    acme.admins.add(owner)
    for act in (members.suspend, members.remove):
        with pytest.raises(ValidationError, match="works for the platform"):
            act(acme, owner, by=alice)
    assert acme.roles_of(owner) == {Role.ADMIN}


def test_whose_account_is_shut_gets_no_mail_and_comes_in_by_no_invitation(acme: WhiteLabel, alice: User) -> None:
    dora = make_person(DORA)
    dora.archive()
    invitation = invite(acme, alice)
    assert not mail.outbox
    with pytest.raises(ValidationError):
        members.accept(invitation)


def test_whoever_has_a_role_or_is_suspended_here_is_not_invited(acme: WhiteLabel, alice: User, bob: User) -> None:
    with pytest.raises(ValidationError, match="has a role here already"):
        invite(acme, alice, bob.email)
    members.suspend(acme, bob, by=alice)
    with pytest.raises(ValidationError, match="suspended here"):
        invite(acme, alice, bob.email)


def test_an_invitation_lasts_seven_days(acme: WhiteLabel, alice: User) -> None:
    invitation = invite(acme, alice)
    with time_machine.travel(invitation.ends_at - timedelta(seconds=1)):
        assert invitation.is_open
    with time_machine.travel(invitation.ends_at), pytest.raises(ValidationError, match="expired"):
        members.accept(invitation)


def test_an_invitation_is_used_once(acme: WhiteLabel, alice: User) -> None:
    invitation = invite(acme, alice)
    members.accept(invitation)
    members.remove(acme, invitation.person, by=alice)
    with pytest.raises(ValidationError, match="expired or was withdrawn"):
        members.accept(invitation)


def test_an_invitation_of_somebody_who_may_invite_no_more_opens_nothing(
    acme: WhiteLabel, alice: User, bob: User
) -> None:
    invitation = invite(acme, bob)
    members.remove(acme, bob, by=alice)
    with pytest.raises(ValidationError):
        members.accept(invitation)
    members.invite_again(invitation, by=alice, connection=get_connection())
    members.accept(invitation)
    assert acme.roles_of(invitation.person) == {Role.ADMIN}


def test_an_invitation_that_is_sent_again_ends_the_former_link(acme: WhiteLabel, alice: User) -> None:
    invitation = invite(acme, alice)
    former = key_in_mail()
    members.invite_again(invitation, by=alice, connection=get_connection())
    assert INVITATION.person_of(former) is None
    assert INVITATION.person_of(key_in_mail()) == invitation.person


def test_a_withdrawn_invitation_opens_neither_the_white_label_nor_the_account(acme: WhiteLabel, alice: User) -> None:
    invitation = invite(acme, alice)
    members.withdraw(invitation, by=alice)
    assert INVITATION.person_of(key_in_mail()) is None
    with pytest.raises(ValidationError):
        members.accept(invitation)


def test_withdrawing_one_of_two_invitations_leaves_the_link_of_the_other(
    acme: WhiteLabel, globex: WhiteLabel, alice: User, charlie: User
) -> None:
    first, second = invite(acme, alice), invite(globex, charlie)
    members.withdraw(first, by=alice)
    assert INVITATION.person_of(key_in_mail()) == second.person


def test_suspended_somebody_has_no_right_and_their_applications_take_the_platforms_route(
    acme: WhiteLabel, alice: User, bob: User
) -> None:
    shop = make_application(bob, acme)
    assert acme.is_admin(shop.owner)
    suspension = members.suspend(acme, bob, by=alice)
    assert not may(bob, Right.SEE, at=acme)
    assert not acme.is_admin(bob)
    assert route_for(shop).rule in (3, 4)
    members.let_back(suspension, by=alice)
    assert acme.roles_of(bob) == {Role.ADMIN}
    assert not Suspension.objects.exists()


def test_a_suspension_remembers_the_role(acme: WhiteLabel, alice: User) -> None:
    vera = make_person("vera@acme.test")
    acme.viewers.add(vera)
    members.let_back(members.suspend(acme, vera, by=alice), by=alice)
    assert acme.roles_of(vera) == {Role.VIEWER}


def test_a_role_elsewhere_stays(acme: WhiteLabel, alice: User, bob: User) -> None:
    other = make_white_label("Initech", bob)
    members.suspend(acme, bob, by=alice)
    assert other.roles_of(bob) == {Role.ADMIN}
    bob.refresh_from_db()
    assert bob.is_active


def test_removing_somebody_suspended_leaves_no_way_back(acme: WhiteLabel, alice: User, bob: User) -> None:
    suspension = members.suspend(acme, bob, by=alice)
    members.remove(acme, bob, by=alice)
    members.let_back(suspension, by=alice)
    assert not acme.roles_of(bob)


@pytest.mark.parametrize("act", [members.suspend, members.remove])
def test_an_invitation_from_before_is_no_way_back_of_bob_who_was_put_out(
    act: Callable[..., object], acme: WhiteLabel, alice: User, bob: User
) -> None:
    acme.admins.remove(bob)
    invitation = invite(acme, alice, bob.email)
    acme.admins.add(bob)  # by somebody who knows nothing of invitations
    act(acme, bob, by=alice)
    with pytest.raises(ValidationError, match="expired or was withdrawn"):
        members.accept(invitation)
    assert not acme.roles_of(bob)


def test_bob_is_made_a_viewer_and_an_admin_again(acme: WhiteLabel, alice: User, bob: User) -> None:
    members.change_role(acme, bob, Role.VIEWER, by=alice)
    assert acme.roles_of(bob) == {Role.VIEWER}
    members.change_role(acme, bob, Role.ADMIN, by=alice)
    assert acme.roles_of(bob) == {Role.ADMIN}


@pytest.mark.parametrize("how", ["leave", "remove", "make a viewer"])
def test_the_last_admin_who_can_sign_in_stays(how: str, acme: WhiteLabel, alice: User, bob: User) -> None:
    bob.archive()
    invited = User.objects.create_user("invited@acme.test")  # has never chosen a password
    acme.admins.add(invited)
    acts = {
        "leave": lambda: members.leave(acme, alice),
        "remove": lambda: members.remove(acme, alice, by=alice),
        "make a viewer": lambda: members.change_role(acme, alice, Role.VIEWER, by=alice),
    }
    with pytest.raises(ValidationError, match="last admin"):
        acts[how]()
    assert acme.roles_of(alice) == {Role.ADMIN}


def test_nobody_suspends_themselves(acme: WhiteLabel, alice: User) -> None:
    with pytest.raises(ValidationError, match="yourself"):
        members.suspend(acme, alice, by=alice)


def test_bob_leaves_by_himself(acme: WhiteLabel, bob: User) -> None:
    members.leave(acme, bob)
    assert not acme.roles_of(bob)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_two_admins_who_remove_each_other_at_once_leave_one() -> None:
    alice, bob = make_person("alice@acme.test"), make_person("bob@acme.test")
    acme, start = make_white_label("Acme", alice, bob), Barrier(2)

    def remove(by: User, person: User) -> None:
        start.wait()
        try:
            members.remove(acme, person, by=by)
        except (PermissionDenied, ValidationError):
            pass
        finally:
            connections.close_all()

    for _ in range(10):
        acme.admins.set([alice, bob])
        pairs = [Thread(target=remove, args=pair) for pair in ((alice, bob), (bob, alice))]
        for each in pairs:
            each.start()
        for each in pairs:
            each.join()
        assert acme.admins.count() == 1
    assert connection.vendor == "postgresql"
