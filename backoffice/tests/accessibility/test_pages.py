"""Everybody can use every page: of both consoles, of the sign-in and the account, and the records that a link opens.

The pages are found by the walk of addresses, so a new one is looked at without a word here. A page that the walk does
not come to, as it shows something in another state, is one of `in_other_states`.
"""

import time
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.test import Client
from django.urls import get_resolver
from playwright.sync_api import Page

from backoffice.tests.accessibility.long_names import NUMBER, WORD, LongNames, State, Status
from people.models import User
from people.roles import Role
from testing.accessibility import faults, prepare
from testing.factories import make_owner, make_person
from testing.walls.addresses import addresses
from testing.walls.visitors import NOBODY, OWNER, WHITE_LABEL, WITHOUT_ROLE, Visitor

pytestmark = pytest.mark.browser
EVERYWHERE = [each for each in addresses(get_resolver().url_patterns) if not str(each).startswith("/api/")]
WAYS_OUT = ("/backoffice/logout/", "/whitelabel/logout/")
VISITORS = {
    "a stranger": (NOBODY, ""),
    "a newcomer": (WITHOUT_ROLE, ""),
    "an admin": (Visitor.with_role(Role.ADMIN), WHITE_LABEL),
    "the owner": (Visitor.with_role(Role.PLATFORM_OWNER), OWNER),
}


@pytest.fixture
def tenant(db: None) -> LongNames:
    return LongNames.furnish(WORD, NUMBER)


@pytest.mark.parametrize("who", VISITORS)
def test_everybody_can_use_every_page(who: str, tenant: LongNames, page: Page) -> None:
    person = {"an admin": tenant.person, "the owner": make_owner(), "a newcomer": make_person("new@acme.test")}.get(who)
    client = signed_in(page, person)
    paths = [*pages_of(client, who), *(in_other_states(tenant)[who])]
    prepare(page)
    found = [fault for path in paths for fault in faults(page, path)]
    assert not found, "\n".join(found)


def signed_in(page: Page, person: User | None) -> Client:
    """Return a client of the person, who has just shown who they are, and give the browser the same session."""
    client = Client(raise_request_exception=False)
    if person is None:
        return client
    client.force_login(person, "allauth.account.auth_backends.AuthenticationBackend")
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session.save()
    page.goto("/healthz")  # a cookie needs an address
    name = settings.SESSION_COOKIE_NAME
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": page.url}])
    return client


def pages_of(client: Client, who: str) -> Iterator[str]:
    """Yield the paths of whole pages that the visitor is shown: of one console, or outside of any."""
    visitor, console = VISITORS[who]
    for address in EVERYWHERE:
        if address.console == console and visitor.may_have(address, "GET"):
            for path in address.filled(str(NUMBER), own=str(NUMBER)):
                if path not in WAYS_OUT and is_page(client, path):
                    yield path


def is_page(client: Client, path: str) -> bool:
    answer = client.get(path)
    return answer.status_code == 200 and b"<html" in getattr(answer, "content", b"")


def in_other_states(tenant: LongNames) -> dict[str, list[str]]:
    domains = [tenant.domain_in(state) for state in (State.REQUESTED, State.VERIFYING, State.DEGRADED, State.REFUSED)]
    deliveries = [tenant.delivery_with(status) for status in (Status.SENT, Status.HELD, Status.UNCERTAIN)]
    return {
        "a stranger": [tenant.records_link(), "/dns/none/", "/nowhere/"],
        "a newcomer": ["/backoffice/", "/whitelabel/"],
        "an admin": [
            "/whitelabel/deliveries/?q=nothing",
            *(f"/whitelabel/email/domains/{key}/" for key in domains),
            *(f"/whitelabel/deliveries/{key}/change/" for key in deliveries),
        ],
        "the owner": [
            "/backoffice/deliveries/?q=nothing",
            *(f"/backoffice/domains/{key}/change/" for key in domains),
            *(f"/backoffice/deliveries/{key}/change/" for key in deliveries),
        ],
    }
