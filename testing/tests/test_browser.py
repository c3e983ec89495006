"""The browser fixtures reach the real site."""

import pytest
from playwright.sync_api import Page, expect

from people.models import User
from testing.browser import screenshot, sign_in

pytestmark = pytest.mark.browser


def test_a_visitor_is_asked_to_sign_in(page: Page) -> None:
    page.goto("/backoffice/")
    expect(page.get_by_role("button", name="Sign In")).to_be_visible()


def test_a_signed_in_owner_sees_the_dashboard(page: Page, owner: User) -> None:
    sign_in(page, owner)
    page.goto("/backoffice/")
    expect(page.get_by_role("main")).to_be_visible()
    expect(page).to_have_title("Dashboard | Backoffice")
    assert screenshot(page, "dashboard").stat().st_size > 10_000
