"""Journeys in a browser: the E-mail page shows the option in use first, and what is left to do until all is green."""

import pytest
from playwright.sync_api import Page, expect

from delivery.api import send
from people.models import User
from smtp_settings.choices import Policy
from testing import factories
from testing.browser import NARROW, WIDE, fill, labelled, press, screenshot, sign_in
from testing.outbox import send_what_is_due
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import SendingDomain, WhiteLabel

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("valkey")]
EMAIL = "/whitelabel/email/"
PLATFORM, OWN = "Use the platform's SMTP", "Use your own SMTP provider"


@pytest.fixture
def email(page: Page, alice: User, acme: WhiteLabel) -> Page:
    sign_in(page, alice)
    page.goto(EMAIL)
    return page


def test_whoever_has_not_chosen_sees_both_options_side_by_side(email: Page) -> None:
    boxes = [email.get_by_role("region", name=name).bounding_box() for name in (PLATFORM, OWN)]
    assert all(boxes)
    assert boxes[0]["y"] == boxes[1]["y"]  # type: ignore[index]
    expect(email.get_by_role("heading", name="Your checklist")).to_have_count(0)


def test_the_option_in_use_is_first_and_the_other_is_folded(email: Page, acme: WhiteLabel) -> None:
    factories.give_own_smtp(acme, factories.make_server(Policy.WHITE_LABEL, scope_key=acme.scope_key))
    email.reload()
    other = email.locator("details.option")
    assert is_above(email, "#own-title", "#platform-title")
    expect(labelled(email, "Domain")).not_to_be_visible()
    expect(email.get_by_role("region", name=OWN)).to_contain_text("In use")
    screenshot(email, "email-own-first")
    other.locator("summary").focus()
    email.keyboard.press("Enter")
    expect(labelled(email, "Domain")).to_be_visible()
    fill(email, {"Domain": "no domain"})
    press(email, "Send request")
    expect(labelled(email, "Domain")).to_be_focused()  # what is refused is not folded away


def is_above(page: Page, one: str, other: str) -> bool:
    first, second = page.locator(one).bounding_box(), page.locator(other).bounding_box()
    assert first
    assert second
    return first["y"] < second["y"]


def test_the_checklist_is_there_until_all_is_green(
    email: Page, alice: User, acme: WhiteLabel, platform_smtp: LoopbackSmtpServer
) -> None:
    fill(email, {"Domain": "mail.acme.test"})
    press(email, "Send request")
    is_seen(email, done=[True, False, False, False])
    screenshot(email, "email-checklist")
    domain = SendingDomain.objects.get()
    domain.records.update(status="OK")
    is_seen(email, done=[True, True, False, False])
    SendingDomain.objects.update(state=SendingDomain.State.ACTIVE)
    is_seen(email, done=[True, True, True, False])
    send(factories.make_application(alice, acme), to=alice.email, subject="Test", text="x")
    send_what_is_due()
    email.goto(EMAIL)
    expect(email.get_by_role("heading", name="In use now")).to_be_visible()
    expect(email.get_by_role("heading", name="Your checklist")).to_have_count(0)
    assert platform_smtp.messages[-1].recipients == (alice.email,)
    screenshot(email, "email-all-green")


def is_seen(page: Page, *, done: list[bool]) -> None:
    page.goto(EMAIL)
    said = page.locator(".checklist .sr-only").all_text_contents()
    assert [each == ": done" for each in said] == done
    for size in (NARROW, WIDE):
        page.set_viewport_size(size)
        assert page.evaluate("document.documentElement.scrollWidth") == size["width"]
