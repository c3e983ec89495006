"""Every change of hands of an application is announced, by whatever way it is made."""

from collections.abc import Iterator

import pytest
from django.db import transaction

from people.models import User
from testing.factories import make_application
from whitelabel.models import Application, Side, WhiteLabel
from whitelabel.signals import application_handed_over

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(alice: User, acme: WhiteLabel) -> Application:
    return make_application(alice, acme)


@pytest.fixture
def heard() -> Iterator[list[tuple[Side, Side]]]:
    changes: list[tuple[Side, Side]] = []

    def hear(before: Side, after: Side, **_: object) -> None:
        changes.append((before, after))

    application_handed_over.connect(hear)
    yield changes
    application_handed_over.disconnect(hear)


def test_another_owner_is_announced(
    shop: Application, alice: User, bob: User, acme: WhiteLabel, heard: list[tuple[Side, Side]]
) -> None:
    assert shop.hand_over(bob, previous=alice.pk)
    assert heard == [(Side(alice.pk, acme.pk), Side(bob.pk, acme.pk))]
    assert Application.objects.get().owner == shop.owner == bob


def test_an_owner_who_was_changed_meanwhile_is_not_overwritten(
    shop: Application, alice: User, bob: User, charlie: User, heard: list[tuple[Side, Side]]
) -> None:
    stale = Application.objects.get()
    shop.hand_over(bob, previous=alice.pk)
    assert not stale.hand_over(charlie, previous=alice.pk)
    assert len(heard) == 1
    assert Application.objects.get().owner == bob


def test_another_white_label_is_announced(
    shop: Application, alice: User, acme: WhiteLabel, globex: WhiteLabel, heard: list[tuple[Side, Side]]
) -> None:
    shop.white_label = globex
    shop.save()
    shop.white_label = None
    shop.save()
    assert [after.white_label for _, after in heard] == [globex.pk, None]


def test_other_changes_are_not(shop: Application, charlie: User, heard: list[tuple[Side, Side]]) -> None:
    shop.name = "Courier"
    shop.save()
    shop.owner = charlie
    shop.save(update_fields=["name"])
    assert heard == []


def test_nothing_is_announced_of_a_new_one(shop: Application, heard: list[tuple[Side, Side]]) -> None:
    assert heard == []


@pytest.mark.parametrize("column", ["owner", "owner_id", "white_label", "white_label_id"])
def test_nobody_changes_hands_past_the_announcement(column: str, shop: Application, bob: User) -> None:
    with pytest.raises(TypeError, match="hand_over"):
        Application.objects.update(**{column: bob.pk})
    shop.owner = bob
    with pytest.raises(TypeError, match="hand_over"), transaction.atomic():
        Application.objects.bulk_update([shop], ["owner"])
    assert Application.objects.filter(pk=shop.pk).update(name="Courier") == 1


def test_who_listens_can_take_the_change_back(shop: Application, alice: User, bob: User) -> None:
    def refuse(**_: object) -> None:
        raise ValueError("Not now.")

    application_handed_over.connect(refuse)
    try:
        with pytest.raises(ValueError, match=r"Not now\."):
            shop.hand_over(bob, previous=alice.pk)
    finally:
        application_handed_over.disconnect(refuse)
    assert Application.objects.get().owner == alice
