"""Journeys in a browser: answers are where the eye is, and nothing that was typed is lost."""

import re

import pytest
from django.conf import settings
from playwright.sync_api import Dialog, Page, expect

from messages.models import Mailbox
from messages.posting import open_thread
from people.models import User
from testing import factories
from testing.browser import NARROW, fill, labelled, press, screenshot, sign_in
from whitelabel.models import SendingDomain, WhiteLabel

pytestmark = pytest.mark.browser
NOTE = "For the letters of our shop"


@pytest.fixture
def bob(db: None) -> User:
    return factories.make_person("bob@globex.example")


@pytest.fixture
def globex(bob: User) -> WhiteLabel:
    return factories.make_white_label("Globex", bob)


@pytest.fixture
def at_email(page: Page, bob: User, globex: WhiteLabel) -> Page:
    sign_in(page, bob)
    page.goto("/whitelabel/email/")
    return page


def test_a_form_that_comes_back_is_at_its_first_mistake(at_email: Page) -> None:
    fill(at_email, {"Domain": "no domain", "Note": NOTE})
    press(at_email, "Send request")
    summary = at_email.get_by_role("alert")
    expect(summary).to_contain_text("One thing needs your attention")
    expect(labelled(at_email, "Domain")).to_be_focused()
    expect(labelled(at_email, "Domain")).to_be_in_viewport()
    assert summary.evaluate("part => part.parentElement.tagName") == "FORM"
    labelled(at_email, "Note").focus()
    summary.get_by_role("link", name="Domain").click()
    expect(labelled(at_email, "Domain")).to_be_focused()
    screenshot(at_email, "flow-mistakes")


def test_the_smtp_form_that_comes_back_is_at_its_first_mistake(at_email: Page) -> None:
    fill(at_email, {"Host": "localhost", "Port": "2525", "Username": "user", "Password": "secret"})
    press(at_email, "Save")
    expect(at_email.locator("#smtp-form").get_by_role("alert")).to_contain_text("Sender address")
    expect(labelled(at_email, "Sender address")).to_be_focused()
    press(at_email, "Save")
    expect(at_email.get_by_role("alert")).to_have_count(1)


def test_what_was_typed_outlives_the_session(at_email: Page, bob: User) -> None:
    fill(at_email, {"Domain": "mail.globex.example", "Note": NOTE})
    at_email.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    press(at_email, "Send request")
    expect(at_email).to_have_title(re.compile("Sign in"))
    fill(at_email, {"E-mail": bob.email, "Password": factories.PASSWORD})
    press(at_email, "Sign in")
    expect(at_email).to_have_url(re.compile("/whitelabel/email/$"))
    expect(at_email.get_by_text("You had been signed out, so nothing was saved.")).to_be_in_viewport()
    expect(labelled(at_email, "Domain")).to_have_value("mail.globex.example")
    expect(labelled(at_email, "Note")).to_have_value(NOTE)
    screenshot(at_email, "flow-typed-again")
    press(at_email, "Send request")
    expect(at_email.get_by_text("The request for mail.globex.example was sent.")).to_be_visible()
    assert SendingDomain.objects.get().note == NOTE


def test_nobody_leaves_what_is_not_saved_unasked(at_email: Page) -> None:
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    at_email.on("dialog", stay)
    fill(at_email, {"Note": NOTE})
    at_email.get_by_role("link", name="Messages").first.click(no_wait_after=True)
    at_email.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    expect(labelled(at_email, "Note")).to_have_value(NOTE)
    fill(at_email, {"Domain": "mail.globex.example"})
    press(at_email, "Send request")
    expect(at_email.get_by_text("The request for mail.globex.example was sent.")).to_be_visible()
    assert asked == ["beforeunload"]


def test_counts_come_by_themselves_only_while_somebody_looks(at_email: Page, globex: WhiteLabel) -> None:
    badge = at_email.locator("#badge-whitelabel-messages")
    expect(badge).to_be_hidden()
    open_thread(sender=Mailbox.platform(), receiver=globex.mailbox, subject="Hello", body="x")
    hide(at_email, hidden=True)
    with at_email.expect_event("console", timeout=5_000) as said:
        at_email.evaluate(
            "document.addEventListener('htmx:beforeRequest', () => console.log('asked'));"
            "htmx.trigger('#live', 'look-again'); setTimeout(() => console.log('quiet'), 500)"
        )
    assert said.value.text == "quiet"
    hide(at_email, hidden=False)
    expect(badge).to_have_text("1")


def hide(page: Page, *, hidden: bool) -> None:
    page.evaluate(
        "hidden => { Object.defineProperty(document, 'hidden', {value: hidden, configurable: true});"
        " document.dispatchEvent(new Event('visibilitychange')); }",
        hidden,
    )


@pytest.mark.parametrize("width", ["wide", "narrow"])
def test_nothing_to_see_leads_on(at_email: Page, width: str) -> None:
    if width == "narrow":
        at_email.set_viewport_size(NARROW)
    at_email.goto("/whitelabel/messages/1/archive/")
    expect(at_email.get_by_role("heading", name="Nothing to see here")).to_be_visible()
    screenshot(at_email, f"flow-405-{width}")
    at_email.get_by_role("link", name="Go on to its page").click()


def test_of_a_server_all_but_its_password_outlives_the_session(at_email: Page, bob: User) -> None:
    typed = {"Sender address": "shop@globex.example", "Host": "smtp.globex.example", "Port": "2525", "Username": "user"}
    fill(at_email, typed | {"Password": "hush"})
    labelled(at_email, "Encryption").select_option("IMPLICIT_TLS")
    at_email.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    press(at_email, "Save")
    fill(at_email, {"E-mail": bob.email, "Password": factories.PASSWORD})
    press(at_email, "Sign in")
    expect(at_email.get_by_text("You had been signed out, so nothing was saved.")).to_be_in_viewport()
    for label, value in typed.items():
        expect(labelled(at_email, label)).to_have_value(value)
    expect(labelled(at_email, "Encryption")).to_have_value("IMPLICIT_TLS")
    expect(labelled(at_email, "Password")).to_have_value("")
    assert "hush" not in at_email.content()
    assert at_email.evaluate("Object.keys(sessionStorage).length") == 0


def test_nobody_else_is_given_what_was_typed(at_email: Page, globex: WhiteLabel) -> None:
    dora = factories.make_person("dora@globex.example")
    globex.admins.add(dora)
    fill(at_email, {"Domain": "mail.globex.example", "Note": NOTE})
    at_email.context.clear_cookies(name=settings.SESSION_COOKIE_NAME)
    press(at_email, "Send request")
    fill(at_email, {"E-mail": dora.email, "Password": factories.PASSWORD})
    press(at_email, "Sign in")
    expect(at_email).to_have_url(re.compile("/whitelabel/email/$"))
    expect(labelled(at_email, "Note")).to_have_value("")
    assert NOTE not in at_email.content()


def test_what_cannot_be_undone_says_how_much_it_touches(page: Page, owner: User, bob: User, globex: WhiteLabel) -> None:
    for name in ("Shop", "Club"):
        factories.make_application(bob, globex, name)
    domain = factories.make_domain(globex, "mail.globex.example")
    sign_in(page, owner)
    page.goto(f"/backoffice/domains/{domain.pk}/change/")
    page.locator("summary", has_text="Suspend").click()
    expect(page.get_by_text("Mail of 2 applications of Globex leaves from the platform's own sender")).to_be_visible()
    screenshot(page, "flow-suspend")
