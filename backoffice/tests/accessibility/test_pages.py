"""Everybody can use every page: of both consoles, of the sign-in and the account, and the records that a link opens.

The pages are found by the walk of addresses, so a new one is looked at without a word here. A page that the walk does
not come to, as it shows something in another state, is one of `in_other_states`.
"""

import time
from collections.abc import Iterator

import pytest
from django.conf import settings
from django.urls import get_resolver
from playwright.sync_api import Page

from backoffice.accounts.session_store import SessionStore
from backoffice.tests.accessibility.long_names import NUMBER, LongNames, State, Status
from people.roles import Role
from testing.accessibility import faults, is_page, prepare
from testing.browser import WIDE, sign_in
from testing.factories import make_owner, make_person
from testing.walls.addresses import addresses
from testing.walls.visitors import NOBODY, OWNER, WHITE_LABEL, WITHOUT_ROLE, Visitor

pytestmark = pytest.mark.browser
EVERYWHERE = [each for each in addresses(get_resolver().url_patterns) if not str(each).startswith("/api/")]
WAYS_OUT = ("/backoffice/logout/", "/whitelabel/logout/")
HISTORY, ONE_HISTORY = "/history/", "/applications/"  # all are of one template
VISITORS = {
    "a stranger": (NOBODY, ""),
    "a newcomer": (WITHOUT_ROLE, ""),
    "an admin": (Visitor.with_role(Role.ADMIN), WHITE_LABEL),
    "the owner": (Visitor.with_role(Role.PLATFORM_OWNER), OWNER),
}


@pytest.mark.parametrize("who", VISITORS)
def test_everybody_can_use_every_page(who: str, tenant: LongNames, page: Page) -> None:
    person = {"an admin": tenant.person, "the owner": make_owner(), "a newcomer": make_person("new@acme.test")}.get(who)
    if person:
        sign_in(page, person)
        show_who_they_are(page)
    prepare(page)
    found = [fault for path in paths_of(who) if is_page(page, path) for fault in faults(page, path)]
    for path in in_other_states(tenant)[who]:
        page.set_viewport_size(WIDE)
        page.goto(path)
        found += faults(page, path)
    assert not found, "\n".join(found)


def show_who_they_are(page: Page) -> None:
    """Let the session of the browser be one that has just given its password, as some pages ask for."""
    (key,) = [each["value"] for each in page.context.cookies() if each["name"] == settings.SESSION_COOKIE_NAME]
    session = SessionStore(key)
    session["account_authentication_methods"] = [{"method": "password", "at": time.time(), "reauthenticated": True}]
    session.save()


def paths_of(who: str) -> Iterator[str]:
    """Yield the paths that the visitor may go to: of one console, or outside of any."""
    visitor, console = VISITORS[who]
    for address in EVERYWHERE:
        is_another_history = HISTORY in str(address) and ONE_HISTORY not in str(address)
        if address.console == console and visitor.may_have(address, "GET") and not is_another_history:
            yield from (path for path in address.filled(str(NUMBER), own=str(NUMBER)) if path not in WAYS_OUT)


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
