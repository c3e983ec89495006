"""A journey in a browser: a white-label uses its own SMTP server, and a real worker sends through it."""

import time

import pytest
from playwright.sync_api import Page, expect

from delivery.api import send
from people.models import User
from testing import factories
from testing.browser import fill, labelled, mistake_at, open_menu, press, screenshot, sign_in
from testing.fixtures import SmtpServerFactory
from testing.servers.smtp import LoopbackSmtpServer
from testing.servers.smtp_session import Received
from whitelabel.models import WhiteLabel

pytestmark = pytest.mark.browser
SWITCH = "Send our mail through this server"
WAIT_SECONDS = 30


@pytest.fixture
def bob(db: None) -> User:
    return factories.make_person("bob@globex.example")


@pytest.fixture
def globex(bob: User) -> WhiteLabel:
    return factories.make_white_label("Globex", bob)


@pytest.fixture
def globexs(smtp_server_factory: SmtpServerFactory) -> LoopbackSmtpServer:
    """The server that Globex brings: implicit TLS, sign-in demanded."""
    return smtp_server_factory("IMPLICIT_TLS", sign_in_required=True)


def test_a_white_label_uses_its_own_smtp_server(
    page: Page, bob: User, globex: WhiteLabel, globexs: LoopbackSmtpServer, worker: None
) -> None:
    signs_in(page, bob)
    types_the_server_with_mistakes(page, globexs)
    tries_it(page, globexs, bob)
    saves_and_switches_it_on(page)
    mail_of_an_application_leaves_through_it(page, bob, globex, globexs)


def signs_in(page: Page, bob: User) -> None:
    sign_in(page, bob)
    page.goto("/whitelabel/")
    expect(page).to_have_title("Home | Globex Apps")
    expect(page.get_by_role("main")).to_contain_text("Through the platform's SMTP server")
    open_menu(page, "E-mail")


def types_the_server_with_mistakes(page: Page, server: LoopbackSmtpServer) -> None:
    labelled(page, SWITCH).check()
    fill(page, {"Host": "localhost", "Port": str(server.port), "Username": "user", "Password": "secret"})
    fill(page, {"Sender name": "Globex", "Sender address": "tickets@globex.example"})
    press(page, "Save")
    expect(mistake_at(page, "Encryption")).to_contain_text("expects TLS from the first byte on", timeout=30_000)
    expect(page.locator("#smtp-flash")).to_contain_text("Not saved")
    expect(page.locator("#smtp-flash")).to_be_in_viewport()
    expect(labelled(page, "Password")).to_have_value("secret")
    screenshot(page, "own-server-wrong-encryption")


def tries_it(page: Page, server: LoopbackSmtpServer, bob: User) -> None:
    labelled(page, "Encryption").select_option("IMPLICIT_TLS")
    fill(page, {"Password": "secret"})
    press(page, "Send test e-mail")
    expect(page.get_by_role("heading", name="The test e-mail was sent")).to_be_visible()
    assert arrived(server, bob.email).parsed["From"] == "Globex <tickets@globex.example>"


def saves_and_switches_it_on(page: Page) -> None:
    press(page, "Save")
    expect(page.locator("#smtp-flash").get_by_text("Saved. The server passed its check.")).to_be_in_viewport()
    page.locator("#smtp-flash").get_by_role("link", name="See each step").click()
    expect(page.get_by_role("heading", name="Saved. The server passed its check.")).to_be_in_viewport()
    expect(page.get_by_role("heading", name="In use now").locator("..")).to_contain_text("your own SMTP server")
    screenshot(page, "own-server-in-use")


def mail_of_an_application_leaves_through_it(
    page: Page, bob: User, globex: WhiteLabel, server: LoopbackSmtpServer
) -> None:
    tickets = factories.make_application(bob, globex, "Tickets")
    send(tickets, to="dana@customer.example", subject="Your ticket", text="Row 7", sender_address="desk@globex.example")
    mail = arrived(server, "dana@customer.example")
    assert (mail.tls, mail.user, mail.sender) == (True, "user", "tickets@globex.example")
    assert (mail.parsed["From"], mail.parsed["Reply-To"]) == ("Globex <tickets@globex.example>", "desk@globex.example")
    open_menu(page, "Applications")
    expect(page.get_by_role("row", name="Tickets")).to_contain_text("Your own SMTP server")
    open_menu(page, "Delivery log")
    expect(page.get_by_role("row", name="Your ticket")).to_contain_text("Sent")
    screenshot(page, "own-server-log")


def arrived(server: LoopbackSmtpServer, recipient: str) -> Received:
    """Wait for a mail to `recipient`."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        for mail in server.messages:
            if mail.recipients == (recipient,):
                return mail
        time.sleep(0.1)
    raise AssertionError(f"no mail to {recipient} arrived")
