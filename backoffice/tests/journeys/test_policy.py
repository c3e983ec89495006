"""The content security policy in a browser: no page needs more than it allows, and Unfold's switches work within it."""

import re
from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import get_resolver
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from testing.browser import NARROW, screenshot, sign_in
from testing.walls.addresses import addresses
from testing.walls.tenants import Tenant
from whitelabel.models import RecordsLink, SendingDomain

pytestmark = pytest.mark.browser
NAVIGATION_MILLISECONDS = 60_000  # a hundred pages, on a machine that may do other work
REPORTED = "window.violations"
REPORT = f"""
    {REPORTED} = [];
    document.addEventListener("securitypolicyviolation", (event) => {REPORTED}.push(
        `${{event.effectiveDirective}}: ${{event.blockedURI}} (${{event.sourceFile}}, line ${{event.lineNumber}})`
    ));
"""
STORED = """
    origin === "null" ? [] : Object.keys({ ...localStorage, ...sessionStorage })
        .filter((key) => !/adminTheme|sidebarDesktopOpen/.test(key))
"""
IS_REFUSED = """
    (expression) => new Promise((resolve) => {
        const refuse = (event) => { event.preventDefault(); resolve(true); };
        addEventListener("error", refuse, { once: true });
        Alpine.evaluate(document.body, expression);
        setTimeout(() => resolve(false), 100);
    })
"""


@pytest.fixture
def acmes(live_server: LiveServer, settings: LazySettings) -> Tenant:
    """A white-label with one row of everything; the HTTP API is open."""
    settings.API_URL = f"{live_server.url}/api"
    return Tenant.furnish("qzacme", 900_177)


@pytest.fixture
def owners(page: Page, acmes: Tenant) -> Page:
    """The browser of somebody who may use both consoles, with rows in every list."""
    acmes.person.is_superuser = acmes.person.is_staff = True
    acmes.person.save()
    sign_in(page, acmes.person)
    return page


def pages_for(client: Client, tenant: Tenant) -> Iterator[str]:
    """Yield the address of everything that is a page for the visitor, with the ids of `tenant`'s rows, and errors."""
    client.raise_request_exception = False
    _, token = RecordsLink.make(tenant.row_of(SendingDomain), by=tenant.person)
    yield from (f"/dns/{token}/", "/dns/unknown/", "/nowhere/", "/accounts/login/?q=%00")
    own = str(tenant.number)
    for path in (path for address in addresses(get_resolver().url_patterns) for path in address.filled(own, own=own)):
        answer = client.get(path)
        if answer.status_code < 300 and answer.get("Content-Type", "").startswith("text/html"):
            yield path


def violations(page: Page, client: Client, tenant: Tenant) -> dict[str, list[str]]:
    """Return what each page was forbidden, and what it left in the browser's storage."""
    page.add_init_script(REPORT)
    page.set_default_navigation_timeout(NAVIGATION_MILLISECONDS)
    found = {}
    for path in pages_for(client, tenant):
        page.goto(path)
        found[path] = page.evaluate(REPORTED) + page.evaluate(STORED)
    assert {"/api/docs", "/accounts/password/reset/"} <= found.keys()
    return {path: forbidden for path, forbidden in found.items() if forbidden}


def test_no_page_of_both_consoles_needs_more(owners: Page, acmes: Tenant, client: Client) -> None:
    client.force_login(acmes.person)
    assert violations(owners, client, acmes) == {}


def test_no_page_of_a_white_label_needs_more(page: Page, acmes: Tenant, client: Client) -> None:
    sign_in(page, acmes.person)
    client.force_login(acmes.person)
    assert violations(page, client, acmes) == {}


def test_no_page_for_strangers_needs_more(page: Page, acmes: Tenant, client: Client) -> None:
    assert violations(page, client, acmes) == {}


def test_the_menus_open_and_close_on_a_phone(owners: Page) -> None:
    owners.set_viewport_size(NARROW)
    owners.goto("/backoffice/")
    menu = owners.locator("#nav-sidebar")
    expect(menu).not_to_be_visible()
    owners.get_by_role("button", name="Menu", exact=True).click()
    expect(menu).to_be_visible()
    menu.get_by_role("button", name="email@qzacme.test").click()
    expect(owners.get_by_role("link", name="Change password")).to_be_visible()
    screenshot(owners, "policy-menu")
    owners.get_by_role("button", name="Close menu").click()
    expect(menu).not_to_be_visible()


