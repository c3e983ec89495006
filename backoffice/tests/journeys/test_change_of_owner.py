"""A journey in a browser: an application gets another owner, and its mail another route."""

import pytest
from playwright.sync_api import Locator, Page, expect

from delivery.api import send
from people.models import User
from smtp_settings.choices import Policy
from testing import factories
from testing.browser import choose, open_menu, press, screenshot, sign_in
from testing.fixtures import SmtpServerFactory
from testing.outbox import send_what_is_due
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import Application, WhiteLabel

pytestmark = pytest.mark.browser


@pytest.fixture
def platforms(smtp_server_factory: SmtpServerFactory) -> LoopbackSmtpServer:
    """The platform's server, switched on."""
    server = smtp_server_factory("IMPLICIT_TLS")
    row = factories.make_server(secret="secret", sender_address="hello@builder.example", **server.fields)
    factories.switch_on_platform_smtp(row)
    return server


@pytest.fixture
def acmes(acme: WhiteLabel, smtp_server_factory: SmtpServerFactory) -> LoopbackSmtpServer:
    """Acme's own server, switched on."""
    server = smtp_server_factory()
    of_acme = {"scope_key": acme.scope_key, "secret": "secret", "sender_address": "club@acme.example", **server.fields}
    factories.give_own_smtp(acme, factories.make_server(Policy.WHITE_LABEL, **of_acme))
    return server


@pytest.fixture
def loyalty(charlie: User, acme: WhiteLabel) -> Application:
    """An application of Acme whose owner is no admin of Acme."""
    return factories.make_application(charlie, acme, "Acme Loyalty")


def test_a_change_of_owner_changes_the_route(
    page: Page, owner: User, alice: User, loyalty: Application, platforms: LoopbackSmtpServer, acmes: LoopbackSmtpServer
) -> None:
    sign_in(page, owner)
    sees_that_acmes_server_is_not_used(page, loyalty, platforms)
    compares_the_routes(page, alice)
    makes_alice_the_owner(page, alice)
    sees_mail_leave_through_acmes_server(page, loyalty, acmes)
    sends_again_what_was_put_off(page, loyalty, acmes)
    cancels_what_was_put_off(page, loyalty, acmes)


def sees_that_acmes_server_is_not_used(page: Page, loyalty: Application, platforms: LoopbackSmtpServer) -> None:
    send_to("eve@customer.example", loyalty)
    assert [mail.recipients for mail in platforms.messages] == [("eve@customer.example",)]
    page.goto("/backoffice/")
    open_menu(page, "Applications")
    page.get_by_role("link", name="Acme Loyalty").click()
    expect(page.get_by_role("main")).to_contain_text(
        "The own SMTP server of Acme is not used, because this application"
    )
    page.get_by_role("link", name="Change the owner").click()


def compares_the_routes(page: Page, alice: User) -> None:
    choose(page, "New owner", "ALICE")
    before, after = panel(page, "Now, with"), panel(page, f"After, with {alice.email}")
    expect(before).to_contain_text("hello@builder.example")
    expect(after).to_contain_text("Acme's own SMTP server")
    expect(after).to_contain_text("club@acme.example")
    screenshot(page, "owner-before-and-after")


def makes_alice_the_owner(page: Page, alice: User) -> None:
    press(page, f"Make {alice.email} the owner")
    expect(page.get_by_text(f"Acme Loyalty now belongs to {alice.email}.")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(f"{alice.email} owns the application and is an admin of Acme.")


def sees_mail_leave_through_acmes_server(page: Page, loyalty: Application, acmes: LoopbackSmtpServer) -> None:
    acmes.script("FINAL_DOT", "250 2.0.0 taken as 4711", times=1)
    send_to("fay@customer.example", loyalty)
    assert [mail.parsed["From"] for mail in acmes.messages] == ["Sender <club@acme.example>"]
    opens_in_the_log(page, "fay@customer.example")
    attempt = page.locator(".attempt")
    expect(attempt).to_contain_text(f"localhost:{acmes.port}")
    expect(attempt).to_contain_text("Acme switched on its own SMTP server.")
    expect(attempt).to_contain_text("250 2.0.0 taken as 4711")
    screenshot(page, "delivery-sent")


def sends_again_what_was_put_off(page: Page, loyalty: Application, acmes: LoopbackSmtpServer) -> None:
    acmes.script("RCPT", "450 4.2.0 mailbox busy, try later", times=1)
    send_to("gus@customer.example", loyalty)
    opens_in_the_log(page, "gus@customer.example")
    expect(page.get_by_role("main")).to_contain_text("450 4.2.0 mailbox busy, try later")
    press(page, "Send again now")
    expect(page.get_by_text("The mail is sent again now.")).to_be_visible()
    send_what_is_due()
    page.reload()
    expect(panel(page, "Status")).to_contain_text("Sent")
    expect(page.locator(".attempt")).to_have_count(2)
    screenshot(page, "delivery-sent-again")


def cancels_what_was_put_off(page: Page, loyalty: Application, acmes: LoopbackSmtpServer) -> None:
    acmes.script("RCPT", "450 4.2.0 mailbox busy, try later", times=1)
    send_to("hal@customer.example", loyalty)
    opens_in_the_log(page, "hal@customer.example")
    press(page, "Cancel this mail")
    expect(page.get_by_text("The mail is cancelled and will not be sent.")).to_be_visible()
    expect(panel(page, "Status")).to_contain_text("Cancelled")
    assert "hal@customer.example" not in str([mail.recipients for mail in acmes.messages])


def send_to(recipient: str, application: Application) -> None:
    send(application, to=recipient, subject=f"Points for {recipient}", text="You have 7 points.")
    send_what_is_due()


def opens_in_the_log(page: Page, recipient: str) -> None:
    open_menu(page, "Delivery log")
    page.get_by_role("link", name=f"Points for {recipient}").click()
    expect(panel(page, "Status")).to_contain_text(recipient)


def panel(page: Page, heading: str) -> Locator:
    return page.locator(".panel", has=page.get_by_role("heading", name=heading))
