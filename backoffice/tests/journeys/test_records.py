"""Journeys in a browser: the owner keeps pasted records as a set; somebody without an account has no script either."""

from collections.abc import Iterator

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect
from pytest_django.live_server_helper import LiveServer

from people.models import User
from testing.browser import labelled, press, screenshot, sign_in
from testing.servers.dns import LoopbackDnsServer
from whitelabel.domains import lifecycle
from whitelabel.models import RecordsLink, SendingDomain, WhiteLabel

pytestmark = pytest.mark.browser
DOMAIN = "acme.example"
KEY = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
PASTE = (
    f"Type\tHost\tValue\nTXT\ts1._domainkey.{DOMAIN}.{DOMAIN}\t{KEY}\nCNAME\tbounce\treturn.provider.example.\nCopy all"
)


@pytest.fixture
def requested(acme: WhiteLabel, alice: User, owner: User, live_server: LiveServer) -> SendingDomain:
    return lifecycle.request_domain(white_label=acme, person=alice, typed=DOMAIN)


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
    press(page, "Save as DNS template")
    labelled(page, "Name").fill("Provider")
    press(page, "Save template")
    expect(page.get_by_text("The DNS template “Provider” was saved.")).to_be_visible()
    page.goto(f"/backoffice/domains/{requested.pk}/change/")
    press(page, "Show its records")
    expect(page.get_by_role("heading", name="Records of the DNS template “Provider”")).to_be_visible()
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
