"""A sender's name from the form in a browser to the bytes at the server: a worker sends it, and nothing decodes it."""

import time

import pytest
from playwright.sync_api import Page, expect

from delivery.api import send
from delivery.tests.message import reading
from people.models import User
from testing.browser import fill, labelled, open_menu, press, sign_in
from testing.servers.smtp import LoopbackSmtpServer
from testing.servers.smtp_session import Received

pytestmark = pytest.mark.browser
WAIT_SECONDS = 30
ENCODED_WORD = "=?utf-8?q?a=0D=0ABcc:_x@users.test?="
DECEPTION = '"ceo@bank.example" via Builder'
USUAL = "From Message-ID To Date Subject MIME-Version Content-Type Content-Transfer-Encoding".split()


@pytest.mark.parametrize(("typed", "shown"), [(ENCODED_WORD, ENCODED_WORD), (DECEPTION, "")])
def test_a_senders_name_arrives_as_it_was_typed_or_not_at_all(
    page: Page, owner: User, smtp_server: LoopbackSmtpServer, worker: None, typed: str, shown: str
) -> None:
    sign_in(page, owner)
    page.goto("/backoffice/")
    types_the_sender(page, smtp_server, typed)
    send(None, to="eve@users.test", subject="Hi", text="Text")
    for mail in (arrived(smtp_server, owner.email), arrived(smtp_server, "eve@users.test")):
        assert reading.mailboxes(mail.content, "From") == [(shown, "hello@builder.example")]
        assert "Bcc" not in reading.field_names(mail.content)
    assert reading.field_names(mail.content) == sorted(USUAL)


def types_the_sender(page: Page, server: LoopbackSmtpServer, name: str) -> None:
    open_menu(page, "Communication")
    labelled(page, "Use a custom SMTP server").check()
    fill(page, {"Host": server.host, "Port": str(server.port), "Username": "user", "Password": "secret"})
    fill(page, {"Sender name": name, "Sender address": "hello@builder.example"})
    press(page, "Send test e-mail")
    expect(page.get_by_role("heading", name="The test e-mail was sent")).to_be_visible()
    press(page, "Save")
    expect(page.locator("#smtp-flash").get_by_text("Saved. The server passed its check.")).to_be_visible()


def arrived(server: LoopbackSmtpServer, recipient: str) -> Received:
    """Wait for a mail to `recipient`."""
    until = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < until:
        for mail in server.messages:
            if mail.recipients == (recipient,):
                return mail
        time.sleep(0.1)
    raise AssertionError(f"no mail to {recipient} arrived")
