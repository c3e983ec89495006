"""In a browser: a domain from which mail leaves and whose records are not in DNS never looks like a proven one."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from people.models import User
from testing.browser import screenshot, sign_in
from testing.factories import make_application, make_domain, make_server, switch_on_platform_smtp
from whitelabel.models import DnsRecord, SendingDomain, WhiteLabel

pytestmark = pytest.mark.browser
UNPROVEN = "Active, not in DNS"


@pytest.fixture
def domain(alice: User, acme: WhiteLabel) -> SendingDomain:
    """One that the owner let be active; DNS shows its proof and not its key."""
    make_application(alice, acme)
    domain = make_domain(acme, "mail.acme.test")
    of_domain = {"sending_domain": domain, "type": "TXT"}
    DnsRecord.objects.create(**of_domain, name="s1._domainkey.mail.acme.test", value="v=DKIM1; p=MII", status="MISSING")
    return domain


def colour_of(label: Locator) -> str:
    return str(label.evaluate("each => getComputedStyle(each).backgroundColor"))


def test_the_owner_sees_it_in_the_list_the_facts_and_the_panel_of_dns(
    page: Page, owner: User, domain: SendingDomain
) -> None:
    sign_in(page, owner)
    page.goto("/backoffice/domains/")
    row = page.get_by_role("row", name=domain.domain)
    expect(row).to_contain_text(UNPROVEN)
    expect(row).to_contain_text("Not all records in DNS")
    screenshot(page, "unproven-list")
    page.goto(f"/backoffice/domains/{domain.pk}/change/")
    expect(page.get_by_role("region", name="Request")).to_contain_text(UNPROVEN)
    expect(page.locator(".caution").filter(has_text=UNPROVEN)).to_contain_text("DNS does not show every record below")
    expect(page.get_by_text("Active", exact=True)).to_have_count(0)
    screenshot(page, "unproven-page")
    page.goto(f"/backoffice/white-labels/{domain.white_label_id}/change/")
    expect(page.get_by_role("region", name="Its domains")).to_contain_text(UNPROVEN)


def test_its_label_has_not_the_colour_of_a_proven_one(page: Page, owner: User, domain: SendingDomain) -> None:
    sign_in(page, owner)
    page.goto("/backoffice/domains/")
    unproven = colour_of(page.get_by_text(UNPROVEN, exact=True))
    DnsRecord.objects.update(status="OK")
    page.reload()
    assert colour_of(page.get_by_text("Active", exact=True)) != unproven


def test_the_white_label_sees_it_on_its_first_page_by_its_mail_and_on_the_domains(
    page: Page, alice: User, domain: SendingDomain
) -> None:
    switch_on_platform_smtp(make_server())
    sign_in(page, alice)
    page.goto("/whitelabel/")
    expect(page.get_by_role("main")).to_contain_text(UNPROVEN)
    page.goto("/whitelabel/email/")
    in_use = page.get_by_role("region", name="In use now")
    expect(in_use).to_contain_text(UNPROVEN)
    expect(in_use).to_contain_text("receivers may take it for forged")
    page.goto(f"/whitelabel/email/domains/{domain.pk}/")
    expect(page.locator(".domain-head")).to_contain_text(UNPROVEN)
    screenshot(page, "unproven-of-white-label")


@pytest.mark.parametrize("who", ["owner", "alice"])
def test_the_search_says_it_too(page: Page, domain: SendingDomain, who: str, request: pytest.FixtureRequest) -> None:
    sign_in(page, request.getfixturevalue(who))
    page.goto("/backoffice/" if who == "owner" else "/whitelabel/")
    page.keyboard.press("Control+k")
    page.keyboard.type("mail.acme")
    hit = page.get_by_role("option", name=domain.domain)
    expect(hit).to_contain_text(re.compile(UNPROVEN, re.IGNORECASE))
