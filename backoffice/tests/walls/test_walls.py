"""The walls between tenants: every address there is, asked for by everybody who has no right to what is behind it.

A new page is found by the walk. One that strangers may open is named in `PUBLIC`.
"""

import pytest
from django.test import Client
from django.urls import get_resolver

from testing.walls.addresses import Address, addresses
from testing.walls.tenants import Tenant
from testing.walls.walk import METHODS, Walk

PUBLIC = {
    "/healthz",
    "/palette/<brand>.css",
    "/accounts/login/",
    "/accounts/logout/",
    "/accounts/inactive/",
    "/accounts/signup/",
    "/accounts/confirm-email/",
    "/accounts/confirm-email/<key>/",
    "/accounts/password/reset/",
    "/accounts/password/reset/done/",
    "/accounts/password/reset/key/<uidb36>-<key>/",
    "/accounts/password/reset/key/done/",
    "/backoffice/login/",
    "/backoffice/logout/",
    "/whitelabel/login/",
    "/whitelabel/logout/",
}
OF_A_WHITE_LABEL = (
    "",
    "email/",
    "email/domains/<pk>/",
    "applications/",
    "deliveries/",
    "activity/",
    "keys/",
    "keys/<object_id>/change/",
    "messages/<pk>/",
    "choose/",
)
EVERYWHERE = list(addresses(get_resolver().url_patterns))
pytestmark = pytest.mark.django_db


def is_owners_console(address: Address | str) -> bool:
    return str(address).startswith("/backoffice/")


def is_private(address: Address) -> bool:
    return str(address) not in PUBLIC


def is_of_a_row(address: Address) -> bool:
    """Return whether somebody else's id is refused there; the admin's short addresses lead to such a page."""
    return bool(address.ids) and is_private(address) and not str(address).endswith("s/<object_id>/")


def test_the_walk_finds_the_pages_that_take_an_id() -> None:
    found = {str(address) for address in EVERYWHERE if is_of_a_row(address)}
    assert "/whitelabel/applications/<object_id>/change/" in found
    assert "/whitelabel/deliveries/<object_id>/retry/" in found
    assert "/whitelabel/keys/<object_id>/revoke/" in found
    assert "/whitelabel/suppressed-addresses/<object_id>/release/" in found
    assert "/whitelabel/email/domains/<pk>/links/<link_pk>/revoke/" in found
    assert len([address for address in found if is_owners_console(address)]) > 50


def test_every_public_page_is_there() -> None:
    assert {str(address) for address in EVERYWHERE} >= PUBLIC


@pytest.mark.parametrize("method", METHODS)
def test_strangers_are_shown_the_public_pages_only(method: str, client: Client, alices: Tenant) -> None:
    walk = Walk(client, alices, shut=is_private)
    assert walk.findings(EVERYWHERE, [method]) == []


@pytest.mark.parametrize("method", METHODS)
def test_charlie_finds_nothing_of_alices(method: str, client: Client, alices: Tenant, charlies: Tenant) -> None:
    client.force_login(charlies.person)
    walk = Walk(client, alices, shut=is_of_a_row, own=charlies.number)
    assert walk.findings([address for address in EVERYWHERE if not is_owners_console(address)], [method]) == []


@pytest.mark.parametrize("method", METHODS)
def test_alice_is_refused_at_the_owners_console(method: str, client: Client, alices: Tenant, charlies: Tenant) -> None:
    client.force_login(alices.person)
    walk = Walk(client, charlies, shut=is_private, own=alices.number)
    assert walk.findings([address for address in EVERYWHERE if is_owners_console(address)], [method]) == []


def test_the_walk_sees_what_is_shown_to_those_whose_it_is(client: Client, charlies: Tenant) -> None:
    client.force_login(charlies.person)
    walk = Walk(client, charlies, shut=lambda address: False, own=charlies.number)
    theirs = [f"/whitelabel/{page}" for page in OF_A_WHITE_LABEL]
    findings = walk.findings([address for address in EVERYWHERE if str(address) in theirs], ["GET"])
    for page in theirs:
        assert f"GET {page}: shows what is qzglobex's" in findings
