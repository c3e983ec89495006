"""The whole journey of a domain: asked for, published, sent from; then its records vanish and come back."""

from collections.abc import Iterable
from datetime import timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from backoffice.public import records_page
from delivery.api import send
from people.models import User
from testing import factories
from testing.browser import copied, fill, labelled, open_menu, press, readme_image, screenshot, sign_in
from testing.dns_time import time_passes
from testing.domain_request import DOMAIN, asks_for_a_domain, newest_mail_to, reads_the_email_and_the_message
from testing.mail import link_in
from testing.outbox import send_what_is_due
from testing.servers.dns import LoopbackDnsServer
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel import tasks
from whitelabel.models import SendingDomain, WhiteLabel

pytestmark = pytest.mark.browser
KEY = "v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
KEY_NAME = f"s1._domainkey.{DOMAIN}"
SPF_OF_TODAY = "v=spf1 include:spf.office.example ~all"
SPF_MERGED = "v=spf1 include:spf.office.example include:spf.provider.example ~all"
PASTE = f"""\
Type\tHost\tValue
TXT\t{KEY_NAME}.{DOMAIN}\t{KEY}
TXT\t@\tv=spf1 include:spf.provider.example ~all
Copy all"""
A_DAY_AND_A_BIT = timedelta(hours=27)  # an active domain is looked at daily, give or take a tenth

Servers = list[LoopbackDnsServer]


@pytest.fixture
def zone(dns_server: LoopbackDnsServer, name_servers: Servers) -> Servers:
    """The domain's own name servers, at GoDaddy; it has mail of its own, and an SPF record for that."""
    hosts = [f"ns{number}.domaincontrol.com" for number in (1, 2)]
    dns_server.add(DOMAIN, "NS", *(f"{host}." for host in hosts))
    for host, server in zip(hosts, name_servers, strict=True):
        dns_server.add(host, "A", server.host)
        server.add(DOMAIN, "TXT", f'"{SPF_OF_TODAY}"')
        server.add(DOMAIN, "MX", "10 mx.office.example.")
    for name in ("spf.office.example", "spf.provider.example"):
        dns_server.add(name, "TXT", '"v=spf1 ip4:192.0.2.0/24 -all"')
    return name_servers


