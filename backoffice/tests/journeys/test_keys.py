"""A journey in a browser: a key is made, copied, confirmed by those who got the application, and revoked."""

import pytest
from django.conf import LazySettings
from playwright.sync_api import Page, expect

from gateway.choices import Maker, Scope
from gateway.keys.authentication import Refusal, authenticate
from gateway.models import Key
from people.models import User
from testing.browser import NARROW, copied, labelled, open_menu, press, screenshot, sign_in
from testing.factories import make_application
from whitelabel.models import Application, WhiteLabel

pytestmark = pytest.mark.browser
HOME = "203.0.113.7"


@pytest.fixture
def shop(alice: User, acme: WhiteLabel, settings: LazySettings) -> Application:
    settings.SUBMISSION_HOST, settings.API_URL = "smtp.builder.example", "https://builder.example/api"
    return make_application(alice, acme)


def test_a_key_changes_hands_with_its_application(
    page: Page, shop: Application, alice: User, charlie: User, globex: WhiteLabel
) -> None:
    secret = alice_makes_a_key(page, alice)
    assert authenticate(secret, HOME) == Key.objects.get()
    shop.owner, shop.white_label = charlie, globex
    shop.save()
    assert authenticate(secret, HOME) is Refusal.WRONG_KEY
    charlie_confirms_it(page, charlie)
    assert authenticate(secret, HOME) == Key.objects.get()
    charlie_revokes_it(page)
    assert authenticate(secret, HOME) is Refusal.WRONG_KEY


def test_the_button_for_a_key_with_a_long_name_fits_on_a_phone(page: Page, shop: Application, alice: User) -> None:
    key = Key(application=shop, name="Shop server in the basement of " + "x" * 49, scopes=Scope.SEND)
    key.issue(by=alice, maker=Maker.WHITE_LABEL)
    sign_in(page, alice)
    page.set_viewport_size(NARROW)
    page.goto(f"/whitelabel/keys/{key.pk}/change/")
    page.get_by_text("Revoke this key").click()
    expect(page.get_by_role("button", name="Revoke Shop server")).to_be_visible()
    screenshot(page, "key-long-name")
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]


def alice_makes_a_key(page: Page, alice: User) -> str:
    sign_in(page, alice)
    page.goto("/whitelabel/")
    page.get_by_role("link", name="Shop").click()
    page.get_by_role("link", name="Make a key").click()
    expect(page.get_by_role("combobox").first).to_contain_text("Shop")
    press(page, "Make the key")
    expect(labelled(page, "Name")).to_be_focused()
    labelled(page, "Name").fill("Shop server")
    press(page, "Make the key")
    secret = copied(page, "the key")
    page.locator("summary", has_text="Django settings").click()
    assert f'EMAIL_HOST_PASSWORD = "{secret}"' in copied(page, "Django settings")
    screenshot(page, "key-made")
    return secret


def charlie_confirms_it(page: Page, charlie: User) -> None:
    sign_in(page, charlie)
    page.goto("/whitelabel/")
    open_menu(page, "Keys")
    page.get_by_role("link", name="Shop server").click()
    expect(page.get_by_role("main")).to_contain_text("The application has changed hands")
    screenshot(page, "key-stopped")
    press(page, "Confirm this key")
    expect(page.get_by_text("Shop server was confirmed. It works again.")).to_be_visible()


def charlie_revokes_it(page: Page) -> None:
    page.get_by_text("Revoke this key").click()
    press(page, "Revoke Shop server")
    expect(page.get_by_text("Shop server was revoked.")).to_be_visible()
    expect(page.get_by_text("Confirm this key")).not_to_be_visible()
