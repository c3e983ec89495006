"""Journeys in a browser: people change their address, and end a session that they left somewhere."""

import re

import pytest
from django.test import Client
from playwright.sync_api import Page, expect

from people.models import User
from testing.browser import fill, labelled, mistake_at, press, screenshot, sign_in
from testing.domain_request import newest_mail_to
from testing.factories import PASSWORD
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import WhiteLabel

pytestmark = pytest.mark.browser
NEW = "alice@elsewhere.test"


def test_an_address_is_changed_by_two_links(
    page: Page, alice: User, acme: WhiteLabel, platform_smtp: LoopbackSmtpServer
) -> None:
    asks_for_another_address(page, alice)
    to_new, to_former = (link_to(address, platform_smtp) for address in (NEW, alice.email))
    opens(page, to_new, "Yes, it is mine")
    expect(page.get_by_role("main")).to_contain_text("Thank you. Now open the link in the other e-mail")
    opens(page, to_former, "I agree")
    expect(page.get_by_role("main")).to_contain_text(f"Done. You sign in with {NEW} from now on.")
    page.goto("/accounts/profile/")
    expect(page.locator("#account")).to_contain_text(NEW)
    page.goto(to_former)
    expect(page.get_by_role("heading")).to_have_text("This link has expired or was used")


def asks_for_another_address(page: Page, alice: User) -> None:
    sign_in(page, alice)
    page.goto("/accounts/profile/")
    page.locator("#account").get_by_role("link", name="Change").first.click()
    page.locator("input[type=password]").fill(PASSWORD)
    press(page, "Confirm")
    press(page, "Send the links")
    expect(mistake_at(page, "New e-mail address")).to_have_text("Type the new address.")
    expect(labelled(page, "New e-mail address")).to_be_focused()
    fill(page, {"New e-mail address": NEW})
    press(page, "Send the links")
    expect(page.locator("#account")).to_contain_text(f"Waiting: {NEW}")
    screenshot(page, "profile-address-waits")


def link_to(address: str, server: LoopbackSmtpServer) -> str:
    found = re.search(r"http\S+/email/link/\S+", newest_mail_to(address, server))
    assert found is not None
    return found[0]


def opens(page: Page, link: str, button: str) -> None:
    page.goto(link)
    expect(page).to_have_url(re.compile(r"/accounts/profile/email/confirm/$"))
    screenshot(page, f"profile-link-{button[0].lower()}")
    press(page, button)


@pytest.mark.parametrize("address", ["/accounts/profile/", "/accounts/2fa/"])
def test_an_open_page_follows_the_theme_of_the_system(address: str, page: Page, alice: User, acme: WhiteLabel) -> None:
    sign_in(page, alice)
    page.goto(address)
    html = page.locator("html")
    expect(html).not_to_have_class("dark")
    page.emulate_media(color_scheme="dark")
    expect(html).to_have_class("dark")
    page.emulate_media(color_scheme="light")
    expect(html).not_to_have_class("dark")
    page.evaluate("Alpine.$data(document.documentElement).switchTheme('light')")
    page.emulate_media(color_scheme="dark")
    expect(html).to_have_class("light")


def test_a_session_is_ended(page: Page, alice: User, acme: WhiteLabel) -> None:
    left = Client(headers={"user-agent": "Mozilla/5.0 (iPhone) Version/18.5 Safari/604.1"})
    left.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    sign_in(page, alice)
    page.goto("/accounts/profile/")
    sessions = page.locator("#sessions")
    expect(sessions.locator(".session")).to_have_count(2)
    screenshot(page, "profile")
    press(sessions, "End the session of Safari on iPhone from 127.0.0.1")
    expect(sessions).to_contain_text("Ended: Safari on iPhone is signed out.")
    expect(sessions.locator(".session")).to_have_count(1)
    assert left.get("/whitelabel/").status_code == 302


def test_a_time_zone_is_typed_wrong_and_then_chosen(page: Page, alice: User, acme: WhiteLabel) -> None:
    sign_in(page, alice)
    page.goto("/accounts/profile/")
    locale = page.locator("#locale")
    labelled(locale, "Time zone").fill("Berlin")
    press(locale, "Save")
    expect(mistake_at(page, "Time zone")).to_contain_text("Choose a time zone from the list")
    expect(labelled(locale, "Time zone")).to_be_focused()
    labelled(locale, "Time zone").fill("europe/berlin")
    press(locale, "Save")
    expect(locale).to_contain_text("Saved.")
    expect(labelled(locale, "Time zone")).to_have_value("Europe/Berlin")
    expect(locale).to_contain_text(re.compile(r"\d\d:\d\d CES?T"))
