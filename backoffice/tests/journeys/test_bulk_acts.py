"""Journeys in a browser, with real workers: an act on thousands of messages of the log, how far it is, and its stop."""

import signal
import time
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from backoffice.celery import app
from delivery.api import send
from delivery.models import BulkAct, Delivery, Email
from people.models import User
from testing import factories
from testing.browser import press, screenshot, sign_in
from testing.processes import WORKER, ProcessFactory, wait_until
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import Application, WhiteLabel

pytestmark = [pytest.mark.browser, pytest.mark.usefixtures("valkey")]
LIST = "/whitelabel/deliveries/"
MANY, WAIT_MILLISECONDS, WAIT_SECONDS = 3_000, 60_000, 60


@pytest.fixture
def shop(alice: User, acme: WhiteLabel) -> Application:
    return factories.make_application(alice, acme)


@pytest.fixture
def log(page: Page, alice: User, shop: Application) -> Page:
    sign_in(page, alice)
    return page


def make_mail(shop: Application, count: int, status: str) -> None:
    """Make as many messages with one recipient each, due in a month."""
    emails = Email.objects.bulk_create(
        Email(application=shop, white_label=shop.white_label, message_id=f"<{n}@x.test>", subject="News", content=b"x")
        for n in range(count)
    )
    month = timezone.now() + timedelta(days=30)
    common = {"recipient": "eve@users.test", "server_key": "platform", "tenant": shop.white_label_id}
    Delivery.objects.bulk_create(Delivery(email=email, status=status, due_at=month, **common) for email in emails)


def choose_all(page: Page, act: str) -> None:
    """Choose all that the list shows, on its other pages too, and an act; it is asked for first."""
    page.locator("#action-toggle").check()
    page.get_by_role("link", name="Select all").click()
    page.locator("#changelist-actions select").select_option(label=act)
    press(page, "Run")


def test_a_worker_cancels_all_that_the_filter_leaves(log: Page, shop: Application, worker: None) -> None:
    make_mail(shop, MANY, "DEFERRED")
    make_mail(shop, 2, "QUEUED")
    log.goto(f"{LIST}?status__exact=DEFERRED")
    choose_all(log, "Cancel")
    expect(log.get_by_role("heading", name="Cancel 3,000 messages?")).to_be_visible()
    assert not BulkAct.objects.exists()
    screenshot(log, "bulk-asked")
    press(log, "Cancel them")
    bar, status = log.get_by_role("progressbar", name="Messages looked at"), log.locator("#bulk [role=status]")
    expect(bar).to_have_attribute("max", str(MANY))
    expect(log.get_by_role("heading", name="Done")).to_be_visible(timeout=WAIT_MILLISECONDS)
    expect(status).to_contain_text("3,000 of 3,000 messages looked at, 3,000 cancelled.")
    assert Delivery.objects.filter(status="CANCELLED").count() == MANY
    assert Delivery.objects.filter(status="QUEUED").count() == 2
    screenshot(log, "bulk-done")


def test_it_is_stopped_and_what_was_done_stays_though_its_worker_died(
    log: Page, shop: Application, process_factory: ProcessFactory
) -> None:
    make_mail(shop, MANY * 2, "DEFERRED")
    log.goto(LIST)
    choose_all(log, "Cancel")
    press(log, "Cancel them")
    expect(log.get_by_role("heading", name="Waiting for a worker")).to_be_visible()
    first = process_factory(WORKER)
    wait_until(lambda: BulkAct.objects.filter(seen__gt=0).exists(), WAIT_SECONDS, lambda: first.said)
    first.send(signal.SIGKILL)
    expect(log.get_by_role("heading", name="Under way")).to_be_visible()
    screenshot(log, "bulk-under-way")
    stop_by_keyboard(log)
    expect(log.get_by_role("heading", name="Stopping…")).to_be_visible()
    BulkAct.objects.update(leased_until=timezone.now() - timedelta(seconds=1))
    process_factory(WORKER)
    app.send_task("backoffice.tasks.run_bulk_acts")  # as the beat does
    expect(log.get_by_role("heading", name="Stopped by alice@acme.test")).to_be_visible(timeout=WAIT_MILLISECONDS)
    done = Delivery.objects.filter(status="CANCELLED").count()
    assert BulkAct.objects.get().done <= done < MANY * 2
    assert done > 0


def stop_by_keyboard(page: Page) -> None:
    """The page looks again every second, which takes nobody's focus away."""
    stop = page.get_by_role("button", name="Stop", exact=True)
    stop.focus()
    with page.expect_response(lambda response: "/bulk/" in response.url):
        pass
    expect(stop).to_be_focused()
    page.keyboard.press("Enter")


def test_what_is_sent_again_arrives(
    log: Page, shop: Application, platform_smtp: LoopbackSmtpServer, worker: None
) -> None:
    for name in ("dana", "eve", "fay"):
        send(shop, to=f"{name}@users.test", subject="News", text="x")
    Delivery.objects.update(status="FAILED", finished_at=timezone.now(), due_at=None)
    log.goto(LIST)
    log.locator("#action-toggle").check()
    log.locator("#changelist-actions select").select_option(label="Send again now")
    press(log, "Run")
    expect(log.get_by_role("main")).to_contain_text("3")
    until = time.monotonic() + WAIT_SECONDS
    while Delivery.objects.filter(status="SENT").count() < 3 and time.monotonic() < until:
        time.sleep(0.1)
    assert len(platform_smtp.messages) == 3
