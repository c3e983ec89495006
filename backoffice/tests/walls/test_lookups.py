"""What is looked up in lists, in their filters and by choosers leads through no wall."""

import pytest
from django.test import Client
from django.urls import reverse

from backoffice.owner_console.site import owner_console
from backoffice.whitelabel_console.site import whitelabel_console
from testing.factories import make_owner
from testing.walls.tenants import Tenant

PLACES = (
    ("whitelabel", "application"),
    ("delivery", "delivery"),
    ("delivery", "email"),
    ("whitelabel", "sendingdomain"),
)


@pytest.fixture
def charlies_client(client: Client, alices: Tenant, charlies: Tenant) -> Client:
    client.force_login(charlies.person)
    return client


@pytest.mark.parametrize("term", ["qzacme", "a", ""])
@pytest.mark.parametrize("field", ["white_label", "owner", "application", "email"])
def test_choices_are_not_looked_up_across_tenants(field: str, term: str, charlies_client: Client) -> None:
    for app, model in PLACES:
        query = {"app_label": app, "model_name": model, "field_name": field, "term": term}
        assert "qzacme" not in charlies_client.get("/whitelabel/autocomplete/", query).content.decode().lower()


def test_the_owner_is_offered_what_is_looked_up(client: Client, alices: Tenant) -> None:
    alices.person.is_superuser = alices.person.is_staff = True
    alices.person.save()
    client.force_login(alices.person)
    query = {"app_label": "whitelabel", "model_name": "application", "field_name": "owner", "term": "qzacme"}
    assert "email@qzacme.test" in client.get("/backoffice/autocomplete/", query).content.decode()


@pytest.mark.parametrize(
    "lookup", ["owner__password__startswith", "white_label__admins__email", "email__white_label__name__startswith", "x"]
)
@pytest.mark.parametrize("page", ["applications", "deliveries"])
def test_lists_are_not_searched_through_other_tables(page: str, lookup: str, charlies_client: Client) -> None:
    response = charlies_client.get(f"/whitelabel/{page}/", {lookup: "a"})
    assert response.status_code in (302, 400)


@pytest.mark.parametrize(
    "query", ["status__exact=FAILED", "application__id__exact=700233", "accepted_at_from_0=2026-01-01"]
)
def test_lists_are_filtered_by_their_own_filters(query: str, charlies_client: Client) -> None:
    response = charlies_client.get(f"/whitelabel/deliveries/?{query}")
    assert response.status_code == 200
    assert "recipient@qzglobex.test" in response.content.decode()


def test_a_list_filtered_by_anothers_application_is_empty(charlies_client: Client) -> None:
    page = charlies_client.get("/whitelabel/deliveries/?application__id__exact=900177").content.decode()
    assert "recipient@qzglobex.test" not in page
    assert "qzacme" not in page


@pytest.mark.parametrize("words", ["ab " * 1300, '"' * 300, "a" * 3000, "\u337f " * 800])
def test_no_list_is_kept_busy_by_many_words(words: str, client: Client, alices: Tenant) -> None:
    for person, console in ((make_owner(), owner_console), (alices.person, whitelabel_console)):
        client.force_login(person)
        for admin in console._registry.values():
            address = reverse(f"{console.name}:{admin.opts.app_label}_{admin.opts.model_name}_changelist")
            assert client.get(address, {"q": words}).status_code == 200, address
