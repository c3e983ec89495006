"""No page offers what would be refused: every link and button leads where the reader's role may go."""

import re
from collections.abc import Iterator
from html import unescape
from html.parser import HTMLParser
from urllib.parse import urljoin, urlsplit

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import Resolver404, get_resolver, resolve

from people.access import Rights, access_of
from people.models import User
from people.roles import RIGHTS, Right, Role
from testing.walls.addresses import addresses
from testing.walls.tenants import Tenant

ROLES = {"support": (Role.SUPPORT, "owner"), "viewer": (Role.VIEWER, "whitelabel")}  # others have all of their console
LINKS = {"href": "GET", "hx-get": "GET", "hx-post": "POST", "formaction": "POST"}
pytestmark = pytest.mark.django_db


class Offers(HTMLParser):
    """Collects what a page offers: method and address of each link, and of each form with a button."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[tuple[str, str]] = set()
        self.page = page
        self.form: tuple[str, str] | None = None

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.form = ((given.get("method") or "get").upper(), given.get("action", ""))
        if (
            self.form
            and tag in ("button", "input")
            and given.get("type", "submit") == "submit"
            and "formaction" not in given
        ):
            self._offer(*self.form)
        for name in LINKS.keys() & given.keys():
            self._offer(LINKS[name], given[name])

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.form = None

    def _offer(self, method: str, address: str) -> None:
        self.found.add((method, urlsplit(urljoin(self.page, unescape(address))).path))


def refused(offers: Offers, rights: frozenset[Right]) -> Iterator[str]:
    for method, path in sorted(offers.found):
        try:
            access = access_of(resolve(path).func)
        except Resolver404:
            continue  # a file, or another site
        if isinstance(access, Rights) and access.needed(method) not in rights:
            yield f"{re.sub(r'[0-9]+', 'N', offers.page)} offers {method} {re.sub(r'[0-9]+', 'N', path)}"


@pytest.mark.parametrize("part", ROLES)
def test_no_page_offers_what_would_be_refused(
    part: str, client: Client, alices: Tenant, visitors: dict[str, User], settings: LazySettings
) -> None:
    settings.API_URL = "https://builder.test/api"  # so that pages speak of keys
    client.force_login(visitors[part])
    role, console = ROLES[part]
    rights = RIGHTS[role]
    found: list[str] = []
    for address in addresses(get_resolver().url_patterns):
        readable = isinstance(address.access, Rights) and address.access.get in rights
        if not readable or address.console != console:
            continue
        for path in address.filled(str(alices.number), own=str(alices.number)):
            answer = client.get(path)
            if answer.status_code == 200 and "html" in answer["Content-Type"]:
                offers = Offers(path)
                offers.feed(answer.content.decode())
                found += refused(offers, rights)
    assert found == []
