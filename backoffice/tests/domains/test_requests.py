"""The pages of domain requests: the white-label asks, the owner answers, both see the state."""

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from people.models import User
from testing.dns_time import time_passes
from testing.factories import make_application, make_domain
from testing.servers.dns import LoopbackDnsServer
from whitelabel.domain_names import canonical
from whitelabel.domains import lifecycle
from whitelabel.models import SendingDomain, WhiteLabel

State = SendingDomain.State
OWNER_ACTS = ["approve", "refuse", "ask", "records", "check", "activate", "suspend", "resume", "reopen"]
OWN_ACTS = ["check_domain", "withdraw_domain", "answer_domain"]


@pytest.fixture
def requested(acme: WhiteLabel, alice: User, owner: User) -> SendingDomain:
    return lifecycle.request_domain(white_label=acme, person=alice, typed="acme.test", note="For the <shop>.")


@pytest.fixture
def approved(requested: SendingDomain, owner: User) -> SendingDomain:
    lifecycle.perform(requested.approve, [requested.ownership_record], by=owner)
    return requested


def rows(*records: tuple[str, str, str]) -> dict[str, str]:
    data = {"records-TOTAL_FORMS": str(len(records)), "records-INITIAL_FORMS": "0"}
    for number, (kind, name, value) in enumerate(records):
        row = {"type": kind, "name": name, "value": value}
        data |= {f"records-{number}-{key}": text for key, text in row.items()}
    return data


def act(client: Client, name: str, domain: SendingDomain, data: dict[str, str] | None = None) -> str:
    address = reverse(f"owner:domain_{name}", args=[domain.pk])
    return client.post(address, data or {}, follow=True).content.decode()


def own_page(client: Client, person: User, domain: SendingDomain) -> str:
    client.force_login(person)
    return client.get(f"/whitelabel/email/domains/{domain.pk}/").content.decode()


def owners_page(client: Client, domain: SendingDomain) -> str:
    return client.get(f"/backoffice/domains/{domain.pk}/change/").content.decode()


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_an_admin_sends_a_request(
    name: str,
    client: Client,
    acme: WhiteLabel,
    owner: User,
    mailoutbox: list[EmailMessage],
    request: pytest.FixtureRequest,
) -> None:
    client.force_login(request.getfixturevalue(name))
    values = {"domain": "Bücher.test", "note": "Please.", "state": "ACTIVE", "white_label": "99"}
    page = client.post("/whitelabel/email/request/", values, follow=True)
    domain = SendingDomain.objects.get()
    assert "The request for bücher.test (xn--bcher-kva.test) was sent." in page.content.decode()
    assert (domain.white_label, domain.state, domain.note) == (acme, State.REQUESTED, "Please.")
    assert mailoutbox[0].to == [owner.email]


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [("", "Type a domain such as"), ("gmail.com", "belongs to a mail provider"), ("me@acme.test", "no address")],
)
def test_a_bad_domain_gets_its_sentence_and_keeps_what_was_typed(
    typed: str, sentence: str, client: Client, alice: User, acme: WhiteLabel
) -> None:
    client.force_login(alice)
    page = client.post("/whitelabel/email/request/", {"domain": typed, "note": "My note"}).content.decode()
    assert sentence in page
    assert f'value="{typed}"' in page or not typed
    assert "My note" in page
    assert not SendingDomain.objects.exists()


def test_the_page_of_a_request_says_why_it_cannot_be_sent_again(
    client: Client, requested: SendingDomain, bob: User
) -> None:
    client.force_login(bob)
    page = client.post("/whitelabel/email/request/", {"domain": "acme.test"}).content.decode()
    assert "Acme already has a request for acme.test" in page


def test_reloading_after_a_mistake_leads_back_to_the_page(client: Client, alice: User, acme: WhiteLabel) -> None:
    client.force_login(alice)
    assert client.get("/whitelabel/email/request/")["Location"] == "/whitelabel/email/"


def test_the_white_label_sees_the_records_once_approved(client: Client, approved: SendingDomain, bob: User) -> None:
    page = own_page(client, bob, approved)
    assert f'data-copy="{approved.ownership_token}"' in page
    assert "Not found yet" in page


