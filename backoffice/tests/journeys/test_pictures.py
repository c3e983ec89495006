"""The pictures of figures in a browser: drawn from their tables, within the policy, in both themes."""

import pytest
from playwright.sync_api import Page, expect

from delivery.api import send
from delivery.figures.recount import recount
from delivery.models import Delivery
from people.models import User
from testing.browser import sign_in
from testing.factories import make_application
from whitelabel.models import WhiteLabel

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
DRAWN = """
    () => [...document.querySelectorAll("[data-chart] canvas")].map((canvas) => {
        const pixels = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data;
        return new Set(new Uint32Array(pixels.buffer)).size > 5;
    })
"""


@pytest.fixture
def owners(page: Page, owner: User, alice: User, acme: WhiteLabel) -> Page:
    """The dashboard of somebody whose platform has sent a mail and failed to send another."""
    shop = make_application(alice, acme)
    for status in ("SENT", "FAILED"):
        email = send(shop, to="eve@users.test", subject=status.title(), text="x", html="<p>Hello Dana</p>")
        Delivery.objects.filter(email=email).update(status=status, finished_at=email.accepted_at, due_at=None)
    recount()
    sign_in(page, owner)
    page.goto("/backoffice/")
    return page


def test_both_pictures_are_drawn_and_again_in_the_other_theme(owners: Page) -> None:
    assert owners.evaluate(DRAWN) == [True, True]
    owners.evaluate("document.documentElement.classList.add('dark')")
    owners.wait_for_timeout(200)
    assert owners.evaluate(DRAWN) == [True, True]


def test_a_picture_s_table_opens_by_keyboard_and_its_figure_leads_to_the_mail(owners: Page) -> None:
    owners.get_by_text("24 hours as a table").first.focus()
    owners.keyboard.press("Enter")
    failed = owners.get_by_role("table", name="What became of mail in the last 24 hours").get_by_role("link", name="1")
    failed.last.click()
    expect(owners.locator("#result_list tbody tr")).to_have_count(1)
    expect(owners.get_by_text("Failed: accepted from")).to_be_visible()


def test_the_html_of_a_message_is_shown_in_its_frame(owners: Page) -> None:
    owners.goto(f"/backoffice/deliveries/{Delivery.objects.get(status='SENT').pk}/change/")
    expect(owners.frame_locator(".mail-frame").get_by_text("Hello Dana")).to_be_visible()
