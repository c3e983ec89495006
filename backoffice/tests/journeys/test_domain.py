"""Journeys in a browser: a white-label asks for its domain, and the owner asks back or refuses."""

import pytest
from playwright.sync_api import Page, expect

from people.models import User
from testing.browser import fill, mistake_at, open_menu, press, screenshot, sign_in
from testing.domain_request import DOMAIN, asks_for_a_domain, newest_mail_to, reads_the_email_and_the_message
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import WhiteLabel

pytestmark = pytest.mark.browser


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


def refuses(page: Page) -> None:
    press(page, "Refuse")
    expect(mistake_at(page, "Reason")).to_have_text("Say why: the white-label reads it.")
    fill(page, {"Reason": "This domain belongs to somebody else."})
    press(page, "Refuse")
    expect(page.get_by_text(f"{DOMAIN} was refused; Acme was told why.")).to_be_visible()


def reads_the_reason(page: Page, alice: User, server: LoopbackSmtpServer) -> None:
    assert "This domain belongs to somebody else." in newest_mail_to(alice.email, server)
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
    assert "Is it yours?" in newest_mail_to(alice.email, server)
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
