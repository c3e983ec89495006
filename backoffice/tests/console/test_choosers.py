"""Choosers search on the server, by name and address, among what the person may see."""

import pytest
from django.test import Client

from people.models import User
from testing import factories
from testing.queries import queries_of
from whitelabel.models import Application, WhiteLabel

OFFERS = "/backoffice/autocomplete/?app_label={}&model_name={}&field_name={}&term={}"
OWNERS = OFFERS.format("whitelabel", "application", "owner", "{}")


def offered(client: Client, address: str) -> list[str]:
    return [each["text"] for each in client.get(address).json()["results"]]


@pytest.mark.parametrize("typed", ["Alice", "archer", "ALICE@", "alice archer"])
def test_a_person_is_found_by_name_and_address(typed: str, client: Client, owner: User, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(name="Alice Archer")
    client.force_login(owner)
    assert offered(client, OWNERS.format(typed)) == ["Alice Archer, alice@acme.test"]


def test_who_cannot_sign_in_is_marked(client: Client, owner: User, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    client.force_login(owner)
    assert offered(client, OWNERS.format("alice")) == ["alice@acme.test (cannot sign in)"]


def test_applications_of_one_name_are_told_apart(client: Client, owner: User, acme: WhiteLabel) -> None:
    factories.make_application(owner, acme)
    factories.make_application(owner)
    client.force_login(owner)
    found = offered(client, OFFERS.format("delivery", "delivery", "application", "shop"))
    assert sorted(found) == ["Shop", "Shop (Acme)"]


def test_support_is_offered_neither_people_nor_a_filter_by_them(client: Client, alice: User) -> None:
    client.force_login(factories.make_support())
    assert client.get(OWNERS.format("alice")).status_code == 403
    page = client.get("/backoffice/applications/").content.decode()
    assert 'data-field-name="white_label"' in page
    assert 'data-field-name="owner"' not in page


@pytest.mark.parametrize("typed", ["", "a" * 5000, "'", "%", "é"])
def test_whatever_is_typed_is_answered(typed: str, client: Client, owner: User) -> None:
    client.force_login(owner)
    asked = {"app_label": "whitelabel", "model_name": "application", "field_name": "owner", "term": typed}
    assert client.get("/backoffice/autocomplete/", asked).status_code == 200


def test_what_is_offered_costs_the_same_for_many(client: Client, owner: User, acme: WhiteLabel) -> None:
    address = OFFERS.format("delivery", "delivery", "application", "shop")
    client.force_login(owner)
    factories.make_application(owner, acme)
    few = queries_of(client, address)
    Application.objects.bulk_create(Application(name=f"Shop {n}", owner=owner, white_label=acme) for n in range(30))
    assert queries_of(client, address) == few


def test_people_are_filtered_by_a_white_label_that_is_searched_for(
    client: Client, owner: User, alice: User, charlie: User, acme: WhiteLabel, globex: WhiteLabel
) -> None:
    client.force_login(owner)
    page = client.get(f"/backoffice/people/?white_label={acme.pk}").content.decode()
    assert "alice@acme.test" in page
    assert "charlie@globex.test" not in page
    assert f'<option value="{acme.pk}" selected' in page
    assert "Globex" not in page


def test_a_white_label_is_offered_its_own_applications_alone(
    client: Client, alice: User, charlie: User, acme: WhiteLabel, globex: WhiteLabel
) -> None:
    factories.make_application(alice, acme)
    factories.make_application(charlie, globex, "Shop of Globex")
    client.force_login(alice)
    address = OFFERS.format("delivery", "delivery", "application", "shop").replace("backoffice", "whitelabel")
    assert offered(client, address) == ["Shop"]


def test_a_filter_shows_no_name_of_what_is_anothers(client: Client, charlie: User, globex: WhiteLabel) -> None:
    theirs = factories.make_application(charlie, factories.make_white_label("Initech"), "Stapler")
    client.force_login(charlie)
    assert "Stapler" not in client.get(f"/whitelabel/deliveries/?application__id__exact={theirs.pk}").content.decode()