def test_a_domain_lives_from_its_request_until_its_records_are_back(
    page: Page,
    visitor: Page,
    owner: User,
    alice: User,
    acme: WhiteLabel,
    platform_smtp: LoopbackSmtpServer,
    zone: Servers,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(records_page, "REFRESH_SECONDS", 1)
    asks_for_a_domain(page, alice)
    the_beat_looks()
    reads_the_email_and_the_message(page, owner, platform_smtp)
    sees_what_dns_says_today(page)
    pastes_what_the_provider_shows(page)
    looks_at_the_rows_and_approves(page)
    the_beat_looks_twice()
    finds_the_answer_with_the_records(page, alice, platform_smtp)
    visitor.goto(makes_a_link(page))
    opens_the_link(visitor)
    publishes_the_records(visitor, zone)
    sees_them_found(visitor)
    sees_the_domain_active(page, acme)
    sends_from_the_domain(alice, acme, platform_smtp)
    loses_the_records(page, zone)
    says = "DNS does not show these records"
    both_are_told(page, (owner, alice), platform_smtp, state="Records missing, still sending", says=says)
    sends_from_the_domain(alice, acme, platform_smtp)
    publishes_the_records(visitor, zone)
    looks_now_and_the_beat_agrees(page)
    both_are_told(page, (owner, alice), platform_smtp, state="Active", says="DNS shows every record")
    revokes_the_link(page, visitor)


def the_beat_looks(after: timedelta = timedelta(seconds=61)) -> None:
    time_passes(after)
    tasks.check_due_domains()


def the_beat_looks_twice(after: timedelta = timedelta(seconds=61)) -> None:
    """The second look agrees with the first, a minute later, and counts."""
    the_beat_looks(after)
    the_beat_looks()


def sees_what_dns_says_today(page: Page) -> None:
    today = page.get_by_role("region", name="The domain in DNS today")
    expect(today).to_contain_text(SPF_OF_TODAY)
    expect(today).to_contain_text("ns1.domaincontrol.com, ns2.domaincontrol.com")
    readme_image(page, "domain-request")


def pastes_what_the_provider_shows(page: Page) -> None:
    fill(page, {"What the provider shows": PASTE})
    press(page, "Read the records")
    expect(page.get_by_role("heading", name="2 records read")).to_be_visible()
    expect(page.get_by_text("The name contained the domain twice")).to_be_visible()
    expect(page.get_by_text(f"both are sent as one. Now: {SPF_OF_TODAY}")).to_be_visible()
    page.get_by_text("Not taken: 1 part").click()
    expect(page.get_by_text("Copy all", exact=True)).to_be_visible()


def looks_at_the_rows_and_approves(page: Page) -> None:
    """What the paste did not have is typed beside it."""
    rows = page.get_by_role("group", name="DNS record")
    expect(labelled(rows.first, "Name")).to_have_value(KEY_NAME)
    press(page, "Add a row")
    labelled(rows.last, "Type").select_option("CNAME")
    fill(rows.last, {"Name": "bounces", "Value": "return.provider.example"})
    screenshot(page, "domain-approve")
    press(page, "Approve and send the records")
    expect(page.get_by_text(f"{DOMAIN} is approved; Acme was sent the records.")).to_be_visible()
    expect(page.get_by_role("heading", name="DNS records")).to_be_visible()
    expect(page.get_by_role("main")).to_contain_text(KEY_NAME)
    expect(page.get_by_role("main")).to_contain_text(f"bounces.{DOMAIN}")


def finds_the_answer_with_the_records(page: Page, alice: User, server: LoopbackSmtpServer) -> None:
    """They wait for DNS, where another SPF record stands: the page has both in one."""
    mail = newest_mail_to(alice.email, server)
    assert f"Value: {SPF_MERGED}" in mail
    assert "Publish it in place of the SPF record" in mail
    sign_in(page, alice)
    page.goto(link_in(mail))
    expect(page.locator(".domain-head")).to_contain_text("Waiting for DNS")
    expect(page.locator(".record")).to_have_count(4)
    spf = page.locator(".record", has_text="Different")
    expect(spf).to_contain_text(SPF_OF_TODAY)
    readme_image(page, "domain-records")
    assert copied(spf, "the value") == SPF_MERGED
    assert copied(page.locator(".record", has_text=KEY), "the name") == KEY_NAME


def makes_a_link(page: Page) -> str:
    expect(page.get_by_role("heading", name="I don't manage the DNS")).to_be_visible()
    press(page, "Make a link to copy")
    link = page.locator(".copy-line code").inner_text()
    page.get_by_role("link", name=f"Back to {DOMAIN}").click()
    expect(page.get_by_text("Never opened.")).to_be_visible()
    return link


def opens_the_link(visitor: Page) -> None:
    expect(visitor.get_by_role("heading", name=f"The DNS of {DOMAIN} is at GoDaddy")).to_be_visible()
    expect(visitor.get_by_text("0 of 4 records found.")).to_be_visible()
    expect(state_of(visitor, KEY)).to_have_text("Not found yet")
    assert copied(records(visitor).filter(has_text=KEY), "the value") == KEY
    screenshot(visitor, "records-link")


def publishes_the_records(visitor: Page, zone: Servers) -> None:
    """Only what the page gives to copy comes into DNS."""
    for record in records(visitor).all():
        kind = record.get_by_role("heading").inner_text()
        name, value = (copied(record, what) for what in ("the full name", "the value"))
        for server in zone:
            server.replace(name, kind, f'"{value}"' if kind == "TXT" else f"{value.rstrip('.')}.")


def sees_them_found(visitor: Page) -> None:
    """The page behind the link follows by itself: one look does not count yet, the second one does."""
    the_beat_looks(timedelta(minutes=4))
    expect(state_of(visitor, KEY)).to_have_text("Found, second check in about a minute")
    the_beat_looks()
    expect(state_of(visitor, KEY)).to_have_text("Found")
    expect(visitor.get_by_text("There is nothing more to do.")).to_be_visible()
    screenshot(visitor, "records-link-found")


def sees_the_domain_active(page: Page, acme: WhiteLabel) -> None:
    assert SendingDomain.objects.live().filter(white_label=acme, domain=DOMAIN).exists()
    page.reload()
    expect(page.locator(".domain-head")).to_contain_text("Active")
    spf = page.locator(".record", has_text=SPF_MERGED)
    expect(spf).to_contain_text("Found")
    expect(spf).not_to_contain_text("Publish this in place of")
    expect(page.get_by_text("Last opened")).to_be_visible()
    screenshot(page, "domain-active")
    open_menu(page, "E-mail")
    expect(page.locator(".asked")).to_contain_text("Active")
    expect(page.get_by_role("heading", name="In use now").locator("..")).to_contain_text(f"It comes from {DOMAIN}")


def sends_from_the_domain(alice: User, acme: WhiteLabel, server: LoopbackSmtpServer) -> None:
    shop = factories.make_application(alice, acme)
    send(shop, to="dana@customer.example", subject="Receipt", text="Thank you.", sender_address=f"shop@{DOMAIN}")
    send_what_is_due()
    *_, mail = (mail for mail in server.messages if mail.recipients == ("dana@customer.example",))
    assert (mail.sender, mail.parsed["From"]) == (f"shop@{DOMAIN}", f"shop@{DOMAIN}")


def loses_the_records(page: Page, zone: Servers) -> None:
    for server in zone:
        server.remove(KEY_NAME)
        server.replace(DOMAIN, "TXT", f'"{SPF_OF_TODAY}"')
    the_beat_looks(A_DAY_AND_A_BIT)
    page.get_by_role("link", name=DOMAIN).click()
    expect(page.locator(".domain-head")).to_contain_text("Active")
    expect(page.locator(".record", has_text=KEY)).to_contain_text("Missing, second check in about a minute")
    the_beat_looks()


def both_are_told(page: Page, people: Iterable[User], server: LoopbackSmtpServer, *, state: str, says: str) -> None:
    """Each has an e-mail that leads to the page of the domain, where the message stands in the thread."""
    for person in people:
        mail = newest_mail_to(person.email, server)
        assert says in mail
        sign_in(page, person)
        page.goto(link_in(mail))
        expect(page.get_by_role("main")).to_contain_text(state)
        expect(page.get_by_role("article").last).to_contain_text(says)
    screenshot(page, f"domain-{state.split()[0].lower()}-told")


def looks_now_and_the_beat_agrees(page: Page) -> None:
    time_passes()
    press(page, "Check now")
    expect(page.locator(".record", has_text=KEY)).to_contain_text("Found, second check in about a minute")
    screenshot(page, "domain-seen-once")
    the_beat_looks()


def revokes_the_link(page: Page, visitor: Page) -> None:
    page.get_by_text("Revoke the link", exact=False).first.click()
    press(page, "Revoke this link")
    visitor.reload()
    expect(visitor.get_by_role("heading", name="This link opens nothing")).to_be_visible()


def records(visitor: Page) -> Locator:
    return visitor.locator(".record")


def state_of(visitor: Page, value: str) -> Locator:
    return records(visitor).filter(has_text=value).locator("[id^=state]")
