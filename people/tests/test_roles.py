"""Who may do what on the platform."""

import pytest
from django.contrib.auth.models import AnonymousUser

from people.models import User
from people.roles import Right, Role, may, roles_of


@pytest.mark.parametrize("right", Right)
def test_a_platform_owner_has_every_right_and_others_have_none(right: Right, owner: User, alice: User) -> None:
    assert may(owner, right)
    for other in (alice, AnonymousUser(), None):
        assert not may(other, right)


def test_whoever_may_not_sign_in_keeps_the_role_but_no_right(owner: User) -> None:
    owner.is_active = False
    assert roles_of(owner) == {Role.PLATFORM_OWNER}
    assert not any(may(owner, right) for right in Right)


def test_rows_and_persons_are_asked_the_same(owner: User, alice: User) -> None:
    away = User.objects.create_superuser("away@platform.test", is_active=False)
    owners = User.objects.platform_owners()
    assert {person: person in owners for person in (owner, alice, away)} == {owner: True, alice: False, away: False}
    assert all(may(person, right) == (person in owners) for right in Right for person in (owner, alice, away))
