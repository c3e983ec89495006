"""Journeys in a browser: the owner pastes records and approves; somebody without an account publishes them."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from backoffice import records_page
from backoffice.models import User
from testing.browser import NARROW, labelled, press, screenshot, sign_in
from testing.dns import LoopbackDnsServer
from whitelabel import checking, requests
from whitelabel.models import RecordsLink, SendingDomain, WhiteLabel
from whitelabel.models.domain import Record

pytestmark = pytest.mark.browser
DOMAIN = "acme.example"
KEY = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
PASTE = (
    f"Type\tHost\tValue\nTXT\ts1._domainkey.{DOMAIN}.{DOMAIN}\t{KEY}\nCNAME\tbounce\treturn.provider.example.\nCopy all"
)


@pytest.fixture
def requested(acme: WhiteLabel, alice: User, owner: User, live_server: LiveServer) -> SendingDomain:
    return requests.request_domain(white_label=acme, person=alice, typed=DOMAIN)


@pytest.fixture
def visitor(chromium: Browser, live_server: LiveServer) -> Iterator[Page]:
    """The page of somebody who has never been here, on a phone."""
    context = chromium.new_context(base_url=live_server.url, viewport=NARROW, color_scheme="dark")
    context.grant_permissions(["clipboard-read", "clipboard-write"])
    complaints: list[str] = []
    page = context.new_page()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.extend([message.text] * ("Security Policy" in message.text)))
    yield page
    assert context.cookies() == []
    context.close()
    assert complaints == []


@pytest.fixture
def page_without_scripts(chromium: Browser, live_server: LiveServer) -> Iterator[Page]:
    context = chromium.new_context(base_url=live_server.url, java_script_enabled=False)
    yield context.new_page()
    context.close()


def pastes(page: Page, requested: SendingDomain) -> None:
    page.goto(f"/backoffice/domains/{requested.pk}/change/")
    labelled(page, "What the provider shows").fill(PASTE)
    press(page, "Read the records")
    expect(page.get_by_role("heading", name="2 records read")).to_be_visible()


def test_the_owner_pastes_records_keeps_them_as_a_set_and_approves(
    page: Page, requested: SendingDomain, owner: User
) -> None:
    sign_in(page, owner)
    pastes(page, requested)
    expect(page.get_by_text("The name contained the domain twice")).to_be_visible()
    page.get_by_text("Not taken: 1 part").click()
    expect(page.get_by_text("Copy all", exact=True)).to_be_visible()
    screenshot(page, "records-pasted")
    press(page, "Keep these rows as a set")
    labelled(page, "Name").fill("Provider")
    press(page, "Keep the set")
    expect(page.get_by_text("The set “Provider” was kept.")).to_be_visible()
    page.goto(f"/backoffice/domains/{requested.pk}/change/")
    press(page, "Show its records")
    expect(page.get_by_role("heading", name="Records of the set “Provider”")).to_be_visible()
    press(page, "Approve and send the records")
    expect(page.get_by_text(f"{DOMAIN} is approved; Acme was sent the records.")).to_be_visible()
    names = set(requested.records.values_list("name", flat=True))
    assert names == {requested.ownership_record.name, f"s1._domainkey.{DOMAIN}", f"bounce.{DOMAIN}"}


def test_the_page_behind_a_link_needs_no_script(
    page_without_scripts: Page, requested: SendingDomain, alice: User, dns_server: LoopbackDnsServer
) -> None:
    requested.records.create(type="TXT", name=DOMAIN, value="v=x")
    SendingDomain.objects.update(state=SendingDomain.State.APPROVED)
    dns_server.add(DOMAIN, "TXT", '"v=x"')
    page_without_scripts.goto(reverse("dns_records", args=[RecordsLink.make(requested, by=alice)[1]]))
    expect(page_without_scripts.get_by_text("Nobody looked yet.")).to_be_visible()
    press(page_without_scripts, "Check now")
    expect(page_without_scripts.get_by_text("Last look:")).to_be_visible()


def test_somebody_without_an_account_publishes_the_records(
    page: Page,
    visitor: Page,
    requested: SendingDomain,
    alice: User,
    owner: User,
    dns_server: LoopbackDnsServer,
    live_server: LiveServer,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings.SITE_URL = live_server.url
    monkeypatch.setattr(records_page, "REFRESH_SECONDS", 1)
    requests.approve(requested, person=owner, records=[Record("TXT", f"s1._domainkey.{DOMAIN}", KEY)])
    SendingDomain.objects.update(facts={"name_servers": ["ns01.domaincontrol.com"]})
    visitor.goto(makes_a_link(page, requested, alice))
    copies_a_value(visitor)
    dns_server.add(f"s1._domainkey.{DOMAIN}", "TXT", f'"{KEY}"')
    dns_server.add(requested.ownership_record.name, "TXT", f'"{requested.ownership_token}"')
    looks_twice(requested)
    expect(visitor.get_by_text("There is nothing more to do.")).to_be_visible()
    expect(of_the_key(visitor).locator("[id^=state]")).to_have_text("Found")
    screenshot(visitor, "records-link-found")
    page.reload()
    expect(page.get_by_text("Last opened")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Revoke")).click()
    visitor.reload()
    expect(visitor.get_by_role("heading", name="This link opens nothing")).to_be_visible()


def makes_a_link(page: Page, domain: SendingDomain, alice: User) -> str:
    sign_in(page, alice)
    page.goto(f"/whitelabel/email/domains/{domain.pk}/links/")
    press(page, "Make a link to copy")
    link = page.locator(".copy-line code").inner_text()
    page.goto(f"/whitelabel/email/domains/{domain.pk}/links/")
    expect(page.get_by_text("Never opened.")).to_be_visible()
    return link


def looks_twice(domain: SendingDomain) -> None:
    """Look at DNS as the worker does, and once more a minute later."""
    domain.refresh_from_db()
    checking.check(domain)
    with time_machine.travel(timezone.now() + timedelta(seconds=61)):
        checking.check(domain)


def of_the_key(visitor: Page) -> Locator:
    """Return the part of the page that is about the record with the key."""
    return visitor.get_by_role("listitem").filter(has_text=KEY)


def copies_a_value(visitor: Page) -> None:
    expect(visitor.get_by_role("heading", name=f"The DNS of {DOMAIN} is at GoDaddy")).to_be_visible()
    expect(visitor.get_by_text(re.compile(r"^0 of \d records? found\."))).to_be_visible()
    of_the_key(visitor).get_by_role("button", name="Copy the value").click()
    expect(visitor.get_by_text("Copied")).to_be_visible()
    assert visitor.evaluate("navigator.clipboard.readText()") == KEY
    screenshot(visitor, "records-link")
