"""A journey in a browser: a white-label asks for its domain, the owner answers."""

import re
from typing import NamedTuple

import pytest
from django.conf import LazySettings
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from backoffice.models import User
from delivery.api import send
from testing import factories
from testing.browser import fill, labelled, mistake_at, open_menu, press, readme_image, screenshot, sign_in
from testing.dns import LoopbackDnsServer
from testing.looks import time_passes
from testing.outbox import send_what_is_due
from testing.smtp import LoopbackSmtpServer
from whitelabel import tasks
from whitelabel.models import WhiteLabel

pytestmark = pytest.mark.browser
DOMAIN = "acme.example"


class Typed(NamedTuple):
    kind: str
    name: str
    value: str


DKIM = Typed("TXT", "mail._domainkey", "v=DKIM1; k=rsa; p=MIIBIjANBgkq")
BOUNCES = Typed("CNAME", "bounces", "return.provider.example")


@pytest.fixture
def platform_smtp(
    smtp_server: LoopbackSmtpServer, settings: LazySettings, live_server: LiveServer
) -> LoopbackSmtpServer:
    """The platform's server, switched on; mail goes to the outbox, and its links lead to the site under test."""
    settings.EMAIL_BACKEND = "delivery.backend.OutboxBackend"
    settings.SITE_URL = live_server.url
    row = factories.make_server(secret="secret", sender_address="hello@builder.example", **smtp_server.fields)
    factories.switch_on_platform_smtp(row)
    return smtp_server


def test_a_domain_is_asked_for_approved_published_and_sent_from(
    page: Page,
    owner: User,
    alice: User,
    acme: WhiteLabel,
    platform_smtp: LoopbackSmtpServer,
    dns_server: LoopbackDnsServer,
) -> None:
    asks_for_a_domain(page, alice)
    reads_the_email_and_the_message(page, owner, platform_smtp)
    approves_with_records(page)
    finds_the_answer_and_publishes_it(page, alice, platform_smtp, dns_server)
    sees_it_become_active(page)
    sends_from_the_domain(alice, acme, platform_smtp)


def test_a_question_is_asked_in_one_place_and_answered_in_another(
    page: Page, owner: User, alice: User, acme: WhiteLabel, platform_smtp: LoopbackSmtpServer
) -> None:
    asks_for_a_domain(page, alice)
    reads_the_email_and_the_message(page, owner, platform_smtp)
    asks_back(page)
    answers_in_the_thread(page, alice, platform_smtp)
    finds_the_answer_in_the_queue(page, owner)


def test_a_request_is_refused_with_a_reason(
    page: Page, owner: User, alice: User, acme: WhiteLabel, platform_smtp: LoopbackSmtpServer
) -> None:
    asks_for_a_domain(page, alice)
    reads_the_email_and_the_message(page, owner, platform_smtp)
    refuses(page)
    reads_the_reason(page, alice, platform_smtp)


def asks_for_a_domain(page: Page, alice: User) -> None:
    sign_in(page, alice)
    page.goto("/whitelabel/")
    open_menu(page, "E-mail")
    fill(page, {"Domain": "gmail.com", "Note": "We send about 2,000 receipts a day."})
    expect(page.locator(".typed-name")).to_contain_text("gmail.com belongs to a mail provider")
    press(page, "Send request")
    expect(mistake_at(page, "Domain")).not_to_be_empty()
    expect(labelled(page, "Note")).to_have_value("We send about 2,000 receipts a day.")
    fill(page, {"Domain": DOMAIN.upper()})
    expect(page.locator(".typed-name")).to_contain_text(f"You ask for {DOMAIN}.")
    press(page, "Send request")
    expect(page.get_by_text(f"The request for {DOMAIN} was sent.")).to_be_visible()
    expect(page.locator(".domain-head")).to_contain_text("Requested")
    expect(page.locator(".record")).to_contain_text("proves who owns the domain")


def reads_the_email_and_the_message(page: Page, owner: User, server: LoopbackSmtpServer) -> None:
    send_what_is_due()
    (mail,) = server.messages
    assert (mail.recipients, mail.parsed["From"]) == ((owner.email,), "Sender <hello@builder.example>")
    sign_in(page, owner)
    page.goto("/backoffice/")
    expect(page.get_by_role("link", name=re.compile("1 unread message"))).to_be_visible()
    open_menu(page, "Messages")
    page.get_by_text(f"Domain request: {DOMAIN}").click()
    expect(page.get_by_role("article")).to_contain_text("We send about 2,000 receipts a day.")
    screenshot(page, "domain-message")
    page.goto(link_in(str(mail.parsed.get_content())))
    expect(page.get_by_role("heading", name="Approve")).to_be_visible()
    readme_image(page, "domain-request")


