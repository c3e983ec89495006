"""The page that a link opens for somebody without an account: what it shows, how long, and to whom it says nothing."""

import logging
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from backoffice.public import records_page
from people.models import User
from testing.factories import make_domain
from testing.records_links import links_address, make_domain_with_records, opened
from testing.servers.dns import LoopbackDnsServer
from whitelabel.dns.record import Status
from whitelabel.models import RecordsLink, SendingDomain, WhiteLabel
from whitelabel.models.records_link import DAYS

State = SendingDomain.State


@pytest.fixture
def domain(acme: WhiteLabel) -> SendingDomain:
    return make_domain_with_records(acme)


@pytest.fixture
def token(domain: SendingDomain, alice: User) -> str:
    return RecordsLink.make(domain, by=alice)[1]


def test_the_page_shows_the_records_in_the_brand_and_nothing_else(
    token: str, domain: SendingDomain, acme: WhiteLabel, globex: WhiteLabel
) -> None:
    make_domain(globex, "globex.test")
    page = opened(token).content.decode()
    assert "Acme Apps" in page
    assert "s1._domainkey.acme.test" in page
    assert 'data-copy="v=DKIM1; p=abc"' in page
    for other in ("Globex", "globex.test", "alice", "/whitelabel/", '/backoffice/"', "csrf"):
        assert other not in page


def test_hints_for_the_dns_host_are_shown(token: str, domain: SendingDomain) -> None:
    SendingDomain.objects.update(facts={"name_servers": ["ns01.domaincontrol.com", "ns02.domaincontrol.com"]})
    page = opened(token).content.decode()
    assert "The DNS of acme.test is at GoDaddy" in page
    assert 'data-copy="s1._domainkey"' in page
    assert 'data-copy="@"' in page


def test_a_host_without_a_field_for_the_priority_gets_it_in_the_value(token: str, domain: SendingDomain) -> None:
    SendingDomain.objects.update(facts={"name_servers": ["ns-1.awsdns-01.com"]})
    page = opened(token).content.decode()
    assert 'data-copy="10 mx.provider.example"' in page
    assert "leave it empty" in page


def test_a_record_that_is_found_counts(token: str, domain: SendingDomain) -> None:
    domain.records.filter(type="TXT").update(status=Status.OK)
    page = opened(token).content.decode()
    assert "1 of 2 records found." in page
    assert "Found" in page


def test_html_from_dns_is_shown_as_text(token: str, domain: SendingDomain) -> None:
    domain.records.update(status=Status.DIFFERENT, published="<script>x</script>")
    SendingDomain.objects.update(facts={"name_servers": ["<script>.domaincontrol.com"]})
    for page in (opened(token).content.decode(), opened(token, "dns_status").content.decode()):
        assert "&lt;script&gt;x&lt;/script&gt;" in page
        assert "<script>x" not in page


def test_a_dns_that_fails_is_not_said_to_show_something_else(token: str, domain: SendingDomain) -> None:
    domain.records.update(
        status=Status.UNKNOWN, observed_status=Status.UNKNOWN, published="ns1.acme.test answered SERVFAIL."
    )
    page = opened(token).content.decode()
    assert "DNS gave no clear answer: <code>ns1.acme.test answered SERVFAIL.</code>" in page
    assert "DNS shows something else" not in page


@pytest.mark.parametrize("name", ["dns_records", "dns_status"])
def test_answers_are_kept_by_nobody_and_set_no_cookie(name: str, token: str) -> None:
    for answer in (opened(token, name), opened("unknown", name)):
        assert "no-store" in answer["Cache-Control"]
        assert "noindex" in answer["X-Robots-Tag"]
        assert answer["Referrer-Policy"] == "no-referrer"
        assert "unsafe-eval" not in answer["Content-Security-Policy"]
        assert "frame-ancestors 'none'" in answer["Content-Security-Policy"]
        assert not answer.cookies


def test_the_page_reads_no_session(token: str, client: Client, charlie: User, globex: WhiteLabel) -> None:
    client.force_login(charlie)
    page = client.get(reverse("dns_records", args=[token])).content.decode()
    assert "s1._domainkey.acme.test" in page
    assert charlie.email not in page
    assert "Globex" not in page


