"""Journeys in a browser: from the sender's address to a server that is switched on, in both consoles."""

from typing import Literal

import pytest
from playwright.sync_api import Page, ViewportSize, expect

from people.models import User
from smtp_settings.models import Communication, SmtpServer
from testing.browser import NARROW, fill, labelled, mistake_at, press, readme_image, screenshot, sign_in
from testing.servers.dns import LoopbackDnsServer
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import WhiteLabel

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("worker_at_once", "dns_server")]
SCREEN = ViewportSize(width=1280, height=1000)
TALL = ViewportSize(width=1280, height=1700)
PLATFORM, WHITE_LABEL = "/backoffice/settings/communication/", "/whitelabel/email/"


def test_an_owner_starts_from_an_address_at_yahoo(page: Page, owner: User, smtp_server: LoopbackSmtpServer) -> None:
    sign_in(page, owner)
    page.goto(PLATFORM)
    types_the_address(page, "someone@yahoo.com")
    sees(page, "smtp.mail.yahoo.com", "465", "IMPLICIT_TLS", "someone@yahoo.com")
    expect(page.locator("#smtp-provider")).to_contain_text("Make an app password; Yahoo refuses the password")
    page.set_viewport_size(SCREEN)
    readme_image(page, "smtp-provider")
    takes_another_server(page, smtp_server)
    checks_and_mends_the_encryption(page, "smtp-check")
    switches_on(page, "Use a custom SMTP server")
    assert Communication.current().smtp.host == "localhost"


def test_a_white_label_admin_starts_from_an_address_at_yahoo(
    page: Page, alice: User, acme: WhiteLabel, smtp_server: LoopbackSmtpServer
) -> None:
    sign_in(page, alice)
    page.goto(WHITE_LABEL)
    types_the_address(page, "someone@yahoo.com")
    sees(page, "smtp.mail.yahoo.com", "465", "IMPLICIT_TLS", "someone@yahoo.com")
    expect(page.locator("#smtp-provider")).to_contain_text("Make an app password; Yahoo refuses the password")
    takes_another_server(page, smtp_server)
    checks_and_mends_the_encryption(page, "white-label-check")
    switches_on(page, "Send our mail through this server")
    acme.refresh_from_db()
    assert acme.own_smtp_on


def test_a_domain_of_ones_own_is_found_by_its_mail_exchanger(
    page: Page, alice: User, acme: WhiteLabel, dns_server: LoopbackDnsServer
) -> None:
    dns_server.add("acme.test", "MX", "10 mx.zoho.eu.")
    sign_in(page, alice)
    page.goto(WHITE_LABEL)
    types_the_address(page, "info@acme.test")
    sees(page, "smtppro.zoho.eu", "465", "IMPLICIT_TLS", "info@acme.test")
    labelled(page, "Region").select_option(label="India (zoho.in)")
    expect(labelled(page, "Host")).to_have_value("smtppro.zoho.in")
    screenshot(page, "provider-region")


def test_a_provider_is_chosen_by_name_and_what_was_typed_stays(page: Page, owner: User) -> None:
    sign_in(page, owner)
    page.goto(PLATFORM)
    labelled(page, "Provider").fill("SendGrid")
    labelled(page, "Provider").press("Tab")
    sees(page, "smtp.sendgrid.net", "587", "STARTTLS", "apikey")
    fill(page, {"Host": "smtp.acme.test", "Provider": "Resend"})
    labelled(page, "Provider").press("Tab")
    expect(page.locator("#smtp-provider")).to_contain_text("What you typed was kept")
    expect(labelled(page, "Host")).to_have_value("smtp.acme.test")
    press(page, "Use these values")
    sees(page, "smtp.resend.com", "465", "IMPLICIT_TLS", "resend")
    assert not SmtpServer.objects.exists()


def test_a_hint_comes_at_the_field_and_can_be_insisted_on(page: Page, owner: User) -> None:
    sign_in(page, owner)
    page.goto(PLATFORM)
    fill(page, {"Host": "smtp.mail.yahoo.com", "Username": "a@yahoo.com", "Password": "Summer2026!"})
    types_the_address(page, "a@yahoo.com")
    press(page, "Check")
    expect(mistake_at(page, "Password")).to_contain_text("does not look like an app password")
    labelled(page, "Password").fill("Summer2026!")
    press(page, "Check")
    expect(page.locator("#smtp-outcome li").first).to_be_visible()


def test_an_address_at_outlook_leads_to_the_sign_in_without_a_password(page: Page, owner: User) -> None:
    sign_in(page, owner)
    page.goto(PLATFORM)
    types_the_address(page, "someone@hotmail.com")
    sees(page, "smtp-mail.outlook.com", "587", "STARTTLS", "someone@hotmail.com")
    expect(labelled(page, "Authentication")).to_have_value("XOAUTH2")
    expect(labelled(page, "Tokens come from")).to_have_value("MICROSOFT_SIGN_IN")
    expect(labelled(page, "Password")).to_be_hidden()


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_what_is_known_of_a_provider_fits_a_phone(page: Page, owner: User, theme: Literal["light", "dark"]) -> None:
    sign_in(page, owner)
    page.emulate_media(color_scheme=theme)
    page.set_viewport_size(NARROW)
    page.goto(PLATFORM)
    labelled(page, "Provider").fill("Amazon SES")
    labelled(page, "Provider").press("Tab")
    expect(labelled(page, "Region")).to_be_visible()
    labelled(page, "Provider").scroll_into_view_if_needed()
    screenshot(page, f"provider-narrow-{theme}")
    assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") == 0


def types_the_address(page: Page, address: str) -> None:
    labelled(page, "Sender address").fill(address)
    labelled(page, "Sender address").press("Tab")


def sees(page: Page, host: str, port: str, security: str, username: str) -> None:
    expect(labelled(page, "Host")).to_have_value(host)
    expect(labelled(page, "Port")).to_have_value(port)
    expect(labelled(page, "Encryption")).to_have_value(security)
    expect(labelled(page, "Username")).to_have_value(username)


def takes_another_server(page: Page, server: LoopbackSmtpServer) -> None:
    """Type a server that is there, with the encryption of another port left as it was."""
    fill(page, {"Host": server.host, "Port": str(server.port), "Username": "user", "Password": "secret"})


def checks_and_mends_the_encryption(page: Page, image: str) -> None:
    press(page, "Check")
    expect(mistake_at(page, "Encryption")).to_contain_text("STARTTLS")
    expect(page.locator("#smtp-outcome")).to_contain_text("STARTTLS")
    page.set_viewport_size(TALL)
    (readme_image if image == "smtp-check" else screenshot)(page, image)
    labelled(page, "Encryption").select_option("STARTTLS")
    press(page, "Check")
    expect(page.locator("#smtp-outcome h3.good")).to_be_visible()


def switches_on(page: Page, switch: str) -> None:
    labelled(page, switch).check()
    press(page, "Save")
    expect(page.get_by_role("main")).to_contain_text("Saved.")
    expect(labelled(page, switch)).to_be_checked()
