"""What provisioning does to rows, whichever door it is asked at."""

import pytest

from gateway.provisioning.acts import archive, preview, put, synchronize
from gateway.provisioning.items import Author, Item, Kind, Lists, Refused
from people.models import AuditEntry, User
from whitelabel.models import Application, WhiteLabel

pytestmark = pytest.mark.django_db
BY = Author(who="the test")
LISTS: Lists = {
    Kind.PEOPLE: [Item("u-1", {"email": "Alice@acme.test", "name": "Alice"})],
    Kind.WHITE_LABELS: [Item("w-1", {"name": "Acme", "admins": ["u-1"]})],
    Kind.APPLICATIONS: [Item("a-1", {"name": "Shop", "owner": "u-1", "white_label": "w-1"})],
}


def test_a_list_makes_what_it_names() -> None:
    outcome = synchronize(LISTS, BY)
    assert [each.created for each in outcome.values()] == [["u-1"], ["w-1"], ["a-1"]]
    shop = Application.objects.get(ref="a-1")
    assert (shop.owner.email, str(shop.white_label), shop.owner_is_admin()) == ("alice@acme.test", "Acme", True)
    assert [entry.act for entry in AuditEntry.objects.order_by("pk")] == [
        "people.user.add", "whitelabel.whitelabel.add", "whitelabel.application.add"
    ]  # fmt: skip


def test_the_same_list_again_changes_nothing() -> None:
    synchronize(LISTS, BY)
    entries = AuditEntry.objects.count()
    outcome = synchronize(LISTS, BY)
    assert [(each.created, each.changed, each.unchanged) for each in outcome.values()] == [([], {}, 1)] * 3
    assert AuditEntry.objects.count() == entries


def test_a_preview_changes_nothing() -> None:
    outcome, problems = preview(LISTS)
    assert (outcome[Kind.APPLICATIONS].created, problems) == (["a-1"], [])
    assert not User.objects.exists()


def test_one_item_that_is_wrong_leaves_everything_undone() -> None:
    wrong = {**LISTS, Kind.APPLICATIONS: [Item("a-1", {"name": "Shop", "owner": "u-9"})]}
    with pytest.raises(Refused, match="u-9"):
        synchronize(wrong, BY)
    assert [model.objects.count() for model in (User, WhiteLabel, AuditEntry)] == [0, 0, 0]


def test_what_is_archived_comes_back_with_its_reference() -> None:
    synchronize(LISTS, BY)
    assert archive(Kind.APPLICATIONS, "a-1", BY)
    assert Application.objects.get().is_archived
    assert put(Kind.APPLICATIONS, Item("a-1", {}), BY)[1]
    assert not Application.objects.get().is_archived