def test_expired_revoked_and_withdrawn_links_answer_alike_in_the_brand(
    token: str, domain: SendingDomain, alice: User
) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=DAYS, seconds=1)):
        expired = opened(token)
    SendingDomain.objects.update(state=State.WITHDRAWN)
    withdrawn = opened(token)
    SendingDomain.objects.update(state=State.VERIFYING)
    RecordsLink.objects.get().revoke(by=alice)
    revoked = opened(token)
    wrong_method = Client().post(reverse("dns_records", args=[token]))
    answers: list[Any] = [expired, withdrawn, revoked, wrong_method]
    assert {answer.status_code for answer in answers} == {404}
    assert len({answer.content for answer in answers}) == 1
    assert "Acme Apps" in revoked.content.decode()
    assert "acme.test" not in revoked.content.decode()


def test_an_unknown_link_answers_as_one_that_ended_but_in_nobodys_brand(token: str, acme: WhiteLabel) -> None:
    RecordsLink.objects.update(revoked_at=timezone.now())
    unknown, ended = opened("x" * 43), opened(token)
    assert (unknown.status_code, unknown.headers.keys()) == (ended.status_code, ended.headers.keys())
    ours, theirs = (strip_tags(page.content.decode().split("</head>")[1]) for page in (unknown, ended))
    assert ours == theirs.replace("Acme Apps", "DNS records")
    assert "Backoffice" not in unknown.content.decode()


def test_a_page_that_stayed_open_is_reloaded_once_its_link_ended(token: str, alice: User) -> None:
    RecordsLink.objects.get().revoke(by=alice)
    answer = Client().get(reverse("dns_status", args=[token]), headers={"HX-Request": "true"})
    assert (answer.status_code, answer["HX-Refresh"]) == (404, "true")


def test_a_page_whose_records_changed_is_reloaded(token: str, domain: SendingDomain) -> None:
    of = opened(token).context["of"]
    same = Client().get(reverse("dns_status", args=[token]), {"of": of})
    assert "HX-Refresh" not in same
    domain.records.filter(type="MX").delete()
    assert Client().get(reverse("dns_status", args=[token]), {"of": of})["HX-Refresh"] == "true"


def test_it_shows_when_it_was_opened_last(token: str, client: Client, alice: User, domain: SendingDomain) -> None:
    client.force_login(alice)
    assert "Never opened." in client.get(links_address(domain)).content.decode()
    opened(token)
    assert "Last opened" in client.get(links_address(domain)).content.decode()


def test_one_address_cannot_ask_without_end(token: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records_page, "REQUESTS_PER_MINUTE", 3)
    answers = [opened(token).status_code for _ in range(5)]
    assert answers == [200, 200, 200, 429, 429]
    too_many = opened(token).content.decode()
    assert "Wait a minute" in too_many
    assert "Backoffice" not in too_many
    elsewhere = Client(REMOTE_ADDR="192.0.2.9").get(reverse("dns_records", args=[token]))
    assert elsewhere.status_code == 200


def test_check_now_asks_dns_at_most_every_half_minute(
    token: str, domain: SendingDomain, dns_server: LoopbackDnsServer
) -> None:
    visitor, asked = Client(enforce_csrf_checks=True), []
    for _ in range(3):
        answer = visitor.post(reverse("dns_check", args=[token]))
        assert (answer.status_code, answer["Location"]) == (303, reverse("dns_records", args=[token]))
        asked.append(len(dns_server.queries))
    assert asked[0] > 0
    assert asked[0] == asked[1] == asked[2]
    assert "Last look:" in opened(token).content.decode()


def test_looking_at_the_page_asks_dns_nothing(token: str, dns_server: LoopbackDnsServer) -> None:
    opened(token)
    opened(token, "dns_status")
    assert dns_server.queries == []


def test_a_found_record_ends_the_asking(token: str, domain: SendingDomain) -> None:
    assert "hx-get" in opened(token, "dns_status").content.decode()
    domain.records.update(status=Status.OK)
    page = opened(token, "dns_status").content.decode()
    assert "All 2 records are found." in page
    assert "hx-get" not in page


def test_no_link_gets_into_the_log(token: str, caplog: pytest.LogCaptureFixture, alice: User) -> None:
    caplog.set_level(logging.DEBUG)
    RecordsLink.objects.get().revoke(by=alice)
    opened(token)
    Client().post(reverse("dns_records", args=[token]))
    Client().get("/nowhere/")
    assert "Not Found: /nowhere/" in caplog.text
    assert token not in caplog.text