def approves_with_records(page: Page) -> None:
    press(page, "Add a row")
    types_record(page, row=0, record=DKIM)
    types_record(page, row=1, record=BOUNCES)
    screenshot(page, "domain-approve")
    press(page, "Approve and send the records")
    expect(page.get_by_role("heading", name="DNS records")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(f"mail._domainkey.{DOMAIN}")


def types_record(page: Page, *, row: int, record: Typed) -> None:
    fields = page.get_by_role("group", name="DNS record").nth(row)
    labelled(fields, "Type").select_option(record.kind)
    fill(fields, {"Name": record.name, "Value": record.value})


def finds_the_answer_and_publishes_it(
    page: Page, alice: User, server: LoopbackSmtpServer, dns_server: LoopbackDnsServer
) -> None:
    sign_in(page, alice)
    page.goto(link_in(answer_to(alice, server)))
    readme_image(page, "domain-records")
    records = page.locator(".record").all()
    assert len(records) == 3
    for record in records:
        kind = record.locator(".record-head strong").inner_text()
        name, value = (copied(page, record, what) for what in ("the name", "the value"))
        dns_server.add(name, kind, f'"{value}"' if kind == "TXT" else f"{value}.")
    assert f"mail._domainkey.{DOMAIN}" in copied(page, records[1], "the name")


def copied(page: Page, record: Locator, what: str) -> str:
    """Press a copy button and return what it put on the clipboard."""
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    record.get_by_role("button", name=f"Copy {what}").click()
    expect(record.get_by_role("button", name=f"Copied {what}")).to_be_visible()
    return str(page.evaluate("navigator.clipboard.readText()"))


def sees_it_become_active(page: Page) -> None:
    press(page, "Check now")
    expect(page.locator(".record").first).to_contain_text("Found, second check in about a minute")
    screenshot(page, "domain-seen-once")
    time_passes()
    tasks.check_due_domains()
    page.reload()
    expect(page.locator(".domain-head")).to_contain_text("Active")
    screenshot(page, "domain-active")
    open_menu(page, "E-mail")
    expect(page.locator(".asked")).to_contain_text("Active")
    expect(page.get_by_role("heading", name="In use now").locator("..")).to_contain_text(f"It comes from {DOMAIN}")


def sends_from_the_domain(alice: User, acme: WhiteLabel, server: LoopbackSmtpServer) -> None:
    shop = factories.make_application(alice, acme)
    send(shop, to="dana@customer.example", subject="Receipt", text="Thank you.", sender_address=f"shop@{DOMAIN}")
    send_what_is_due()
    mail = next(mail for mail in server.messages if mail.recipients == ("dana@customer.example",))
    assert (mail.sender, mail.parsed["From"]) == (f"shop@{DOMAIN}", f"shop@{DOMAIN}")


def refuses(page: Page) -> None:
    press(page, "Refuse")
    expect(mistake_at(page, "Reason")).to_have_text("Say why: the white-label reads it.")
    fill(page, {"Reason": "This domain belongs to somebody else."})
    press(page, "Refuse")
    expect(page.get_by_text(f"{DOMAIN} was refused; Acme was told why.")).to_be_visible()


def reads_the_reason(page: Page, alice: User, server: LoopbackSmtpServer) -> None:
    assert "This domain belongs to somebody else." in answer_to(alice, server)
    sign_in(page, alice)
    page.goto("/whitelabel/email/")
    page.locator(".asked").get_by_role("link", name=DOMAIN).click()
    expect(page.locator(".quote")).to_contain_text("This domain belongs to somebody else.")
    expect(page.get_by_role("article").last).to_contain_text("This domain belongs to somebody else.")
    screenshot(page, "domain-refused")


def asks_back(page: Page) -> None:
    fill(page, {"Write a message": "Is it yours?"})
    press(page, "Send message")
    expect(page.get_by_role("main")).to_contain_text("waits for the answer of Acme")


def answers_in_the_thread(page: Page, alice: User, server: LoopbackSmtpServer) -> None:
    assert "Is it yours?" in answer_to(alice, server)
    sign_in(page, alice)
    page.goto("/whitelabel/messages/")
    page.get_by_text(f"Domain request: {DOMAIN}").click()
    expect(page.get_by_role("complementary", name=DOMAIN)).to_contain_text("waits for your answer")
    screenshot(page, "domain-thread")
    fill(page, {"Message": "Yes, since 2009."})
    press(page, "Send reply")
    expect(page.get_by_role("complementary", name=DOMAIN)).to_contain_text("the platform has to answer it")


def finds_the_answer_in_the_queue(page: Page, owner: User) -> None:
    sign_in(page, owner)
    page.goto("/backoffice/")
    open_menu(page, "Domain requests")
    expect(page.get_by_role("row", name=DOMAIN)).to_contain_text("You")
    screenshot(page, "domain-queue")
    page.get_by_role("link", name=DOMAIN).click()
    expect(page.get_by_role("article").last).to_contain_text("Yes, since 2009.")


def answer_to(alice: User, server: LoopbackSmtpServer) -> str:
    """Return the text of the newest e-mail to Alice."""
    send_what_is_due()
    mail = next(mail for mail in reversed(server.messages) if mail.recipients == (alice.email,))
    return str(mail.parsed.get_content())


def link_in(text: str) -> str:
    return text.split()[-1]
