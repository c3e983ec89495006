"""Who may do what, on the platform and in a white-label."""

from collections.abc import Set

import pytest
from django.contrib.auth.models import AnonymousUser

from people.models import User
from people.roles import RIGHTS, Right, Role, may, rights_of, roles_of
from testing.factories import make_person, make_support


class Everybodys:
    """A place where everybody is an admin."""

    def roles_of(self, person: object) -> Set[Role]:
        return {Role.ADMIN}


@pytest.fixture
def support(db: None) -> User:
    return make_support()


@pytest.mark.parametrize("right", Right)
def test_an_owner_has_the_rights_of_owners_and_others_have_none(right: Right, owner: User, alice: User) -> None:
    assert may(owner, right) == (right in RIGHTS[Role.PLATFORM_OWNER])
    for other in (alice, AnonymousUser(), None):
        assert not may(other, right)


def test_support_sees_and_answers_and_decides_nothing(support: User) -> None:
    allowed = {Right.SEE, Right.SEE_AUDIT_LOG, Right.WRITE_MESSAGES, Right.HANDLE_MAIL, Right.CHECK_DOMAINS}
    assert rights_of(support) == allowed


def test_an_owner_is_no_support_person_besides(owner: User) -> None:
    assert owner.is_staff
    assert roles_of(owner) == {Role.PLATFORM_OWNER}


@pytest.mark.parametrize("role", [Role.PLATFORM_OWNER, Role.SUPPORT, None])
def test_a_role_on_the_platform_is_given_and_taken(role: Role | None, owner: User) -> None:
    owner.platform_role = role
    assert owner.platform_role == role
    assert roles_of(owner) == ({role} if role else set())


def test_whoever_may_not_sign_in_keeps_the_role_but_no_right(owner: User) -> None:
    owner.is_active = False
    assert roles_of(owner) == {Role.PLATFORM_OWNER}
    assert not rights_of(owner)
    assert not rights_of(owner, at=Everybodys())


def test_a_place_gives_its_own_roles_and_no_others(owner: User, alice: User) -> None:
    for person in (owner, alice):
        assert rights_of(person, at=Everybodys()) == RIGHTS[Role.ADMIN]
    assert not rights_of(None, at=Everybodys())


def test_a_viewer_only_sees(owner: User) -> None:
    assert RIGHTS[Role.VIEWER] == {Right.SEE}


def test_rows_and_persons_are_asked_the_same(owner: User, alice: User, support: User) -> None:
    away = User.objects.create_superuser("away@platform.test", is_active=False)
    owners = User.objects.platform_owners()
    everybody = (owner, alice, away, support, make_person("bob@acme.test"))
    assert [person for person in everybody if person in owners] == [owner]
    assert all(may(person, Right.MANAGE_PEOPLE) == (person in owners) for person in everybody)
