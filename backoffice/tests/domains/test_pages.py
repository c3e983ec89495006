"""A domain's own page in the white-label console, and the name that is checked while it is typed."""

from datetime import UTC, datetime, timedelta

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from people.models import User
from smtp_settings.models import Communication
from testing.factories import make_domain
from whitelabel.dns.dmarc import SUGGESTED
from whitelabel.dns.record import Record
from whitelabel.domains import lifecycle
from whitelabel.models import SendingDomain, WhiteLabel
from whitelabel.models.transitions import State

DKIM = Record("TXT", "mail._domainkey.acme.test", "v=DKIM1; p=abc")
NAME = "/whitelabel/email/request/name/"


@pytest.fixture
def requested(acme: WhiteLabel, alice: User, owner: User) -> SendingDomain:
    return lifecycle.request_domain(white_label=acme, person=alice, typed="acme.test")


@pytest.fixture
def approved(requested: SendingDomain, owner: User) -> SendingDomain:
    lifecycle.perform(requested.approve, [DKIM], by=owner)
    return requested


def page_of(client: Client, domain: SendingDomain, person: User) -> str:
    client.force_login(person)
    return client.get(reverse("whitelabel:domain", args=[domain.pk])).content.decode()


def write(client: Client, domain: SendingDomain, body: str) -> str:
    address = reverse("whitelabel:answer_domain", args=[domain.pk])
    return client.post(address, {"body": body}, follow=True).content.decode()


@pytest.mark.parametrize("state", list(State))
def test_each_state_says_what_it_means_and_what_comes_next(
    state: State, client: Client, acme: WhiteLabel, bob: User
) -> None:
    page = page_of(client, make_domain(acme, "acme.test", state), bob)
    assert state.label in page
    assert "What happens next:" in page


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_each_admin_sees_the_record_of_ownership_from_the_start(
    name: str, client: Client, requested: SendingDomain, request: pytest.FixtureRequest
) -> None:
    page = page_of(client, requested, request.getfixturevalue(name))
    assert f'data-copy="{requested.ownership_token}"' in page
    assert "Proves who owns the domain" in page
    assert "Check now" in page


@pytest.mark.parametrize(
    ("state", "label"),
    [
        (State.REQUESTED, "Requested"),
        (State.APPROVED, "Approved, publish the records"),
        (State.VERIFYING, "Waiting for DNS"),
        (State.ACTIVE, "Active, not in DNS"),
        (State.DEGRADED, "Records missing, still sending"),
        (State.REFUSED, "Refused"),
    ],
)
def test_the_label_of_a_state_says_whose_turn_it_is(
    state: State, label: str, client: Client, requested: SendingDomain, alice: User
) -> None:
    SendingDomain.objects.update(state=state)
    head = page_of(client, requested, alice).split('id="state"')[1].split("</h2>")[0]
    assert " ".join(strip_tags(head.split(">", 1)[1]).split()) == f"acme.test {label}"


def test_the_record_of_ownership_says_what_it_is_for(client: Client, requested: SendingDomain, alice: User) -> None:
    page = page_of(client, requested, alice)
    assert page.count("Proves who owns the domain. Leave it in place after activation.") == 1


def test_whoever_does_not_manage_the_dns_is_told_what_to_do(
    client: Client, requested: SendingDomain, alice: User
) -> None:
    page = page_of(client, requested, alice)
    assert "I don't manage the DNS: send these records to someone</h2>" in page
    assert "Send this page to this address" in page


def test_a_stranger_and_an_owner_see_nothing_of_it(
    client: Client, requested: SendingDomain, charlie: User, globex: WhiteLabel, owner: User
) -> None:
    address = reverse("whitelabel:domain", args=[requested.pk])
    client.force_login(charlie)
    assert client.get(address).status_code == 404
    client.force_login(owner)
    assert client.get(address).status_code != 200


def test_what_was_found_stands_beside_what_is_expected(client: Client, approved: SendingDomain, alice: User) -> None:
    approved.records.filter(name=DKIM.name).update(status="DIFFERENT", published="v=DKIM1; <b>p=other</b>")
    page = page_of(client, approved, alice)
    assert "Expected" in page
    assert "v=DKIM1; &lt;b&gt;p=other&lt;/b&gt;" in page