def test_the_white_label_sees_why_it_was_refused_and_nobody_else_does(
    client: Client, requested: SendingDomain, owner: User, alice: User, charlie: User, globex: WhiteLabel
) -> None:
    lifecycle.perform(requested.refuse, "Show us a <contract>.", by=owner)
    assert "Show us a &lt;contract&gt;." in own_page(client, alice, requested)
    assert "contract" not in own_page(client, charlie, requested)


@pytest.mark.parametrize("name", OWN_ACTS)
def test_a_foreign_domain_is_as_absent_as_no_domain(
    name: str, client: Client, charlie: User, globex: WhiteLabel, approved: SendingDomain
) -> None:
    client.force_login(charlie)
    for pk in (approved.pk, approved.pk + 1000):
        assert client.post(reverse(f"whitelabel:{name}", args=[pk])).status_code == 404
    assert SendingDomain.objects.get().state == State.APPROVED


@pytest.mark.parametrize("name", OWNER_ACTS)
def test_only_owners_reach_the_answers(name: str, client: Client, alice: User, requested: SendingDomain) -> None:
    client.force_login(alice)
    answer = client.post(reverse(f"owner:domain_{name}", args=[requested.pk]), rows(("TXT", "@", "x")))
    assert answer.status_code in {302, 403}
    assert SendingDomain.objects.get().state == State.REQUESTED


def test_an_admin_withdraws(client: Client, requested: SendingDomain, bob: User) -> None:
    client.force_login(bob)
    page = client.post(reverse("whitelabel:withdraw_domain", args=[requested.pk]), follow=True).content.decode()
    assert "acme.test was withdrawn" in page
    assert SendingDomain.objects.get().state == State.WITHDRAWN


def test_the_owner_sees_the_facts(client: Client, requested: SendingDomain, owner: User, alice: User) -> None:
    make_application(alice, requested.white_label)
    make_application(owner, requested.white_label)
    client.force_login(owner)
    page = owners_page(client, requested)
    assert "For the &lt;shop&gt;." in page
    assert "2, of which 1 is owned by an admin and would send from the domain" in page
    assert requested.ownership_token in page


def test_the_owner_is_warned_of_a_name_that_reads_like_another(
    client: Client, acme: WhiteLabel, globex: WhiteLabel, owner: User
) -> None:
    make_domain(globex, "globex.test")
    client.force_login(owner)
    name = canonical("gӏobex.test")
    page = owners_page(client, make_domain(acme, name, State.REQUESTED))
    assert name in page
    assert "mixes letters of different scripts" in page
    assert "It looks like globex.test." in page


def test_the_owner_sees_a_conflict(client: Client, requested: SendingDomain, globex: WhiteLabel, owner: User) -> None:
    make_domain(globex, "acme.test")
    client.force_login(owner)
    assert "Globex already sends from this domain" in owners_page(client, requested)


def test_the_owner_approves_with_records(client: Client, requested: SendingDomain, owner: User) -> None:
    client.force_login(owner)
    page = act(
        client,
        "approve",
        requested,
        rows(("TXT", "k1._domainkey", '"v=DKIM1"'), ("MX", "@", "10 mx.a.test."), ("TXT", "", "")),
    )
    assert "acme.test is approved; Acme was sent the records." in page
    assert [(row.type, row.name, row.value) for row in requested.records.all()] == [
        ("TXT", "_backoffice-challenge.acme.test", requested.ownership_token),
        ("TXT", "k1._domainkey.acme.test", "v=DKIM1"),
        ("MX", "acme.test", "10 mx.a.test"),
    ]


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        (("TXT", "", ""), "Give at least one DNS record to publish."),
        (("MX", "@", "mx.acme.test"), "Write an MX record as its priority and its host"),
        (("TXT", "bad name", "x"), "This is not a domain name"),
    ],
)
def test_a_bad_record_gets_its_sentence_and_keeps_what_was_typed(
    record: tuple[str, str, str], sentence: str, client: Client, requested: SendingDomain, owner: User
) -> None:
    client.force_login(owner)
    page = act(client, "approve", requested, rows(record))
    assert sentence in page
    assert record[1] in page
    assert requested.records.count() == 1


def test_a_row_is_added_without_a_script(client: Client, requested: SendingDomain, owner: User) -> None:
    client.force_login(owner)
    page = act(client, "approve", requested, rows(("MX", "@", "wrong so far")) | {"add_row": "1"})
    assert 'name="records-1-value"' in page
    assert "wrong so far" in page
    assert "Write an MX record" not in page
    assert SendingDomain.objects.get().state == State.REQUESTED


