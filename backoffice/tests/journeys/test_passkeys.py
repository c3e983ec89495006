"""Passkeys: added and used in a real browser with a virtual authenticator, and refused where they are not one's own."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.db import connection
from playwright.sync_api import CDPSession, Page, expect
from pytest_django.live_server_helper import LiveServer

from backoffice.tests.accounts.steps import FACTORS, LOGIN
from people.models import User
from testing.browser import fill, press, screenshot
from testing.factories import PASSWORD
from whitelabel.models import WhiteLabel

ADD = "/accounts/2fa/webauthn/add/"

pytestmark = pytest.mark.browser


class Device:
    """A virtual authenticator of the browser (Chrome DevTools protocol, domain WebAuthn)."""

    def __init__(self, page: Page) -> None:
        self.cdp: CDPSession = page.context.new_cdp_session(page)
        self.cdp.send("WebAuthn.enable")
        self.id = self._add()

    def verify(self, yes: bool) -> None:
        """Let its owner be recognised from now on, or not."""
        self.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": self.id, "isUserVerified": yes})

    def credentials(self) -> list[dict[str, Any]]:
        given = self.cdp.send("WebAuthn.getCredentials", {"authenticatorId": self.id})
        return list(given["credentials"])

    def _add(self) -> str:
        kind = {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": True,
            "hasUserVerification": True,
            "isUserVerified": True,
            "automaticPresenceSimulation": True,
        }
        return str(self.cdp.send("WebAuthn.addVirtualAuthenticator", {"options": kind})["authenticatorId"])


@pytest.fixture
def device(page: Page, live_server: LiveServer, settings: LazySettings) -> Device:
    settings.SITE_URL = live_server.url
    return Device(page)


def sign_in_by_password(page: Page, person: User) -> None:
    page.goto(LOGIN)
    fill(page, {"E-mail address": person.email, "Password": PASSWORD})
    press(page, "Sign in")


def add_passkey(page: Page, name: str = "Laptop") -> None:
    page.goto(ADD)
    if page.get_by_label("Password").count():
        fill(page, {"Password": PASSWORD})
        press(page, "Confirm")
    fill(page, {"Name": name})
    press(page, "Add the passkey")
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()


def sign_out(page: Page) -> None:
    page.goto("/accounts/logout/")
    press(page, "Sign out")


def test_a_passkey_is_added_renamed_and_signs_in_alone(
    page: Page, device: Device, alice: User, acme: WhiteLabel, settings: LazySettings
) -> None:
    WhiteLabel.objects.filter(pk=acme.pk).update(second_factor_required=True)
    sign_in_by_password(page, alice)
    expect(page.get_by_text("Acme asks for one")).to_be_visible()
    add_passkey(page)
    assert [key["rpId"] for key in device.credentials()] == ["localhost"]

    page.goto(FACTORS)
    page.get_by_role("link", name="Rename Laptop").click()
    fill(page, {"Name": "Desk"})
    press(page, "Save")
    page.goto(FACTORS)
    expect(page.get_by_text("Desk", exact=True)).to_be_visible()
    screenshot(page, "passkeys")

    sign_out(page)
    page.goto("/whitelabel/applications/")
    screenshot(page, "sign-in-with-passkey")
    press(page, "Sign in with a passkey")
    page.wait_for_url("**/whitelabel/applications/")


def test_a_passkey_is_the_second_step_behind_a_password(
    page: Page, device: Device, alice: User, acme: WhiteLabel
) -> None:
    sign_in_by_password(page, alice)
    add_passkey(page)
    sign_out(page)
    sign_in_by_password(page, alice)
    screenshot(page, "second-step-by-passkey")
    press(page, "Use a passkey")
    page.wait_for_url("**/whitelabel/")


def test_without_verification_a_passkey_opens_nothing_and_says_so(
    page: Page, device: Device, alice: User, acme: WhiteLabel
) -> None:
    sign_in_by_password(page, alice)
    add_passkey(page)
    sign_out(page)
    device.verify(False)
    page.goto(LOGIN)
    press(page, "Sign in with a passkey")
    expect(page.get_by_role("alert")).to_contain_text("No passkey was used")
    expect(page).to_have_url(f"{page.url.split('/accounts')[0]}{LOGIN}")


def test_without_verification_none_is_added_and_the_page_says_so(
    page: Page, device: Device, alice: User, acme: WhiteLabel
) -> None:
    sign_in_by_password(page, alice)
    device.verify(False)
    page.goto(ADD)
    fill(page, {"Password": PASSWORD})
    press(page, "Confirm")
    press(page, "Add the passkey")
    expect(page.get_by_role("alert")).to_contain_text("No passkey was added")


def test_a_passkey_is_removed_and_opens_nothing_any_more(
    page: Page, device: Device, alice: User, acme: WhiteLabel
) -> None:
    sign_in_by_password(page, alice)
    add_passkey(page)
    page.goto(FACTORS)
    page.get_by_role("link", name="Remove Laptop").click()
    press(page, "Remove the passkey")
    assert not Authenticator.objects.filter(user=alice).exists()
    sign_out(page)
    page.goto(LOGIN)
    press(page, "Sign in with a passkey")
    expect(page.get_by_text("This passkey is not known here any more. Choose another way.")).to_be_visible()


def test_a_passkey_that_was_copied_to_another_person_is_refused(
    page: Page, device: Device, alice: User, charlie: User, acme: WhiteLabel, globex: WhiteLabel
) -> None:
    """Charlie writes the row of his passkey into Alice's name, knows her password, and has the device."""
    sign_in_by_password(page, charlie)
    add_passkey(page)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE mfa_authenticator SET user_id = %s WHERE type = 'webauthn'", [alice.pk])
    page.context.clear_cookies()
    sign_in_by_password(page, alice)
    expect(page.get_by_text("Your second factor was changed outside of this product")).to_be_visible()
    page.goto("/whitelabel/")
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
