"""Everybody can use what a page shows only once something was done: menus, dialogs, filters, answers to forms."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from backoffice.tests.accessibility.long_names import NUMBER, LongNames, State
from people.models import User
from testing.accessibility import UNFOLDED, faults, faults_of_what_is_open, prepare
from testing.browser import NARROW, WIDE, press, sign_in

pytestmark = pytest.mark.browser


def open_account_menu(page: Page) -> None:
    page.locator("#nav-sidebar").get_by_role("button", name=re.compile("@")).click()
    expect(page.get_by_role("link", name="Profile")).to_be_visible()


def open_theme(page: Page) -> None:
    open_account_menu(page)
    press(page, "Theme")


def open_three_dots(page: Page) -> None:
    page.set_viewport_size(NARROW)
    press(page, "More")


def open_menu(page: Page) -> None:
    page.set_viewport_size(NARROW)
    press(page, "Menu")


def open_palette(page: Page) -> None:
    page.keyboard.press("ControlOrMeta+K")
    page.keyboard.type("do")
    expect(page.get_by_role("option").first).to_be_visible()


def open_filters(page: Page) -> None:
    press(page, "Filters")
    expect(page.locator("#changelist-filter")).to_be_visible()


def open_chooser(page: Page) -> None:
    page.get_by_role("combobox", name=re.compile("^Owner")).click()
    expect(page.locator(".select2-results__option").first).to_be_visible()


def choose_all(page: Page) -> None:
    page.locator("#action-toggle").check()
    expect(page.get_by_role("combobox", name="Action")).to_be_visible()


OPENED: dict[str, tuple[str, Callable[[Page], None]]] = {
    "the account menu": ("", open_account_menu),
    "the menu of a phone": ("", open_menu),
    "the search": ("", open_palette),
    "the filters": ("deliveries/", open_filters),
    "the acts on what is chosen": ("deliveries/", choose_all),
}
OPENED_BY_THE_OWNER = {
    "the three dots": (f"applications/{NUMBER}/change/", open_three_dots),
    "a chooser": ("applications/add/", open_chooser),
    "filters with choosers": ("people/", open_filters),
}
MISTAKEN_BY_THE_OWNER = {  # the pages of forms, and the buttons that send them as they are
    "applications/add/": "Save",
    "white-labels/add/": "Save",
    "people/add/": "Save",
    "keys/add/": "Make the key",
    "messages/new/": "Send message",
    "settings/communication/second/": "Save",
}
MISTAKEN_BY_AN_ADMIN = {"email/": "Send request", "messages/new/": "Send message", "people/": "Send the invitation"}


def test_everybody_can_use_what_the_owner_opens(tenant: LongNames, page: Page, owner: User) -> None:
    assert_usable_when_opened(page, owner, "/backoffice/", OPENED | OPENED_BY_THE_OWNER)


def test_everybody_can_use_what_an_admin_opens(tenant: LongNames, page: Page) -> None:
    assert_usable_when_opened(page, tenant.person, "/whitelabel/", OPENED)


def assert_usable_when_opened(
    page: Page, person: User, console: str, opened: dict[str, tuple[str, Callable[[Page], None]]]
) -> None:
    sign_in(page, person)
    prepare(page)
    found = list[str]()
    for what, (path, open_it) in opened.items():
        page.set_viewport_size(WIDE)
        page.goto(console + path)
        open_it(page)
        found += faults_of_what_is_open(page, what)
    assert not found, "\n".join(found)


def test_everybody_can_mend_the_mistakes_of_the_owner(tenant: LongNames, page: Page, owner: User) -> None:
    requested = f"domains/{tenant.domain_in(State.REQUESTED)}/change/"
    forms = [*MISTAKEN_BY_THE_OWNER.items(), (requested, "Approve and send the records"), (requested, "Refuse")]
    assert_usable_with_mistakes(page, owner, "/backoffice/", forms)


def test_everybody_can_mend_the_mistakes_of_an_admin(tenant: LongNames, page: Page) -> None:
    assert_usable_with_mistakes(page, tenant.person, "/whitelabel/", list(MISTAKEN_BY_AN_ADMIN.items()))


def assert_usable_with_mistakes(page: Page, person: User, console: str, forms: list[tuple[str, str]]) -> None:
    sign_in(page, person)
    prepare(page)
    found = list[str]()
    for path, button in forms:
        page.set_viewport_size(WIDE)
        page.emulate_media(color_scheme="light")
        page.goto(console + path)
        page.evaluate(UNFOLDED)
        page.get_by_role("button", name=button, exact=True).last.click()
        expect(page.locator("form #form-mistakes")).to_be_visible()
        found += faults(page, f"{path} with mistakes")
    assert not found, "\n".join(found)