def test_the_owner_refuses_with_a_reason(client: Client, requested: SendingDomain, owner: User) -> None:
    client.force_login(owner)
    assert "Say why: the white-label reads it." in act(client, "refuse", requested, {"reason": " "})
    assert "acme.test was refused; Acme was told why." in act(client, "refuse", requested, {"reason": "No."})


def test_an_answer_that_comes_too_late_says_so(
    client: Client, requested: SendingDomain, alice: User, owner: User
) -> None:
    lifecycle.perform(requested.withdraw, by=alice)
    client.force_login(owner)
    assert "This is not possible any more: acme.test is “Withdrawn”." in act(
        client, "refuse", requested, {"reason": "No."}
    )


def test_the_owner_changes_the_records(client: Client, approved: SendingDomain, owner: User) -> None:
    client.force_login(owner)
    page = client.get(reverse("owner:domain_records", args=[approved.pk])).content.decode()
    assert approved.ownership_token not in page
    page = act(client, "records", approved, rows(("TXT", "@", "v=spf1 -all")))
    assert "The records were changed" in page
    assert "v=spf1 -all" in page
    assert approved.ownership_token in page


def test_activating_asks_for_confirmation(client: Client, approved: SendingDomain, owner: User) -> None:
    client.force_login(owner)
    page = client.get(reverse("owner:domain_activate", args=[approved.pk])).content.decode()
    assert "Let mail leave from acme.test now?" in page
    assert SendingDomain.objects.get().state == State.APPROVED
    assert "acme.test is active." in act(client, "activate", approved)
    assert SendingDomain.objects.get().state == State.ACTIVE


def test_a_domain_of_another_is_not_activated(
    client: Client, approved: SendingDomain, globex: WhiteLabel, owner: User
) -> None:
    make_domain(globex, "acme.test")
    client.force_login(owner)
    assert "already active for another white-label" in act(client, "activate", approved)


@pytest.mark.parametrize("side", ["owner", "alice"])
def test_either_side_has_dns_asked(
    side: str, client: Client, approved: SendingDomain, dns_server: LoopbackDnsServer, request: pytest.FixtureRequest
) -> None:
    record = approved.ownership_record
    dns_server.add(record.name, "TXT", f'"{record.value}"')
    client.force_login(request.getfixturevalue(side))
    name = "owner:domain_check" if side == "owner" else "whitelabel:check_domain"
    address = reverse(name, args=[approved.pk])
    assert "shows 1 of 1 records. We look again" in client.post(address, follow=True).content.decode()
    assert "wait half a minute" in client.post(address, follow=True).content.decode()
    time_passes()
    assert "acme.test is active" in client.post(address, follow=True).content.decode()


def test_the_list_is_searched_and_filtered(
    client: Client, requested: SendingDomain, globex: WhiteLabel, owner: User
) -> None:
    make_domain(globex, "other.test")
    client.force_login(owner)
    page = client.get("/backoffice/domains/", {"q": "globex"}).content.decode()
    assert "other.test" in page
    assert "acme.test" not in page
    page = client.get("/backoffice/domains/", {"state__exact": "REQUESTED"}).content.decode()
    assert "acme.test" in page
    assert "other.test" not in page


@pytest.mark.parametrize("pk", ["0", "999999", "abc", "1;2"])
def test_a_request_that_is_not_there_is_not_found(pk: str, client: Client, owner: User) -> None:
    client.force_login(owner)
    assert client.get(f"/backoffice/domains/{pk}/change/").status_code == 404


@pytest.mark.parametrize("name", ["mail.shop.acme.test", "acme.test"])
def test_the_owner_sees_a_conflict_above_and_below(
    name: str, client: Client, acme: WhiteLabel, globex: WhiteLabel, owner: User
) -> None:
    make_domain(globex, name)
    asked = make_domain(acme, "shop.acme.test", State.REQUESTED)
    client.force_login(owner)
    assert f"Globex sends from {name}, which is part of the same domain." in owners_page(client, asked)
    assert "Conflict" in client.get(reverse("owner:whitelabel_sendingdomain_changelist")).content.decode()