def test_the_menu_at_the_side_stays_as_it_was_left(owners: Page) -> None:
    owners.goto("/backoffice/")
    owners.get_by_role("button", name="Menu", exact=True).click()
    owners.reload()
    expect(owners.locator("#nav-sidebar")).not_to_be_visible()


@pytest.mark.parametrize(("name", "look"), [("Dark", "dark"), ("Light", "light")])
def test_a_theme_is_chosen_and_kept(name: str, look: str, owners: Page) -> None:
    owners.goto("/backoffice/")
    owners.locator("#nav-sidebar").get_by_role("button", name="email@qzacme.test").click()
    owners.get_by_role("button", name=name).click()
    expect(owners.locator("html")).to_have_class(look)
    owners.goto("/accounts/2fa/")
    expect(owners.locator("html")).to_have_class(look)
    owners.get_by_role("button", name="Theme").click()
    expect(owners.get_by_text("System")).to_be_visible()


def test_filters_are_a_sheet_with_calendars(owners: Page) -> None:
    owners.goto("/backoffice/deliveries/")
    filters = owners.locator("#changelist-filter")
    expect(filters).not_to_be_visible()
    owners.get_by_role("button", name=re.compile("Filters")).click()
    filters.locator("[id^='calendarlink']").first.click()
    expect(owners.locator(".calendarbox").first).to_be_visible()
    screenshot(owners, "policy-filters")
    owners.keyboard.press("Escape")
    expect(filters).not_to_be_visible()


def test_an_action_is_offered_across_the_width_of_its_list(owners: Page) -> None:
    owners.goto("/backoffice/deliveries/")
    owners.locator("input.action-select").first.check()
    bar, run = owners.locator("#changelist-actions"), owners.get_by_role("button", name="Run")
    expect(bar).to_be_visible()
    expect(run).not_to_be_visible()
    bar.get_by_role("combobox").select_option(index=1)
    expect(run).to_be_visible()
    screenshot(owners, "policy-action")
    wide, found = bar.bounding_box(), owners.locator("#changelist-form").bounding_box()
    assert wide
    assert found
    assert abs(wide["width"] - found["width"]) < 2


def test_a_chooser_finds_people(owners: Page) -> None:
    owners.goto("/backoffice/applications/add/")
    owners.locator(".field-owner .select2-selection").click()
    owners.get_by_role("searchbox").fill("qzacme")
    owners.get_by_role("option", name="email@qzacme.test").click()
    screenshot(owners, "policy-chooser")
    expect(owners.locator(".field-owner .select2-selection")).to_contain_text("email@qzacme.test")


def test_the_command_palette_opens_and_closes(owners: Page) -> None:
    owners.goto("/backoffice/")
    owners.keyboard.press("Control+k")
    search, palette = owners.get_by_role("combobox", name="Search pages"), owners.get_by_role("listbox")
    search.press_sequentially("applic")
    expect(palette).to_contain_text("Applications")
    screenshot(owners, "policy-palette")
    search.press("Escape")
    expect(search).not_to_be_visible()


def test_expressions_mean_what_they_mean_in_javascript(page: Page) -> None:
    page.goto("/accounts/login/")
    for expression, value in {
        "1 + 2 - 1 == 2 && 'yes' || 'no'": "yes",
        "!false === true ? [1, 'a\\'b'][1] : null": "a'b",
        "{a: {'b': 3}}.a.b >= 3 && 3": 3,
        "['x', 'y'].map(each => each + '!').includes('y!')": True,
        "if (1 > 2) { openModal = 'a' } else openModal = 'b'; openModal": "b",
        "window.location.pathname": "/accounts/login/",
        "getCurrentTab()": None,
        "-1 < 0 != (2 <= 1)": True,
    }.items():
        assert page.evaluate("expression => Alpine.evaluate(document.body, expression)", expression) == value


def test_expressions_reach_nothing_but_what_is_theirs(page: Page) -> None:
    page.goto("/accounts/login/")
    outside = ("alert(1)", "document", "eval('1')", "''.constructor", "[]['constructor']", "$el.ownerDocument")
    ways = ("getCurrentTab['constructor']", "$el['__proto__']", "$el['__proto__'] = 1", "window.document.title")
    unread = ("1 +", "`a`", "new Date()", "a b", "/a/", "x => ")
    for expression in (*outside, *ways, *unread):
        assert page.evaluate(IS_REFUSED, expression), expression
