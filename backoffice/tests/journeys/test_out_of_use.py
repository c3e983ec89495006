"""Journeys in a browser: what goes out of use keeps its log, and what cannot be undone is never the loudest."""

import pytest
from django.core.exceptions import ValidationError
from playwright.sync_api import Page, expect

from delivery.api import send
from delivery.models import Delivery, Email
from gateway.keys.authentication import Refusal, authenticate
from people.models import User
from testing.browser import open_menu, press, screenshot, sign_in
from testing.factories import make_application, make_domain, make_key_and_secret, make_person
from testing.outbox import send_what_is_due
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import Application, WhiteLabel

pytestmark = pytest.mark.browser
HOME = "203.0.113.7"
RED_BACKGROUNDS = """
    elements => elements.filter((each) => each.checkVisibility()).filter((each) => {
        const context = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
        context.fillStyle = getComputedStyle(each).backgroundColor;
        context.fillRect(0, 0, 1, 1);
        const [red, green, blue, alpha] = context.getImageData(0, 0, 1, 1).data;
        return alpha > 127 && red > 150 && red > 2 * green && red > 2 * blue;
    }).map((each) => each.textContent.trim())
"""


@pytest.fixture
def shop(alice: User, acme: WhiteLabel) -> Application:
    return make_application(alice, acme)


def test_an_application_in_use_is_archived_and_comes_back(
    page: Page, owner: User, alice: User, shop: Application, platform_smtp: LoopbackSmtpServer
) -> None:
    _, secret = make_key_and_secret(shop, alice)
    send(shop, to="dana@customer.example", subject="Your order", text="Thanks")
    sign_in(page, owner)
    page.goto(f"/backoffice/applications/{shop.pk}/change/")
    archives_it(page)
    it_sends_nothing(shop, secret, platform_smtp)
    its_log_is_there(page)
    brings_it_back(page, shop)
    assert isinstance(authenticate(secret, HOME), Refusal)  # its keys stay revoked
    send_what_is_due()
    assert [mail.recipients for mail in platform_smtp.messages] == [("dana@customer.example",)]


def archives_it(page: Page) -> None:
    expect(page.get_by_role("main")).to_contain_text("It cannot be deleted, because it has sent mail")
    expect(page.get_by_role("link", name="Delete")).to_have_count(0)
    screenshot(page, "application-in-use")
    page.get_by_role("link", name="Archive", exact=True).click()
    expect(page.get_by_role("heading", name="Archive Shop?")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text("1 key is revoked: Shop server. That cannot be undone.")
    expect(page.get_by_role("main")).to_contain_text("1 message that waits is on hold")
    screenshot(page, "application-archive")
    press(page, "Archive Shop")
    expect(page.get_by_text("Shop is archived. 1 key revoked. Its log stays.")).to_be_in_viewport()


def it_sends_nothing(shop: Application, secret: str, server: LoopbackSmtpServer) -> None:
    assert isinstance(authenticate(secret, HOME), Refusal)
    shop.refresh_from_db()
    with pytest.raises(ValidationError, match="archived"):
        send(shop, to="eve@customer.example", subject="Too late", text="x")
    send_what_is_due()
    assert server.messages == []


def its_log_is_there(page: Page) -> None:
    open_menu(page, "Delivery log")
    expect(page.get_by_role("link", name="Your order")).to_be_visible()


def brings_it_back(page: Page, shop: Application) -> None:
    page.goto(f"/backoffice/applications/{shop.pk}/change/")
    screenshot(page, "application-archived")
    press(page, "Bring it back")
    expect(page.get_by_text("Shop is in use again. Make new keys for it")).to_be_in_viewport()


def test_sending_again_is_offered_only_where_it_can_work(page: Page, alice: User, shop: Application) -> None:
    send(shop, to="dana@customer.example", subject="Your order", text="Thanks")
    delivery = Delivery.objects.get()
    Delivery.objects.update(status="FAILED", finished_at="2026-01-01T00:00:00Z", due_at=None)
    sign_in(page, alice)
    page.goto(f"/whitelabel/deliveries/{delivery.pk}/change/")
    expect(page.get_by_role("button", name="Send again now")).to_be_visible()
    Email.objects.update(content=None)
    page.reload()
    expect(page.get_by_role("button", name="Send again now")).to_have_count(0)
    expect(page.get_by_role("main")).to_contain_text("It cannot be sent again: its content was deleted.")
    screenshot(page, "delivery-content-gone")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_page_shouts_to_delete(page: Page, scheme: str, owner: User, shop: Application, acme: WhiteLabel) -> None:
    domain, empty = make_domain(acme), make_application(make_person("eve@acme.test"), name="Never used")
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    sign_in(page, owner)
    for address in (
        f"applications/{empty.pk}/change/",
        f"white-labels/{acme.pk}/change/",
        f"people/{empty.owner_id}/change/",
        f"domains/{domain.pk}/change/",
    ):
        page.goto(f"/backoffice/{address}")
        assert page.locator("a, button, summary").evaluate_all(RED_BACKGROUNDS) == [], address
