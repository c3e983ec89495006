"""An address that only takes what is sent answers a reader with a page that leads on."""

import re
from typing import Any
from urllib.parse import urljoin

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver

from people.access import Rights
from people.models import User
from testing.walls.addresses import Address, addresses
from whitelabel.models import WhiteLabel

ROOT = get_resolver()
POSTED_TO = [
    address
    for address in addresses(ROOT.url_patterns)
    if isinstance(address.access, Rights) and address.access.post and not address.access.get
]
OUTSIDE = ("/accounts/profile/name/", "/accounts/profile/email/cancel/", "/accounts/profile/sessions/1/end/")

pytestmark = pytest.mark.django_db


def of(console: str) -> list[Address]:
    return [address for address in POSTED_TO if address.console == console]


def assert_leads_on(client: Client, path: str) -> None:
    response: Any = client.get(path)
    assert response.status_code == 405, path
    assert "POST" in response["Allow"], path
    way_on = re.search(r'href="([^"]+)">Go on to its page', response.content.decode())
    assert way_on
    assert client.get(urljoin(path, way_on[1]), follow=True).status_code in (200, 404), path


@pytest.mark.parametrize("address", of("owner"), ids=str)
def test_each_such_page_of_the_platform_leads_on(client: Client, owner: User, address: Address) -> None:
    client.force_login(owner)
    for path in address.filled("1", own="1"):
        assert_leads_on(client, path)


@pytest.mark.parametrize("address", of("whitelabel"), ids=str)
def test_each_such_page_of_a_white_label_leads_on(
    client: Client, alice: User, acme: WhiteLabel, address: Address
) -> None:
    client.force_login(alice)
    for path in address.filled("1", own="1"):
        assert_leads_on(client, path)


@pytest.mark.parametrize("path", OUTSIDE)
def test_those_outside_the_consoles_lead_on(client: Client, alice: User, path: str) -> None:
    client.force_login(alice)
    assert_leads_on(client, path)


def test_the_api_says_it_in_its_own_words(client: Client) -> None:
    response = client.get("/api/v1/messages/batch", headers={"host": settings.ALLOWED_HOSTS[0]})
    assert "Nothing to see here" not in response.content.decode()
