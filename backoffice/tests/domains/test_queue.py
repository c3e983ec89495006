"""The owner's queue of domain requests, and what an owner decides on the page of one."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from people.models import User
from testing.factories import make_domain, make_white_label
from testing.queries import queries_of
from whitelabel.domain_names import canonical
from whitelabel.domains import lifecycle
from whitelabel.models import SendingDomain, WhiteLabel
from whitelabel.models.transitions import State

QUEUE = "/backoffice/domains/"


@pytest.fixture
def requested(acme: WhiteLabel, alice: User, owner: User) -> SendingDomain:
    return lifecycle.request_domain(white_label=acme, person=alice, typed="acme.test")


@pytest.fixture
def console(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def page_of(console: Client, domain: SendingDomain) -> str:
    return console.get(reverse("owner:whitelabel_sendingdomain_change", args=[domain.pk])).content.decode()


def act(console: Client, name: str, domain: SendingDomain, data: dict[str, str] | None = None) -> str:
    address = reverse(f"owner:domain_{name}", args=[domain.pk])
    return console.post(address, data or {}, follow=True).content.decode()


def names_in(console: Client, query: str = "") -> list[str]:
    response = console.get(f"{QUEUE}?{query}")
    return [domain.domain for domain in response.context["cl"].result_list]


def test_what_waits_for_the_owner_comes_first_and_the_oldest_at_the_top(
    console: Client, requested: SendingDomain, acme: WhiteLabel, globex: WhiteLabel, owner: User
) -> None:
    make_domain(globex, "active.test")
    older = make_domain(globex, "older.test", State.REQUESTED)
    SendingDomain.objects.filter(pk=older.pk).update(last_transition_at=timezone.now() - timedelta(days=3))
    lifecycle.perform(make_domain(acme, "asked.test", State.REQUESTED).ask, "Whose is it?", by=owner)
    assert names_in(console) == ["older.test", "acme.test", "asked.test", "active.test"]


@pytest.mark.parametrize(
    ("turn", "names"), [("OWNER", ["acme.test"]), ("WHITE_LABEL", ["approved.test"]), ("NOBODY", ["active.test"])]
)
def test_the_queue_is_filtered_by_whose_turn_it_is(
    turn: str, names: list[str], console: Client, requested: SendingDomain, globex: WhiteLabel
) -> None:
    make_domain(globex, "approved.test", State.APPROVED)
    make_domain(globex, "active.test")
    assert names_in(console, f"turn={turn}") == names


def test_the_queue_shows_the_facts(console: Client, requested: SendingDomain, globex: WhiteLabel) -> None:
    requested.records.update(status="OK")
    make_domain(globex, "acme.test", State.VERIFYING)
    make_domain(globex, canonical("gӏobex.test"), State.REQUESTED)
    page = console.get(QUEUE).content.decode()
    assert "Ownership proven, Conflict" in page
    assert "Special characters, Looks like another name" in page


def test_a_long_queue_costs_the_same_number_of_queries(console: Client, acme: WhiteLabel, globex: WhiteLabel) -> None:
    make_domain(acme, "acme.test", State.REQUESTED).set_records([])
    make_domain(globex, "globex.test", State.VERIFYING).set_records([])
    for_two = queries_of(console, QUEUE)
    for number in range(28):
        white_label = make_white_label(f"White-label {number}")
        state = State.REQUESTED if number % 2 else State.VERIFYING
        make_domain(white_label, f"{number}.test", state).set_records([])
    assert queries_of(console, QUEUE) == for_two <= 20


def test_an_empty_queue_says_so(console: Client) -> None:
    assert "No white-label has asked for a domain yet." in console.get(QUEUE).content.decode()


def test_the_menu_counts_what_waits_for_the_owner(console: Client, requested: SendingDomain, owner: User) -> None:
    assert "<strong>1</strong> domain request to answer" in console.get("/backoffice/").content.decode()
    lifecycle.perform(requested.ask, "Whose is it?", by=owner)
    assert "<strong>0</strong> domain requests to answer" in console.get("/backoffice/").content.decode()


def test_the_owner_asks_and_sees_that_it_waits(console: Client, requested: SendingDomain) -> None:
    assert "waits for your answer" in page_of(console, requested)
    page = act(console, "ask", requested, {"body": "Whose is it?"})
    assert "The message was sent to Acme." in page
    assert "waits for the answer of Acme" in page
    assert "Whose is it?" in page


def test_an_empty_question_gets_its_sentence(console: Client, requested: SendingDomain) -> None:
    assert "Write something first." in act(console, "ask", requested, {"body": ""})
    assert requested.events.count() == 1


def test_the_owner_suspends_with_a_reason_and_lifts_it(console: Client, acme: WhiteLabel) -> None:
    domain = make_domain(acme)
    assert "Say why: the white-label reads it." in act(console, "suspend", domain, {"reason": ""})
    assert "acme.test is suspended; Acme was told why." in act(console, "suspend", domain, {"reason": "Abuse."})
    assert "<blockquote" in page_of(console, domain)
    assert "The suspension of acme.test is lifted." in act(console, "resume", domain)
    assert SendingDomain.objects.get().state == State.VERIFYING


def test_a_refused_request_is_opened_again(console: Client, requested: SendingDomain, owner: User) -> None:
    lifecycle.perform(requested.refuse, "Not yours.", by=owner)
    assert "Open it again" in page_of(console, requested)
    assert "The request for acme.test is open again." in act(console, "reopen", requested)
    assert "waits for your answer" in page_of(console, requested)


@pytest.mark.parametrize("name", ["suspend", "resume", "reopen", "approve"])
def test_what_the_state_does_not_allow_is_said(name: str, console: Client, acme: WhiteLabel) -> None:
    domain = make_domain(acme, "acme.test", State.WITHDRAWN)
    rows = {"records-TOTAL_FORMS": "1", "records-INITIAL_FORMS": "0", "records-0-type": "TXT", "records-0-value": "x"}
    assert "This is not possible any more" in act(console, name, domain, {"reason": "Why.", **rows})
    assert SendingDomain.objects.get().state == State.WITHDRAWN


@pytest.mark.parametrize("name", ["resume", "reopen"])
def test_nothing_is_decided_by_looking(name: str, console: Client, acme: WhiteLabel) -> None:
    domain = make_domain(acme, "acme.test", State.SUSPENDED)
    assert console.get(reverse(f"owner:domain_{name}", args=[domain.pk])).status_code == 405


def test_the_page_shows_what_dns_says_today(console: Client, requested: SendingDomain) -> None:
    assert "DNS has not been asked about this domain yet." in page_of(console, requested)
    facts = {"spf": ["v=spf1 -all"], "dmarc": "v=DMARC1; p=none", "mx": ["10 <mx>.test"], "name_servers": ["ns1.test"]}
    SendingDomain.objects.update(facts=facts)
    page = page_of(console, requested)
    for found in ("v=spf1 -all", "v=DMARC1; p=none", "10 &lt;mx&gt;.test", "ns1.test"):
        assert found in page


def test_the_page_shows_who_did_what(console: Client, requested: SendingDomain, owner: User, alice: User) -> None:
    lifecycle.perform(requested.ask, "Whose is it?", by=owner)
    page = page_of(console, requested)
    history = page[page.index('class="history"') :]
    assert "Message from the platform" in history
    assert owner.email in history
    assert alice.email in history


def test_a_conflict_says_who_has_proven_ownership(
    console: Client, requested: SendingDomain, globex: WhiteLabel, charlie: User
) -> None:
    other = lifecycle.request_domain(white_label=globex, person=charlie, typed="acme.test")
    other.records.update(status="OK")
    page = page_of(console, requested)
    assert "Globex asks for this domain too" in page
    assert "It has proven ownership." in page
    assert f"/backoffice/domains/{other.pk}/change/" in page


def test_earlier_requests_of_the_same_white_label_are_linked(
    console: Client, acme: WhiteLabel, requested: SendingDomain
) -> None:
    before = make_domain(acme, "acme.test", State.REFUSED)
    page = page_of(console, requested)
    assert "Other requests" in page
    assert f"/backoffice/domains/{before.pk}/change/" in page


def test_an_active_domain_without_its_records_never_looks_proven(client: Client, owner: User, acme: WhiteLabel) -> None:
    domain = make_domain(acme)
    client.force_login(owner)
    for path in ("/backoffice/domains/", f"/backoffice/domains/{domain.pk}/change/"):
        shown = client.get(path).content.decode()
        assert "Active, not in DNS" in shown, path
    client.force_login(acme.admins.get(email="alice@acme.test"))
    for path in ("/whitelabel/", "/whitelabel/email/", f"/whitelabel/email/domains/{domain.pk}/"):
        if domain.letters in (shown := client.get(path).content.decode()):
            assert (
                "Active, not in DNS" in shown
                or "once the platform has switched on" in shown.lower()
                or "platform's address" in shown
            ), path


def test_one_whose_records_dns_shows_looks_proven(client: Client, owner: User, acme: WhiteLabel) -> None:
    domain = make_domain(acme)
    domain.set_records([])
    domain.records.update(status="OK")
    client.force_login(owner)
    assert "not in DNS" not in client.get(f"/backoffice/domains/{domain.pk}/change/").content.decode()
