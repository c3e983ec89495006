"""The owner pastes records or takes a saved set, looks at the rows, and only then approves."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from people.models import User
from testing.factories import make_domain
from whitelabel.dns.record import Record
from whitelabel.domains import lifecycle
from whitelabel.forms import ROWS_MAX
from whitelabel.models import RecordSet, SendingDomain, WhiteLabel
from whitelabel.pasting import PASTE_MAX_BYTES

CNAME_LINE = "CNAME\tem1.acme.test.acme.test\tu1.provider.example"
PASTE = f"Type\tHost\tValue\n{CNAME_LINE}\nTXT\t@\tv=spf1 include:a.example ~all\nhello"
BOUNCE = Record("CNAME", "bounce.acme.test", "acme.test.provider.example")


@pytest.fixture
def requested(acme: WhiteLabel, alice: User, owner: User) -> SendingDomain:
    return lifecycle.request_domain(white_label=acme, person=alice, typed="acme.test")


@pytest.fixture
def owners_client(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def address(name: str, domain: SendingDomain) -> str:
    return reverse(f"owner:{name}", args=[domain.pk])


def paste(client: Client, domain: SendingDomain, text: str, status: int = 200) -> str:
    response = client.post(address("domain_paste", domain), {"text": text})
    assert response.status_code == status
    return response.content.decode()


def rows(*records: Record) -> dict[str, str]:
    data = {"records-TOTAL_FORMS": str(len(records)), "records-INITIAL_FORMS": "0"}
    for number, record in enumerate(records):
        row = {"type": record.type, "name": record.name, "value": record.value}
        data |= {f"records-{number}-{key}": text for key, text in row.items()}
    return data


def test_pasted_records_are_shown_with_remarks_and_nothing_is_saved(
    owners_client: Client, requested: SendingDomain
) -> None:
    before = requested.records.count()
    page = paste(owners_client, requested, PASTE)
    assert 'value="em1.acme.test"' in page
    assert "The name contained the domain twice" in page
    assert "Not taken: 1 part" in page
    assert f'action="{address("domain_approve", requested)}"' in page
    requested.refresh_from_db()
    assert (requested.state, requested.records.count()) == (SendingDomain.State.REQUESTED, before)


def test_the_rows_are_approved_as_they_are_shown_without_any_script(
    owners_client: Client, requested: SendingDomain
) -> None:
    page = paste(owners_client, requested, PASTE)
    form = page.split(f'action="{address("domain_approve", requested)}"')[1].split("<template")[0]
    names = re.findall(r'name="(records-\d+-name)" value="([^"]+)"', form)
    values = re.findall(r'<textarea[^>]* name="(records-\d+-value)"[^>]*>\s*([^<]+)<', form)
    types = re.findall(r'<select name="(records-\d+-type)".*?<option value="(\w+)" selected', form, re.DOTALL)
    count = str(len(names))
    posted = dict(names + values + types) | {"records-TOTAL_FORMS": count, "records-INITIAL_FORMS": count}
    owners_client.post(address("domain_approve", requested), posted)
    requested.refresh_from_db()
    assert requested.state == SendingDomain.State.APPROVED
    assert requested.records.get(type="CNAME").value == "u1.provider.example"


def test_an_spf_record_of_today_is_named_beside_a_new_one(owners_client: Client, requested: SendingDomain) -> None:
    SendingDomain.objects.filter(pk=requested.pk).update(facts={"spf": ["v=spf1 mx -all"]})
    page = paste(owners_client, requested, PASTE)
    assert "has an SPF record already" in page
    assert "v=spf1 mx -all" in page


def test_records_of_today_that_would_go_are_named(owners_client: Client, requested: SendingDomain, owner: User) -> None:
    lifecycle.perform(requested.approve, [requested.ownership_record, BOUNCE], by=owner)
    page = paste(owners_client, requested, PASTE)
    assert "Taken away." in page
    assert BOUNCE.value in page
    assert f'action="{address("domain_records", requested)}"' in page


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Paste what the provider&#x27;s page shows."),
        ("hello", "No DNS record was recognised in it."),
        ("x" * (PASTE_MAX_BYTES + 1), "at most 65,536 are read at once"),
    ],
)
def test_what_cannot_be_read_is_said(text: str, sentence: str, owners_client: Client, requested: SendingDomain) -> None:
    assert sentence in paste(owners_client, requested, text, status=422)


def test_more_rows_than_a_request_may_have_are_shown_as_not_taken(
    owners_client: Client, requested: SendingDomain
) -> None:
    page = paste(owners_client, requested, "\n".join(f"TXT\tn{number}\tv={number}" for number in range(ROWS_MAX + 5)))
    assert re.search(r"Not taken: \d parts", page)
    assert f"A request may have at most {ROWS_MAX} records." in page


def test_html_in_a_paste_is_shown_as_text(owners_client: Client, requested: SendingDomain) -> None:
    page = paste(owners_client, requested, "TXT\tm\tv=<script>x</script>\n<script>y</script>")
    assert "<script>y" not in page
    assert "&lt;script&gt;y" in page


def test_a_withdrawn_request_takes_no_records(owners_client: Client, requested: SendingDomain, alice: User) -> None:
    lifecycle.perform(requested.withdraw, by=alice)
    response = owners_client.post(address("domain_paste", requested), {"text": PASTE}, follow=True)
    assert "This is not possible any more" in response.content.decode()


def test_rows_are_kept_as_a_set_with_the_domain_as_the_variable(
    owners_client: Client, requested: SendingDomain
) -> None:
    posted = rows(requested.ownership_record, BOUNCE)
    page = owners_client.post(address("record_set_new", requested), posted).content.decode()
    assert "bounce.{domain}" in page
    assert "{domain}.provider.example" in page
    assert not RecordSet.objects.exists()
    owners_client.post(address("record_set_new", requested), {**posted, "name": "Provider"})
    assert RecordSet.objects.get().rows == [Record("CNAME", "bounce.{domain}", "{domain}.provider.example")]


def test_a_set_needs_a_name_of_its_own(owners_client: Client, requested: SendingDomain) -> None:
    RecordSet.objects.create(name="Provider")
    posted = {**rows(BOUNCE), "name": "Provider"}
    page = owners_client.post(address("record_set_new", requested), posted)
    assert page.status_code == 422
    assert "A template of this name is there already" in page.content.decode()


def test_a_set_is_shown_for_another_domain_before_it_is_saved(
    owners_client: Client, acme: WhiteLabel, owner: User
) -> None:
    kept = RecordSet.objects.create(
        name="Provider", records=[{"type": "CNAME", "name": "bounce.{domain}", "value": "{domain}.p.example"}]
    )
    domain = make_domain(acme, "shop.test", SendingDomain.State.REQUESTED)
    page = owners_client.get(address("domain_paste", domain), {"set": kept.pk}).content.decode()
    assert 'value="bounce.shop.test"' in page
    assert "shop.test.p.example" in page
    assert not domain.records.exists()


@pytest.mark.parametrize("chosen", ["999", "9" * 30])
def test_a_set_that_is_gone_is_not_found(chosen: str, owners_client: Client, requested: SendingDomain) -> None:
    assert owners_client.get(address("domain_paste", requested), {"set": chosen}).status_code == 404


def test_only_whole_domains_become_the_variable(acme: WhiteLabel) -> None:
    domain = make_domain(acme, "acme.test")
    value = "v=spf1 include:acme.test include:evilacme.test include:x-acme.test a:mail.ACME.test"
    (row,) = RecordSet.of([Record("TXT", "acme.test", value)], domain).rows
    assert row.name == "{domain}"
    assert row.value == "v=spf1 include:{domain} include:evilacme.test include:x-acme.test a:mail.{domain}"


def test_a_set_is_renamed_and_deleted_but_not_added_by_hand(owners_client: Client) -> None:
    kept = RecordSet.objects.create(name="Old", records=[{"type": "TXT", "name": "{domain}", "value": "v=x"}])
    assert "v=x" in owners_client.get(f"/backoffice/record-sets/{kept.pk}/change/").content.decode()
    owners_client.post(f"/backoffice/record-sets/{kept.pk}/change/", {"name": "New"})
    assert RecordSet.objects.get().name == "New"
    assert owners_client.get("/backoffice/record-sets/add/").status_code == 404
    owners_client.post(f"/backoffice/record-sets/{kept.pk}/delete/", {"post": "yes"})
    assert not RecordSet.objects.exists()


@pytest.mark.parametrize("name", ["alice", "charlie"])
def test_nobody_else_reaches_the_owners_pages(
    name: str, client: Client, requested: SendingDomain, globex: WhiteLabel, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(name))
    for act in ("domain_paste", "record_set_new", "domain_links"):
        response = client.post(address(act, requested), {"text": PASTE, **rows(BOUNCE), "name": "Mine"})
        assert (response.status_code, "This console is not yours" in response.content.decode()) == (403, True)
    assert client.get("/backoffice/record-sets/").status_code == 403
    assert not RecordSet.objects.exists()


def test_an_outside_name_survives_being_edited(owners_client: Client, requested: SendingDomain, owner: User) -> None:
    outside = Record("CNAME", "bounce.other.example", "x.provider.example")
    lifecycle.perform(requested.approve, [outside], by=owner)
    page = owners_client.get(address("domain_records", requested)).content.decode()
    assert 'value="bounce.other.example."' in page