def test_advice_and_alignment_are_read_from_the_row(client: Client, approved: SendingDomain, alice: User) -> None:
    advice = [{"sentence": "Publish <this>."}]
    SendingDomain.objects.update(facts={"advice": advice, "alignment": "From agrees with DKIM."})
    page = page_of(client, approved, alice)
    assert "Publish &lt;this&gt;." in page
    assert "From agrees with DKIM." in page


POLICY = {"sentence": "Recommended.", "name": "_dmarc.acme.test", "value": SUGGESTED, "what": "DMARC record"}


def pages_with_advice(client: Client, domain: SendingDomain, alice: User, owner: User) -> list[str]:
    """Return the page of each side, DNS having no DMARC policy."""
    SendingDomain.objects.update(facts={"advice": [POLICY]})
    page = page_of(client, domain, alice)
    client.force_login(owner)
    return [page, client.get(reverse("owner:whitelabel_sendingdomain_change", args=[domain.pk])).content.decode()]


def test_what_is_advised_can_be_copied(client: Client, approved: SendingDomain, alice: User, owner: User) -> None:
    for page in pages_with_advice(client, approved, alice, owner):
        assert 'data-copy="_dmarc.acme.test"' in page
        assert f'data-copy="{SUGGESTED}"' in page
        assert '<span class="sr-only"> the DMARC record</span>' in page


def test_no_policy_is_advised_where_one_is_to_be_published(
    client: Client, approved: SendingDomain, alice: User, owner: User
) -> None:
    approved.records.create(type="TXT", name="_dmarc.acme.test", value="v=DMARC1; p=reject")
    for page in pages_with_advice(client, approved, alice, owner):
        assert SUGGESTED not in page


def test_a_silent_dns_is_told_of_on_both_pages(
    client: Client, approved: SendingDomain, alice: User, owner: User
) -> None:
    SendingDomain.objects.update(state=State.DEGRADED, degraded_at=timezone.now() - timedelta(days=4))
    since = datetime(2026, 11, 22, 10, tzinfo=UTC)
    approved.records.update(status="UNKNOWN", observed_status="UNKNOWN", observed_since=since)
    ours, theirs = pages_with_advice(client, approved, alice, owner)
    assert "DNS has given no clear answer about its records since 22 November 2026, 10:00 UTC" in ours
    assert "Silence does not suspend the domain." in ours
    assert "That happens on" not in ours
    assert "No clear answer</span> since 22 November 2026, 10:00 UTC" in theirs
    assert "Suspended on" not in theirs


def test_a_question_is_answered_on_the_page(
    client: Client, requested: SendingDomain, owner: User, bob: User, mailoutbox: list[EmailMessage]
) -> None:
    lifecycle.perform(requested.ask, "Whose is it?", by=owner)
    assert "The platform asked you something" in page_of(client, requested, bob)
    page = write(client, requested, "It is ours.")
    assert "The message was sent." in page
    assert "the platform has to answer it" in page
    assert mailoutbox[-1].to == [owner.email]
    assert "It is ours." in mailoutbox[-1].body


def test_an_empty_message_gets_its_sentence(client: Client, requested: SendingDomain, alice: User) -> None:
    client.force_login(alice)
    assert "Write something first." in write(client, requested, " ")
    assert requested.thread is not None
    assert requested.thread.messages.count() == 1


def test_the_platforms_people_have_no_names_here(
    client: Client, approved: SendingDomain, owner: User, alice: User
) -> None:
    Communication.objects.update_or_create(pk=1, defaults={"support_name": "Builder Support"})
    page = page_of(client, approved, alice)
    assert "Builder Support" in page
    assert owner.email not in page
    assert "alice@acme.test" in page


def test_a_long_history_has_a_beginning(client: Client, requested: SendingDomain, alice: User) -> None:
    for number in range(25):
        requested.answer(f"Message {number}", by=alice)
    page = page_of(client, requested, alice)
    assert "Show 6 earlier events" in page
    address = reverse("whitelabel:domain", args=[requested.pk])
    assert "earlier events" not in client.get(f"{address}?all=1").content.decode()


