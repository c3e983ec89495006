"""What a white-label reads of the audit log: its own affairs, without names of the platform's people or of others."""

import pytest
from django.test import Client

from gateway.choices import Maker
from gateway.models import Key
from people.audit import Change, name_of, record
from people.models import AuditEntry, User
from phrases.phrase import Phrase
from testing.factories import PASSWORD, make_application, make_domain, make_person
from whitelabel.models import SendingDomain, WhiteLabel

pytestmark = pytest.mark.django_db


@pytest.fixture
def globex(charlie: User) -> WhiteLabel:
    globex = WhiteLabel.objects.create(name="Globex", mail_option=WhiteLabel.MailOption.PLATFORM)
    globex.admins.add(charlie)
    return globex


def activity(client: Client, person: User) -> list[tuple[str, str, str]]:
    """Return what was done, to what, and by whom, as the page of `person` says it."""
    client.force_login(person)
    lines = client.get("/whitelabel/activity/").context["lines"]
    return [(entry.act, entry.things, entry.actor) for entry in lines]


def test_admins_read_what_their_colleagues_did_and_that_the_platform_did_something(
    client: Client, owner: User, alice: User, acme: WhiteLabel
) -> None:
    domain = make_domain(acme, "acme.test", SendingDomain.State.REQUESTED)
    client.force_login(owner)
    client.post(f"/backoffice/domains/{domain.pk}/refuse/", {"reason": "No."})
    client.force_login(alice)
    client.post("/whitelabel/email/request/", {"domain": "shop-acme.test"})
    told = activity(client, alice)
    assert ("domain.refuse", "Domain request acme.test", "Platform") in told
    assert any(entry[0] == "domain.request" and entry[2] == alice.email for entry in told)
    assert owner.email not in client.get("/whitelabel/activity/").content.decode()


def test_nobody_reads_of_another_white_label(
    client: Client, owner: User, charlie: User, acme: WhiteLabel, globex: WhiteLabel
) -> None:
    client.force_login(owner)
    client.post(f"/backoffice/white-labels/{acme.pk}/change/", {"name": "Acme Inc", "mail_option": "PLATFORM"})
    record("communication.save", person=owner)
    record("domain.request", white_label=acme.pk)
    record("domain.request", person=charlie, white_label=globex.pk)
    assert activity(client, charlie) == [("domain.request", "", charlie.email)]


def test_what_left_the_white_label_is_told_on_both_sides_and_named_only_where_it_is(
    client: Client, owner: User, alice: User, charlie: User, acme: WhiteLabel, globex: WhiteLabel
) -> None:
    shop = make_application(alice, acme, "Shop")
    client.force_login(owner)
    values = {"name": "Secret name", "white_label": globex.pk, "owner": charlie.pk, "daily_limit": ""}
    client.post(f"/backoffice/applications/{shop.pk}/change/", values)
    (left,) = [each for each in activity(client, alice) if each[0] == "whitelabel.application.change"]
    (came,) = [each for each in activity(client, charlie) if each[0] == "whitelabel.application.change"]
    assert left[1] == "Application"
    assert came[1] == "Application Secret name"


def test_a_key_is_named_by_its_public_beginning_and_the_platforms_key_not_at_all(
    client: Client, owner: User, alice: User, acme: WhiteLabel
) -> None:
    shop = make_application(alice, acme, "Shop")
    own, platforms = Key(application=shop, name="Web", scopes="send"), Key(name="Provisioning", scopes="provision")
    own.issue(by=alice, maker=Maker.WHITE_LABEL)
    platforms.issue(by=owner, maker=Maker.PLATFORM)
    for key in (own, platforms):
        record("delivery.cancel", who=key.shown, white_label=acme.pk)
    actors = [actor for act, _, actor in activity(client, alice) if act == "delivery.cancel"]
    assert actors == ["Platform", f"Key {own.shown} of Shop"]


def test_sign_ins_are_the_affair_of_the_only_white_label_of_somebody(
    client: Client, alice: User, acme: WhiteLabel, globex: WhiteLabel
) -> None:
    sign_in = {"login": alice.email, "password": PASSWORD}
    client.post("/accounts/login/", sign_in)
    client.post("/accounts/logout/")
    globex.admins.add(alice)
    client.post("/accounts/login/", sign_in)
    signed_in = AuditEntry.objects.filter(act="sign_in").order_by("pk").values_list("white_label_id", flat=True)
    assert list(signed_in) == [acme.pk, None]


def test_neither_addresses_nor_values_are_there(client: Client, owner: User, alice: User, acme: WhiteLabel) -> None:
    change: Change = {"thing": name_of(acme), "field": "name", "before": "what was before", "after": "what is after"}
    detail = Phrase("what the detail is")
    record("domain.refuse", person=owner, white_label=acme.pk, address="192.0.2.7", changes=[change], detail=detail)
    client.force_login(alice)
    page = client.get("/whitelabel/activity/").content.decode()
    assert "Refuse a domain request" in page
    assert "White-label Acme" in page
    assert "192.0.2.7" not in page
    assert not any(words in page for words in ("what was before", "what is after", "what the detail is"))


def test_the_owners_changes_of_a_person_concern_each_of_their_white_labels(
    client: Client, owner: User, acme: WhiteLabel, globex: WhiteLabel
) -> None:
    dora = make_person("dora@acme.test")
    acme.admins.add(dora)
    globex.admins.add(dora)
    client.force_login(owner)
    client.post(f"/backoffice/people/{dora.pk}/change/", {"name": "Dora", "email": dora.email})
    entries = AuditEntry.objects.filter(act="people.user.change")
    assert set(entries.values_list("white_label_id", flat=True)) == {acme.pk, globex.pk}
    assert all(entry.changes[0]["thing"] == name_of(dora) for entry in entries)
