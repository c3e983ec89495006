"""What journeys about a domain share: Alice asks for it in a browser, the owner is told, both read mail."""

import re

from playwright.sync_api import Page, expect

from people.models import User
from testing.browser import fill, labelled, mistake_at, open_menu, press, screenshot, sign_in
from testing.mail import link_in
from testing.outbox import send_what_is_due
from testing.servers.smtp import LoopbackSmtpServer

DOMAIN = "acme.example"
NOTE = "We send about 2,000 receipts a day."


def asks_for_a_domain(page: Page, alice: User) -> None:
    sign_in(page, alice)
    page.goto("/whitelabel/")
    open_menu(page, "E-mail")
    fill(page, {"Domain": "gmail.com", "Note": NOTE})
    expect(page.locator(".typed-name")).to_contain_text("gmail.com belongs to a mail provider")
    press(page, "Send request")
    expect(mistake_at(page, "Domain")).not_to_be_empty()
    expect(labelled(page, "Note")).to_have_value(NOTE)
    fill(page, {"Domain": DOMAIN.upper()})
    expect(page.locator(".typed-name")).to_contain_text(f"You ask for {DOMAIN}.")
    press(page, "Send request")
    expect(page.get_by_text(f"The request for {DOMAIN} was sent.")).to_be_visible()
    expect(page.locator(".domain-head")).to_contain_text("Requested")
    expect(page.locator(".record")).to_contain_text("Proves who owns the domain")


def reads_the_email_and_the_message(page: Page, owner: User, server: LoopbackSmtpServer) -> None:
    """The owner finds the request in the inbox, then follows the link of the e-mail to its page."""
    send_what_is_due()
    (mail,) = server.messages
    assert (mail.recipients, mail.parsed["From"]) == ((owner.email,), "Sender <hello@builder.example>")
    sign_in(page, owner)
    page.goto("/backoffice/")
    expect(page.get_by_role("link", name=re.compile("1 unread message"))).to_be_visible()
    open_menu(page, "Messages")
    page.get_by_text(f"Domain request: {DOMAIN}").click()
    expect(page.get_by_role("article")).to_contain_text(NOTE)
    screenshot(page, "domain-message")
    page.goto(link_in(mail.text))
    expect(page.get_by_role("heading", name="Approve")).to_be_visible()


def newest_mail_to(address: str, server: LoopbackSmtpServer) -> str:
    """Let mail leave and return the text of the newest one to this address."""
    send_what_is_due()
    mail = next(mail for mail in reversed(server.messages) if mail.recipients == (address,))
    return mail.text