def test_withdrawing_asks_first_and_returns_to_the_page(client: Client, approved: SendingDomain, alice: User) -> None:
    assert "Withdraw the request" in page_of(client, approved, alice)
    page = client.post(reverse("whitelabel:withdraw_domain", args=[approved.pk]), follow=True).content.decode()
    assert "You took the request back." in page
    assert "Withdraw the request" not in page


def test_a_sent_request_leads_to_its_page(client: Client, acme: WhiteLabel, alice: User) -> None:
    client.force_login(alice)
    answer = client.post("/whitelabel/email/request/", {"domain": "acme.test"})
    assert answer["Location"] == f"/whitelabel/email/domains/{SendingDomain.objects.get().pk}/"


def test_the_email_page_keeps_a_short_list(client: Client, approved: SendingDomain, alice: User) -> None:
    client.force_login(alice)
    page = client.get("/whitelabel/email/").content.decode()
    assert f'href="/whitelabel/email/domains/{approved.pk}/"' in page
    assert approved.ownership_token not in page


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("Acme.TEST.", "<strong>acme.test</strong>"),
        ("Bücher.test", "<strong>bücher.test</strong> in its own letters"),
        ("gmail.com", "belongs to a mail provider"),
        ("me@acme.test", "no address"),
        ("<script>.test", "This is not a domain name"),
        ("x" * 400, "Type a domain such as example.com."),
    ],
)
def test_a_domain_is_checked_while_it_is_typed(
    typed: str, said: str, client: Client, acme: WhiteLabel, alice: User
) -> None:
    client.force_login(alice)
    page = client.get(NAME, {"domain": typed}).content.decode()
    assert said in page
    assert "<script>" not in page


def test_the_console_of_another_is_refused_while_typing_as_it_is_on_sending(
    client: Client, acme: WhiteLabel, globex: WhiteLabel, alice: User
) -> None:
    WhiteLabel.objects.filter(pk=globex.pk).update(console_host="desk.example.net")
    client.force_login(alice)
    said = client.get(NAME, {"domain": "desk.EXAMPLE.net"}).content.decode()
    sent = client.post("/whitelabel/email/request/", {"domain": "desk.example.net"}).content.decode()
    for page in (said, sent):
        assert "desk.example.net belongs to somebody else on this platform." in page
        assert "Globex" not in page
    assert "You ask for" not in said


def test_nothing_is_said_of_nothing(client: Client, acme: WhiteLabel, alice: User) -> None:
    client.force_login(alice)
    assert client.get(NAME).content.decode().strip() == ""
    assert client.post(NAME, {"domain": "acme.test"}).status_code == 405


def test_only_the_own_requests_are_known_while_typing(
    client: Client, requested: SendingDomain, alice: User, charlie: User, globex: WhiteLabel
) -> None:
    said = {}
    for person in (alice, charlie):
        client.force_login(person)
        said[person] = client.get(NAME, {"domain": "acme.test"}).content.decode()
    assert "You already have a request for acme.test" in said[alice]
    assert "You ask for" in said[charlie]
    assert f"/domains/{requested.pk}/" not in said[charlie]


def test_a_namesake_is_told_of_only_to_whoever_proved_ownership(
    client: Client, approved: SendingDomain, globex: WhiteLabel, alice: User
) -> None:
    make_domain(globex, "acme.test")
    words = "Another white-label already sends from this domain"
    assert words not in page_of(client, approved, alice)
    approved.records.filter(name__startswith="_backoffice").update(status="OK")
    assert words in page_of(client, approved, alice)


def test_check_now_says_that_a_withdrawn_domain_is_not_looked_for(
    client: Client, acme: WhiteLabel, alice: User
) -> None:
    domain = make_domain(acme, "acme.test", State.WITHDRAWN)
    client.force_login(alice)
    page = client.post(reverse("whitelabel:check_domain", args=[domain.pk]), follow=True).content.decode()
    assert "its records are not looked for any more" in page


def test_names_are_shown_as_the_dns_host_wants_them(client: Client, approved: SendingDomain, alice: User) -> None:
    page = page_of(client, approved, alice)
    assert 'data-copy="mail._domainkey"' in page
    assert "because they add acme.test themselves" in page
