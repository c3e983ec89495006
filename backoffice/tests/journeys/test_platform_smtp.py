"""A journey in a browser: the owner sets the platform's SMTP server."""

import time

import pytest
from playwright.sync_api import FloatRect, Page, Route, expect

from people.models import User
from smtp_settings.models import Communication
from testing.browser import NARROW, fill, labelled, mistake_at, open_menu, press, readme_image, screenshot, sign_in
from testing.factories import PASSWORD
from testing.servers.smtp import LoopbackSmtpServer

pytestmark = pytest.mark.browser
SWITCH = "Use a custom SMTP server"
COMMUNICATION = "/backoffice/settings/communication/"


def test_the_owner_sets_the_platforms_smtp_server(
    page: Page, owner: User, smtp_server: LoopbackSmtpServer, worker: None
) -> None:
    signs_in(page, owner)
    opens_communication(page)
    types_a_wrong_password(page, smtp_server)
    sends_a_test_email(page, smtp_server, owner)
    switches_it_on(page)
    looks_at_it_on_a_phone(page)


@pytest.mark.usefixtures("valkey")
def test_a_button_that_is_pressed_while_a_check_is_under_way_is_answered(page: Page, owner: User) -> None:
    sign_in(page, owner)
    page.goto(COMMUNICATION)
    checks(page, port=1001)
    page.route(f"**{COMMUNICATION}", answers_late)
    checks(page, port=1002)


def checks(page: Page, *, port: int) -> None:
    """Press "Check", which no worker takes up, so that the page goes on looking."""
    fill(page, {"Sender address": "hello@builder.example", "Host": "localhost", "Port": str(port)})
    fill(page, {"Username": "user", "Password": "secret"})
    press(page, "Check")
    expect(page.get_by_role("heading", name=f"Checking localhost:{port}…")).to_be_in_viewport()


def answers_late(route: Route) -> None:
    """Answer a button after two further looks of the page."""
    time.sleep(2)
    route.continue_()


def signs_in(page: Page, owner: User) -> None:
    page.goto("/backoffice/")
    fill(page, {"E-mail address": owner.email, "Password": "not the password"})
    press(page, "Sign in")
    expect(page.get_by_role("main")).to_contain_text("The e-mail address or the password is not right.")
    fill(page, {"Password": PASSWORD})
    press(page, "Sign in")
    expect(page).to_have_title("Dashboard | Backoffice")
    screenshot(page, "dashboard-of-a-new-owner")


def opens_communication(page: Page) -> None:
    open_menu(page, "Communication")
    expect(page.get_by_role("heading", name="Custom SMTP Configuration")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("Whoever runs the installation sets it by EMAIL_URL.")


def types_a_wrong_password(page: Page, server: LoopbackSmtpServer) -> None:
    labelled(page, SWITCH).check()
    fill(page, {"Host": server.host, "Port": str(server.port), "Username": "user", "Password": "wrong"})
    fill(page, {"Sender name": "Builder", "Sender address": "hello@builder.example"})
    fill(page, {"Support name": "Builder Support", "Support address": "support@builder.example"})
    press(page, "Save")
    expect(mistake_at(page, "Password")).to_contain_text("password")
    screenshot(page, "communication-wrong-password")
    expect(labelled(page, "Host")).to_have_value(server.host)
    expect(labelled(page, "Password")).to_be_focused()
    expect(labelled(page, "Password")).to_have_value("wrong")
    assert not Communication.current().custom_smtp


def sends_a_test_email(page: Page, server: LoopbackSmtpServer, owner: User) -> None:
    fill(page, {"Password": "secret"})
    press(page, "Send test e-mail")
    expect(page.get_by_role("heading", name="The test e-mail was sent")).to_be_visible()
    (mail,) = server.messages
    assert (mail.tls, mail.user, mail.recipients) == (True, "user", (owner.email,))
    assert mail.parsed["From"] == "Builder <hello@builder.example>"


def switches_it_on(page: Page) -> None:
    press(page, "Save")
    expect(page.locator("#smtp-flash").get_by_text("Saved. The server passed its check.")).to_be_visible()
    expect(labelled(page, SWITCH)).to_be_checked()
    expect(labelled(page, "Password")).to_have_value("")
    expect(page.get_by_role("main")).to_contain_text("A password is stored.")
    assert Communication.current().custom_smtp
    readme_image(page, "communication", FloatRect(x=0, y=0, width=1440, height=810))


def looks_at_it_on_a_phone(page: Page) -> None:
    page.set_viewport_size(NARROW)
    screenshot(page, "communication-narrow")
    overflow = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert overflow == 0
