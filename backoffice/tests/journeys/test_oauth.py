"""A journey in a browser: no password, but a sign-in at a provider and back."""

import pytest
from playwright.sync_api import Page, expect

from people.models import User
from smtp_settings.models import Credential, SmtpServer
from testing.browser import fill, labelled, press, screenshot, sign_in
from testing.servers.oauth import LoopbackOAuthServer
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import WhiteLabel

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("worker_at_once", "dns_server")]


def test_a_white_label_admin_signs_in_at_the_provider(
    page: Page,
    alice: User,
    acme: WhiteLabel,
    token_smtp_server: LoopbackSmtpServer,
    oauth_server: LoopbackOAuthServer,
) -> None:
    sign_in(page, alice)
    page.goto("/whitelabel/email/")
    expect(labelled(page, "Token endpoint")).to_be_hidden()
    fills_in(page, token_smtp_server, oauth_server)
    oauth_server.redirect_uri = page.locator(".copy-line code").inner_text()
    press(page, "Sign in with the provider")
    screenshot(page, "oauth-continue")
    page.get_by_role("link", name="Continue to localhost").click()
    expect(page.get_by_text("Somebody has signed in at the provider")).to_be_visible()
    labelled(page, "Send our mail through this server").check()
    press(page, "Save")
    expect(page.get_by_text("The server passed its check").first).to_be_visible()
    acme.refresh_from_db()
    assert acme.own_smtp_on
    assert Credential.unpack(SmtpServer.objects.get().open_secret()).refresh_token


def fills_in(page: Page, smtp: LoopbackSmtpServer, oauth: LoopbackOAuthServer) -> None:
    """Type all values; what belongs to another way of signing in is not there."""
    labelled(page, "Authentication").select_option("XOAUTH2")
    expect(page.locator("#id_password")).to_be_hidden()
    labelled(page, "Tokens come from").select_option("OTHER_SIGN_IN")
    expect(labelled(page, "Directory (tenant) ID")).to_be_hidden()
    fields = {
        "Sender address": "mail@acme.test",
        "Host": "localhost",
        "Port": str(smtp.port),
        "Username": "user",
        "Client ID": oauth.client_id,
        "Client secret": oauth.client_secret,
        "Authorisation endpoint": f"{oauth.address}/authorize",
        "Token endpoint": f"{oauth.address}/token",
        "Scope": "mail",
    }
    fill(page, fields)
