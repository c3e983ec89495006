"""Links to a domain's records: made, mailed and revoked by its people."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from delivery.models import Delivery
from people.models import AuditEntry, User
from smtp_settings.models import Communication
from testing.factories import make_domain
from testing.records_links import links_address, make_domain_with_records, opened
from whitelabel.models import RecordsLink, SendingDomain, WhiteLabel
from whitelabel.models.records_link import (
    DAYS,
    LINKS_AT_ONCE,
    RETENTION_DAYS,
    SENT_A_DAY,
    SENT_TO_ONE_A_DAY,
    hashed,
)
from whitelabel.tasks import forget_old_links

State = SendingDomain.State


@pytest.fixture
def domain(acme: WhiteLabel) -> SendingDomain:
    return make_domain_with_records(acme)


@pytest.fixture
def token(domain: SendingDomain, alice: User) -> str:
    return RecordsLink.make(domain, by=alice)[1]


@pytest.mark.parametrize("name", ["alice", "bob", "owner"])
def test_its_people_make_a_link_that_is_shown_once(
    name: str, client: Client, domain: SendingDomain, request: pytest.FixtureRequest
) -> None:
    client.force_login(request.getfixturevalue(name))
    address = links_address(domain, "owner" if name == "owner" else "whitelabel")
    answer = client.post(address)
    page, link = answer.content.decode(), RecordsLink.objects.get()
    assert "no-store" in answer["Cache-Control"]
    token = page.split("/dns/")[1].split("/")[0]
    assert link.token_hash == hashed(token)
    assert opened(token).status_code == 200
    assert "/dns/" not in client.get(address).content.decode()


def test_a_link_is_made_by_a_post_alone(client: Client, alice: User, domain: SendingDomain) -> None:
    client.force_login(alice)
    answers = [getattr(client, method)(links_address(domain)) for method in ("put", "patch", "delete")]
    assert [answer.status_code for answer in answers] == [405, 405, 405]
    assert not RecordsLink.objects.exists()


def test_a_strangers_domain_is_not_found(
    client: Client, domain: SendingDomain, token: str, charlie: User, globex: WhiteLabel
) -> None:
    client.force_login(charlie)
    link = RecordsLink.objects.get()
    assert client.post(links_address(domain)).status_code == 404
    assert client.get(links_address(domain)).status_code == 404
    revoke = reverse("whitelabel:revoke_domain_link", args=[domain.pk, link.pk])
    assert client.post(revoke).status_code == 404
    assert opened(token).status_code == 200


def test_a_link_of_another_domain_is_not_revoked(
    client: Client, domain: SendingDomain, token: str, globex: WhiteLabel, charlie: User
) -> None:
    own = make_domain(globex, "globex.test", State.VERIFYING)
    client.force_login(charlie)
    address = reverse("whitelabel:revoke_domain_link", args=[own.pk, RecordsLink.objects.get().pk])
    assert client.post(address).status_code == 404


def test_a_link_is_mailed_with_a_fixed_text_in_the_white_labels_name(
    client: Client, alice: User, domain: SendingDomain, mailoutbox: list[EmailMessage]
) -> None:
    client.force_login(alice)
    data = {"send": "1", "address": "it@customer.example", "subject": "Buy!", "note": "http://spam.example"}
    page = client.post(links_address(domain), data, follow=True).content.decode()
    (mail,) = mailoutbox
    assert (mail.to, mail.reply_to) == (["it@customer.example"], [alice.email])
    assert mail.subject == "Acme Apps: DNS records for acme.test"
    assert "spam" not in mail.body
    assert "Sent to it@customer.example" in page
    assert opened(mail.body.split("/dns/")[1].split("/")[0]).status_code == 200


def test_a_mailed_link_is_forgotten_by_the_outbox_once_it_is_sent(
    client: Client, alice: User, domain: SendingDomain, settings: LazySettings
) -> None:
    settings.EMAIL_BACKEND = "delivery.backend.OutboxBackend"
    client.force_login(alice)
    client.post(links_address(domain), {"send": "1", "address": "it@customer.example"})
    delivery = Delivery.objects.get()
    assert (delivery.recipient, delivery.priority) == ("it@customer.example", Delivery.Priority.URGENT)


def test_links_that_ended_are_forgotten_with_their_addresses(token: str) -> None:
    later = timedelta(days=DAYS + RETENTION_DAYS)
    with time_machine.travel(timezone.now() + later - timedelta(minutes=1)):
        forget_old_links()
        assert RecordsLink.objects.exists()
    with time_machine.travel(timezone.now() + later + timedelta(minutes=1)):
        forget_old_links()
    assert not RecordsLink.objects.exists()


@pytest.mark.parametrize("typed", ["", "nobody", "a@b.example\r\nBcc: v@evil.example", "a@b.example, c@d.example"])
def test_a_wrong_address_gets_no_mail(
    typed: str, client: Client, alice: User, domain: SendingDomain, mailoutbox: list[EmailMessage]
) -> None:
    client.force_login(alice)
    assert client.post(links_address(domain), {"send": "1", "address": typed}).status_code == 422
    assert mailoutbox == []
    assert not RecordsLink.objects.exists()


def test_only_some_links_are_mailed_a_day(
    client: Client, alice: User, domain: SendingDomain, mailoutbox: list[EmailMessage]
) -> None:
    client.force_login(alice)
    for number in range(SENT_A_DAY + 3):
        last = client.post(links_address(domain), {"send": "1", "address": f"it{number}@customer.example"})
    assert len(mailoutbox) == SENT_A_DAY
    assert last.status_code == 422
    assert "links were sent today" in last.content.decode()


def test_one_address_is_not_flooded(
    client: Client, alice: User, domain: SendingDomain, mailoutbox: list[EmailMessage]
) -> None:
    client.force_login(alice)
    for _ in range(SENT_TO_ONE_A_DAY + 1):
        client.post(links_address(domain), {"send": "1", "address": "it@customer.example"})
    assert len(mailoutbox) == SENT_TO_ONE_A_DAY


def test_a_domain_has_only_so_many_links_at_once(client: Client, alice: User, domain: SendingDomain) -> None:
    client.force_login(alice)
    for _ in range(LINKS_AT_ONCE + 1):
        client.post(links_address(domain))
    assert RecordsLink.objects.count() == LINKS_AT_ONCE


def test_what_was_done_with_links_is_in_the_audit_log_without_the_link(
    client: Client, alice: User, domain: SendingDomain, mailoutbox: list[EmailMessage]
) -> None:
    client.force_login(alice)
    client.post(links_address(domain), {"send": "1", "address": "it@customer.example"})
    client.post(reverse("whitelabel:revoke_domain_link", args=[domain.pk, RecordsLink.objects.get().pk]))
    revoked, sent = AuditEntry.objects.all()
    assert (sent.act, revoked.act, sent.person) == ("records_link.send", "records_link.revoke", alice)
    assert sent.changes[1]["after"] == "it@customer.example"
    assert mailoutbox[0].body.split("/dns/")[1].split("/")[0] not in str(sent.changes)


def test_a_link_that_an_owner_made_names_no_person_to_the_white_label(
    client: Client, acme: WhiteLabel, alice: User, owner: User
) -> None:
    Communication.objects.update_or_create(pk=1, defaults={"support_name": "Builder Support"})
    domain = make_domain(acme, "acme.test")
    domain.set_records([])
    RecordsLink.make(domain, by=owner)
    client.force_login(alice)
    page = client.get(reverse("whitelabel:domain", args=[domain.pk])).content.decode()
    assert "Made to copy by Builder Support" in page
    assert owner.email not in page


def test_few_links_are_mailed_before_anybody_approved_the_domain(acme: WhiteLabel, alice: User) -> None:
    domain = make_domain(acme, "acme.test", SendingDomain.State.REQUESTED)
    for number in range(3):
        RecordsLink.make(domain, by=alice, sent_to=f"person{number}@example.com")
    with pytest.raises(ValidationError, match="approved or its ownership is proven"):
        RecordsLink.make(domain, by=alice, sent_to="another@example.com")
