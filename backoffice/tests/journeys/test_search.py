"""A journey in a browser, by the keyboard alone: search with Ctrl+K, choose a row, filter a list and download it."""

import csv
import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from delivery.api import send
from people.models import User
from testing.browser import NARROW, WIDE, choose, press, screenshot, sign_in
from testing.factories import make_application
from whitelabel.models import Application, WhiteLabel

pytestmark = pytest.mark.browser
LONG = "Vereinigte Schwimm- und Badevereinigungen des Oberen Landkreises von 1887 e. V."


@pytest.fixture
def shop(alice: User, acme: WhiteLabel) -> Application:
    shop = make_application(alice, acme)
    make_application(alice, acme, LONG)
    for recipient in ("dana@users.test", "dave@users.test"):
        send(shop, to=recipient, subject="Points", text="x")
    return shop


def look_at(page: Page, name: str) -> None:
    """Take the page wide and narrow, light and dark; nothing is wider than the screen."""
    for size, scheme in ((WIDE, "light"), (WIDE, "dark"), (NARROW, "light"), (NARROW, "dark")):
        page.set_viewport_size(size)
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
        screenshot(page, f"{name}-{size['width']}-{scheme}")
        assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
    page.set_viewport_size(WIDE)


def test_whoever_owns_the_platform_finds_what_they_look_for(page: Page, owner: User, shop: Application) -> None:
    sign_in(page, owner)
    page.goto("/backoffice/")
    page.keyboard.press("Control+k")
    field = page.get_by_role("combobox", name="Search pages")
    expect(field).to_be_focused()
    page.keyboard.type("da")
    expect(page.get_by_role("option", name="Dashboard")).to_have_attribute("aria-selected", "true")
    page.keyboard.type("na")
    expect(page.get_by_role("option")).to_have_count(1)
    expect(page.locator(".search-status")).to_contain_text("1 result.")
    field.fill("acme")
    expect(page.get_by_role("option", name="alice@acme.test")).to_be_visible()
    look_at(page, "search")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    page.get_by_role("button", name="Search", exact=True).focus()
    page.keyboard.press("Enter")
    field.fill("dave@")
    expect(page.get_by_role("option")).to_have_count(1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("main")).to_contain_text("dave@users.test")


def test_a_session_that_ended_leads_to_the_sign_in(page: Page, alice: User, shop: Application) -> None:
    sign_in(page, alice)
    page.goto("/whitelabel/")
    page.keyboard.press("Control+k")
    page.keyboard.type("zzz")
    expect(page.locator(".search-status")).to_contain_text("Nothing was found.")
    page.context.clear_cookies()
    page.keyboard.type("z")
    expect(page).to_have_url(re.compile("/accounts/login/"))


def test_a_list_is_filtered_by_what_is_searched_for_and_downloaded(
    page: Page, owner: User, alice: User, shop: Application, globex: WhiteLabel, tmp_path: Path
) -> None:
    User.objects.filter(pk=alice.pk).update(name="Alice Archer")
    make_application(owner, globex, "Courier")
    sign_in(page, owner)
    page.goto("/backoffice/applications/")
    look_at(page, "applications")
    page.get_by_role("button", name="Filters").focus()
    page.keyboard.press("Enter")
    choose(page, "By owner", "Alice Ar")
    screenshot(page, "filter-chosen")
    press(page, "Apply Filters")
    expect(page.get_by_role("link", name="Courier")).to_have_count(0)
    with page.expect_download() as download:
        press(page, "Download CSV")
    download.value.save_as(tmp_path / "list.csv")
    with (tmp_path / "list.csv").open(newline="") as file:
        assert {row["Name"] for row in csv.DictReader(file)} == {"Shop", LONG}


def test_people_are_filtered_by_a_white_label(page: Page, owner: User, alice: User, globex: WhiteLabel) -> None:
    sign_in(page, owner)
    page.goto("/backoffice/people/")
    page.get_by_role("button", name="Filters").click()
    choose(page, "By white-label", "Glob")
    press(page, "Apply Filters")
    expect(page.get_by_role("link", name="charlie@globex.test")).to_be_visible()
    expect(page.get_by_role("link", name=alice.email)).to_have_count(0)


def test_what_a_filter_opens_leaves_the_filters_open(page: Page, owner: User, shop: Application) -> None:
    sign_in(page, owner)
    page.goto("/backoffice/deliveries/")
    filters = page.locator("#changelist-filter")
    page.get_by_role("button", name="Filters").click()
    filters.locator("[id^='calendarlink']").first.click()
    page.locator(".calendarbox").first.get_by_role("link", name="15", exact=True).click()
    expect(filters.locator("input.vDateField").first).to_have_value(re.compile("-15$"))
    filters.locator(".select2-selection").first.focus()
    page.keyboard.type("Sho")
    expect(filters).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".select2-dropdown")).to_have_count(0)
    expect(filters).to_be_visible()
    page.keyboard.press("Escape")
    expect(filters).not_to_be_visible()


def test_a_message_is_written_to_whom_is_searched_for(page: Page, owner: User, acme: WhiteLabel) -> None:
    sign_in(page, owner)
    page.goto("/backoffice/messages/new/")
    choose(page, "To", "acm")
    look_at(page, "new-message")
    page.get_by_label("Subject").fill("News")
    page.get_by_label("Message").fill("Read this.")
    press(page, "Send message")
    expect(page.get_by_text("The message was sent.")).to_be_visible()
