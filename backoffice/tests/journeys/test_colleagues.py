"""A journey in a browser: Dora is invited, chooses a password, accepts, is suspended and is out; an owner looks on."""

import re

import pytest
from django.conf import LazySettings
from django.core import mail
from playwright.sync_api import Page, expect

from people.models import User
from testing.browser import NARROW, fill, labelled, open_menu, press, screenshot, sign_in
from testing.factories import make_application, make_key, make_person
from whitelabel.models import WhiteLabel

pytestmark = pytest.mark.browser
PASSWORD = "correct horse 99"


@pytest.fixture(autouse=True)
def _links_lead_here(settings: LazySettings, live_server: object) -> None:
    settings.SITE_URL, settings.API_URL = str(live_server), "https://builder.example/api"


def test_dora_is_invited_accepts_and_is_suspended(page: Page, alice: User, acme: WhiteLabel) -> None:
    sign_in(page, alice)
    page.goto("/whitelabel/")
    alice_invites_dora(page)
    page.context.clear_cookies()
    dora_chooses_a_password_and_accepts(page)
    here = page.context.storage_state()
    sign_in(page, alice)
    alice_suspends_dora(page)
    page.context.clear_cookies()
    page.context.add_cookies(here["cookies"])  # type: ignore[arg-type]
    page.goto("/whitelabel/")
    expect(page.get_by_text("it was taken away or suspended")).to_be_visible()
    page.get_by_role("link", name="See where you have a role").click()
    expect(page.get_by_text("You are suspended in Acme")).to_be_visible()
    screenshot(page, "people-suspended")


def alice_invites_dora(page: Page) -> None:
    open_menu(page, "People")
    fill(page, {"Name": "Dora", "E-mail address": "dora@elsewhere.test"})
    labelled(page, "Role").select_option("Admin")
    press(page, "Send the invitation")
    expect(page.get_by_text("An invitation is on its way to dora@elsewhere.test")).to_be_visible()
    expect(page.get_by_role("heading", name="Open invitations")).to_be_visible()


def dora_chooses_a_password_and_accepts(page: Page) -> None:
    link = re.search(r"(http://\S+/reset/key/\S+)", str(mail.outbox[0].body))
    assert link is not None
    page.goto(link.group(1))
    page.locator("input[type=password]").nth(0).fill(PASSWORD)
    page.locator("input[type=password]").nth(1).fill(PASSWORD)
    page.locator("main, body").first.locator("button[type=submit]").last.click()
    page.get_by_role("link", name="Sign in", exact=True).click()
    page.locator("input[name=login]").fill("dora@elsewhere.test")
    page.locator("input[name=password]").fill(PASSWORD)
    page.locator("button[type=submit]").first.click()
    expect(page.get_by_text("alice@acme.test invites you, as admin.")).to_be_visible()
    screenshot(page, "people-invited")
    press(page, "Accept the invitation to Acme")
    expect(page.get_by_text("You work in Acme now, as admin.")).to_be_visible()


def alice_suspends_dora(page: Page) -> None:
    page.goto("/whitelabel/people/")
    page.get_by_role("link", name="Suspend dora@elsewhere.test").click()
    expect(page.get_by_text("They are out at their next click")).to_be_visible()
    press(page, "Suspend")
    expect(page.get_by_text("dora@elsewhere.test is suspended.")).to_be_visible()


def test_an_owner_looks_and_ends_it(page: Page, owner: User, alice: User, acme: WhiteLabel) -> None:
    make_application(alice, acme, "Shop of Acme")
    sign_in(page, owner)
    page.goto(f"/backoffice/white-labels/{acme.pk}/change/")
    press(page, "Look as their admin")
    expect(page.get_by_role("status").filter(has_text="You look at Acme as its admins see it")).to_be_visible()
    open_menu(page, "Applications")
    expect(page.get_by_text("Shop of Acme")).to_be_visible()
    expect(page.get_by_text("You look at Acme")).to_be_visible()
    press(page, "End the look")
    expect(page.get_by_text("Your look at Acme has ended.")).to_be_visible()
    page.goto("/whitelabel/")
    expect(page.get_by_text("This console is not yours")).to_be_visible()


LONG = "Wolfeschlegelsteinhausenbergerdorff" * 2


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_long_names_fit(page: Page, scheme: str, owner: User, alice: User, acme: WhiteLabel) -> None:
    bob = User.objects.get(email="bob@acme.test")
    User.objects.filter(pk=bob.pk).update(name=LONG)
    vera = make_person(f"{LONG[:24].lower()}@acme.test")
    acme.viewers.add(vera)
    WhiteLabel.objects.filter(pk=acme.pk).update(name=f"Acme {LONG}")
    make_key(make_application(alice, acme, LONG), bob, name=LONG)
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    sign_in(page, alice)
    page.goto("/whitelabel/people/")
    fill(page, {"Name": LONG, "E-mail address": f"{LONG[:60].lower()}@x.test"})
    press(page, "Send the invitation")
    page.goto("/whitelabel/people/")
    fits(page, f"people-{scheme}")
    page.goto(f"/whitelabel/people/{bob.pk}/suspend/")
    fits(page, f"people-suspend-{scheme}")
    press(page, "Suspend")
    fits(page, f"people-after-{scheme}")
    page.goto("/accounts/white-labels/")
    fits(page, f"people-own-{scheme}")
    sign_in(page, owner)
    page.goto(f"/backoffice/white-labels/{acme.pk}/change/")
    fits(page, f"people-owner-{scheme}")
    press(page, "Look as their admin")
    fits(page, f"people-look-{scheme}")
    page.goto(f"/backoffice/people/{bob.pk}/change/")
    fits(page, f"people-person-{scheme}")


def test_panels_are_equally_wide_and_a_refusal_of_the_form_is_in_view(
    page: Page, alice: User, acme: WhiteLabel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("backoffice.whitelabel_console.people.INVITATIONS_A_DAY", 0)
    sign_in(page, alice)
    page.goto("/whitelabel/people/")
    widths = page.locator(".panel").evaluate_all("panels => panels.map(each => each.offsetWidth)")
    assert len(set(widths)) == 1
    page.set_viewport_size(NARROW)
    page.get_by_role("link", name="Invite somebody").click()
    fill(page, {"Name": "Dora", "E-mail address": "dora@elsewhere.test"})
    press(page, "Send the invitation")
    expect(page.get_by_role("alert").filter(has_text="invitations were sent from here")).to_be_in_viewport()


def fits(page: Page, name: str) -> None:
    """Keep what it looks like, wide and on a phone, where nothing may stick out at the side."""
    full(page, f"{name}-wide")
    page.set_viewport_size(NARROW)
    full(page, f"{name}-narrow")
    assert page.evaluate("document.documentElement.scrollWidth") == NARROW["width"]
    page.set_viewport_size({"width": 1440, "height": 900})


def full(page: Page, name: str) -> None:
    height = page.evaluate("document.documentElement.scrollHeight")
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": size["width"], "height": max(height, size["height"])})
    screenshot(page, name)
    page.set_viewport_size(size)
