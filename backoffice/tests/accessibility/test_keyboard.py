"""Journeys without a mouse: each ends where one with a mouse would, and the focus is always seen."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from people.models import User
from testing.browser import NARROW, labelled, sign_in, visit
from testing.factories import PASSWORD, make_domain
from testing.keyboard import Keyboard
from whitelabel.models import SendingDomain, WhiteLabel

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("valkey")]
DOMAIN, RECORD = "acme.example", {"Name": "@", "Value": "v=spf1 include:spf.builder.example -all"}
SERVER = {"Sender address": "hello@builder.example", "Host": "localhost", "Port": "1001", "Username": "user"}


@pytest.fixture
def keyboard(page: Page) -> Keyboard:
    return Keyboard(page)


def test_the_owner_signs_in_sets_the_smtp_server_and_signs_out(keyboard: Keyboard, owner: User) -> None:
    page = keyboard.page
    page.goto("/backoffice/")
    keyboard.write({"E-mail address": owner.email, "Password": PASSWORD})
    keyboard.press_button("Sign in")
    expect(page).to_have_title("Dashboard | Backoffice")
    keyboard.follow("Communication")
    keyboard.press(labelled(page, "Use a custom SMTP server"), "Space")
    keyboard.write(SERVER | {"Password": "secret"})
    keyboard.press_button("Save")
    expect(page.get_by_role("heading", name="Checking localhost:1001…")).to_be_visible()
    signs_out(keyboard, owner)


def signs_out(keyboard: Keyboard, owner: User) -> None:
    page = keyboard.page
    keyboard.press(account_menu(page))
    keyboard.press_button("Log out")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()


def test_a_domain_is_asked_for_approved_and_answered(
    keyboard: Keyboard, owner: User, alice: User, acme: WhiteLabel
) -> None:
    page = keyboard.page
    asks_for_a_domain(keyboard, alice)
    approves_it(keyboard, owner)
    sign_in(page, alice)
    page.goto("/whitelabel/")
    keyboard.follow("Messages")
    keyboard.follow("Domain request")
    keyboard.write({"Message": "They are published."})
    keyboard.press_button("Send reply")
    expect(page.get_by_role("article").last).to_contain_text("They are published.")


def asks_for_a_domain(keyboard: Keyboard, alice: User) -> None:
    sign_in(keyboard.page, alice)
    keyboard.page.goto("/whitelabel/")
    keyboard.follow("E-mail")
    keyboard.write({"Domain": DOMAIN, "Note": "Receipts."})
    keyboard.press_button("Send request")
    expect(keyboard.page.get_by_text(f"The request for {DOMAIN} was sent.")).to_be_visible()


def approves_it(keyboard: Keyboard, owner: User) -> None:
    page = keyboard.page
    sign_in(page, owner)
    page.goto("/backoffice/")
    keyboard.follow("Domain requests")
    keyboard.follow(DOMAIN)
    keyboard.write(RECORD, page.get_by_role("group", name="DNS record").first)
    keyboard.press_button("Approve and send the records")
    expect(page.get_by_text(f"{DOMAIN} is approved").first).to_be_visible()


def test_a_list_is_filtered_and_searched(keyboard: Keyboard, owner: User, acme: WhiteLabel) -> None:
    page = keyboard.page
    make_domain(acme, "new.example")
    old = make_domain(acme, "old.example")
    SendingDomain.objects.filter(pk=old.pk).update(requested_at=timezone.now() - timedelta(days=40))
    sign_in(page, owner)
    page.goto("/backoffice/domains/")
    filters = page.get_by_role("button", name="Filters", exact=True)
    keyboard.press(filters)
    page.keyboard.press("Escape")
    expect(filters).to_be_focused()
    page.keyboard.press("Enter")
    keyboard.press(page.locator("#changelist-filter").get_by_role("link", name="Past 7 days"))
    expect(page.locator("#result_list")).not_to_contain_text("old.example")
    expect(page.locator("#result_list")).to_contain_text("new.example")
    page.goto("/backoffice/domains/")
    keyboard.go_to(page.get_by_role("textbox", name="Search"))
    page.keyboard.insert_text("old")
    page.keyboard.press("Enter")
    expect(page.locator("#result_list")).not_to_contain_text("new.example")


def account_menu(page: Page) -> Locator:
    return page.locator("#nav-sidebar").get_by_role("button", name=re.compile("@platform.test"))


def test_the_account_menu_is_entered_left_and_closed(keyboard: Keyboard, owner: User) -> None:
    page = keyboard.page
    sign_in(page, owner)
    page.goto("/backoffice/")
    opener, profile = account_menu(page), page.get_by_role("link", name="Profile")
    expect(opener).to_have_attribute("aria-expanded", "false")
    keyboard.press(opener)
    expect(opener).to_have_attribute("aria-expanded", "true")
    keyboard.go_to(profile)
    page.keyboard.press("Escape")
    expect(profile).to_be_hidden()
    expect(opener).to_be_focused()
    page.keyboard.press("Space")
    keyboard.go_to(page.get_by_role("button", name="Log out"))
    page.keyboard.press("Tab")
    expect(profile).to_be_hidden()


def test_the_first_press_of_tab_passes_over_the_menu(keyboard: Keyboard, owner: User) -> None:
    page = keyboard.page
    sign_in(page, owner)
    page.goto("/backoffice/people/")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the content")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.getElementById('content').contains(document.activeElement)")


@pytest.fixture
def phone(chromium: Browser, live_server: LiveServer) -> Iterator[Keyboard]:
    """A narrow window, as one has at 400 % too."""
    with visit(chromium, live_server, viewport=NARROW, reduced_motion="reduce") as page:
        yield Keyboard(page)


def test_the_menu_of_a_narrow_window_is_opened_and_closed(phone: Keyboard, owner: User) -> None:
    page = phone.page
    sign_in(page, owner)
    page.goto("/backoffice/")
    opener = page.get_by_role("button", name="Menu", exact=True)
    phone.press(opener)
    phone.go_to(page.get_by_role("link", name="People", exact=True))
    page.keyboard.press("Escape")
    expect(page.locator("#nav-sidebar")).to_be_hidden()
    expect(opener).to_be_focused()


def test_who_wants_no_motion_has_none(page: Page, owner: User) -> None:
    sign_in(page, owner)
    page.goto("/backoffice/people/")
    moving = (
        "[...document.querySelectorAll('*')].filter((each) => /[1-9]/.test(getComputedStyle(each).transitionDuration))"
    )
    assert page.evaluate(f"{moving}.length") == 0
    page.emulate_media(reduced_motion="no-preference")
    assert page.evaluate(f"{moving}.length") > 0
