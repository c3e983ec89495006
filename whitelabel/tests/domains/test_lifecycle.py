"""A white-label asks for a domain, the owner answers, both are told."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.mail import EmailMessage
from django.utils import timezone

from messages.models import Mailbox, Thread
from people.models import User
from smtp_settings.models import Communication
from testing.factories import make_domain, make_owner, make_white_label
from whitelabel.dns.record import Record
from whitelabel.domains import lifecycle
from whitelabel.models import SendingDomain, WhiteLabel

State = SendingDomain.State
DKIM = Record("TXT", "mail._domainkey.acme.test", "v=DKIM1; p=abc")


@pytest.fixture
def requested(acme: WhiteLabel, alice: User, owner: User) -> SendingDomain:
    return lifecycle.request_domain(white_label=acme, person=alice, typed="acme.test", note="For the shop.")


@pytest.fixture
def approved(requested: SendingDomain, owner: User) -> SendingDomain:
    lifecycle.perform(requested.approve, [requested.ownership_record, DKIM], by=owner)
    return requested


def bodies(domain: SendingDomain) -> list[str]:
    assert domain.thread is not None
    return [message.body for message in domain.thread.messages.all()]


def test_a_request_comes_to_the_owners_inbox(requested: SendingDomain, owner: User) -> None:
    thread = Thread.objects.in_inbox(Mailbox.platform()).with_unread(Mailbox.platform(), owner).get()
    assert vars(thread)["unread"]
    assert (thread.about, thread.subject) == (requested, "Domain request: acme.test")
    assert "For the shop." in bodies(requested)[0]


def test_the_record_that_proves_ownership_is_there_from_the_start(requested: SendingDomain) -> None:
    assert [record.expected for record in requested.records.all()] == [requested.ownership_record]
    assert not requested.ownership_verified
    requested.records.update(status="OK")
    assert requested.ownership_verified


def test_a_request_is_mailed_to_every_owner(
    acme: WhiteLabel, bob: User, owner: User, mailoutbox: list[EmailMessage]
) -> None:
    second = make_owner("second@platform.test")
    domain = lifecycle.request_domain(white_label=acme, person=bob, typed="acme.test")
    assert [mail.to for mail in mailoutbox] == [[owner.email], [second.email]]
    assert mailoutbox[0].subject == "Domain request from Acme: acme.test"
    assert f"http://localhost:8000/backoffice/domains/{domain.pk}/change/" in mailoutbox[0].body


def test_a_request_is_mailed_to_the_support_address_where_one_is_set(
    acme: WhiteLabel, alice: User, owner: User, mailoutbox: list[EmailMessage]
) -> None:
    Communication.objects.update_or_create(pk=1, defaults={"support_address": "support@platform.test"})
    lifecycle.request_domain(white_label=acme, person=alice, typed="acme.test")
    assert [mail.to for mail in mailoutbox] == [["support@platform.test"]]


def test_a_stranger_may_not_ask(acme: WhiteLabel, charlie: User) -> None:
    with pytest.raises(PermissionDenied):
        lifecycle.request_domain(white_label=acme, person=charlie, typed="acme.test")
    assert not SendingDomain.objects.exists()


@pytest.mark.parametrize("state", SendingDomain.IN_USE)
def test_one_domain_is_asked_for_once(state: str, acme: WhiteLabel, alice: User) -> None:
    make_domain(acme, "acme.test", state)
    with pytest.raises(ValidationError, match="already has a request for acme"):
        lifecycle.request_domain(white_label=acme, person=alice, typed="ACME.test.")


def test_a_refused_domain_may_be_asked_for_again(requested: SendingDomain, alice: User, owner: User) -> None:
    lifecycle.perform(requested.refuse, "Not yours.", by=owner)
    again = lifecycle.request_domain(white_label=requested.white_label, person=alice, typed="acme.test")
    assert again.state == State.REQUESTED


def test_another_white_label_may_ask_for_the_same_domain(
    requested: SendingDomain, globex: WhiteLabel, charlie: User
) -> None:
    lifecycle.request_domain(white_label=globex, person=charlie, typed="acme.test")
    assert SendingDomain.objects.filter(domain="acme.test").open().count() == 2


def test_a_person_may_ask_three_times_a_day(acme: WhiteLabel, alice: User, bob: User) -> None:
    for number in range(3):
        lifecycle.request_domain(white_label=acme, person=alice, typed=f"acme{number}.test")
    with pytest.raises(ValidationError, match="3 requests today"):
        lifecycle.request_domain(white_label=acme, person=alice, typed="acme3.test")
    lifecycle.request_domain(white_label=acme, person=bob, typed="acme3.test")


def test_withdrawn_requests_count_and_yesterdays_do_not(acme: WhiteLabel, alice: User) -> None:
    for number in range(3):
        domain = lifecycle.request_domain(white_label=acme, person=alice, typed=f"acme{number}.test")
        lifecycle.perform(domain.withdraw, by=alice)
    with pytest.raises(ValidationError, match="tomorrow"):
        lifecycle.request_domain(white_label=acme, person=alice, typed="acme3.test")
    SendingDomain.objects.update(requested_at=timezone.now() - timedelta(hours=25))
    again = lifecycle.request_domain(white_label=acme, person=alice, typed="acme3.test")
    assert again.state == State.REQUESTED


def test_an_approval_sends_the_records_to_the_admins(approved: SendingDomain, mailoutbox: list[EmailMessage]) -> None:
    assert approved.state == State.APPROVED
    assert [mail.to for mail in mailoutbox[-2:]] == [["alice@acme.test"], ["bob@acme.test"]]
    assert "Name: mail._domainkey.acme.test\nValue: v=DKIM1; p=abc" in mailoutbox[-1].body
    assert f"http://localhost:8000/whitelabel/email/domains/{approved.pk}/" in mailoutbox[-1].body
    assert approved.ownership_token in bodies(approved)[-1]


def test_an_approval_needs_a_record(requested: SendingDomain, owner: User) -> None:
    with pytest.raises(ValidationError, match="at least one DNS record"):
        lifecycle.perform(requested.approve, [], by=owner)
    requested.refresh_from_db()
    assert requested.state == State.REQUESTED


def test_a_refusal_says_why(requested: SendingDomain, owner: User, mailoutbox: list[EmailMessage]) -> None:
    lifecycle.perform(requested.refuse, "Not yours.", by=owner)
    assert (requested.state, requested.refusal) == (State.REFUSED, "Not yours.")
    assert mailoutbox[-1].subject == "acme.test was refused"
    assert "Not yours." in mailoutbox[-1].body
    assert "Not yours." in bodies(requested)[-1]


@pytest.mark.parametrize("name", ["alice", "charlie"])
def test_only_an_owner_answers(name: str, requested: SendingDomain, request: pytest.FixtureRequest) -> None:
    person = request.getfixturevalue(name)
    with pytest.raises(PermissionDenied):
        lifecycle.perform(requested.approve, [DKIM], by=person)
    with pytest.raises(PermissionDenied):
        lifecycle.perform(requested.refuse, "No.", by=person)
    with pytest.raises(PermissionDenied):
        lifecycle.perform(requested.activate, by=person)


def test_a_colleague_may_withdraw_and_a_stranger_may_not(
    requested: SendingDomain, bob: User, charlie: User, mailoutbox: list[EmailMessage]
) -> None:
    with pytest.raises(PermissionDenied):
        lifecycle.perform(requested.withdraw, by=charlie)
    lifecycle.perform(requested.withdraw, by=bob)
    assert requested.state == State.WITHDRAWN
    assert mailoutbox[-1].subject == "Acme withdrew acme.test"


def test_an_answer_to_a_request_withdrawn_meanwhile_is_refused(
    requested: SendingDomain, alice: User, owner: User
) -> None:
    seen_by_owner = SendingDomain.objects.get(pk=requested.pk)
    lifecycle.perform(requested.withdraw, by=alice)
    with pytest.raises(ValidationError, match="is “Withdrawn”"):
        lifecycle.perform(seen_by_owner.approve, [DKIM], by=owner)
    assert [record.expected for record in requested.records.all()] == [requested.ownership_record]


def test_changed_records_keep_what_dns_said_of_the_rest(approved: SendingDomain, owner: User) -> None:
    approved.records.update(status="OK")
    mx = Record("MX", "acme.test", "10 mx.acme.test")
    lifecycle.perform(approved.change_records, [mx], by=owner)
    assert {record.expected: record.status for record in approved.records.all()} == {
        approved.ownership_record: "OK",
        mx: "PENDING",
    }


def test_an_owner_activates_by_decision(approved: SendingDomain, owner: User, mailoutbox: list[EmailMessage]) -> None:
    lifecycle.perform(approved.activate, by=owner)
    assert approved.state == State.ACTIVE
    assert approved.activated_at is not None
    assert mailoutbox[-1].subject == "acme.test is active"


def test_a_request_is_not_activated_before_it_is_approved(requested: SendingDomain, owner: User) -> None:
    with pytest.raises(ValidationError, match="not possible"):
        lifecycle.perform(requested.activate, by=owner)


def test_a_domain_that_another_sends_from_is_not_activated(
    approved: SendingDomain, globex: WhiteLabel, owner: User
) -> None:
    make_domain(globex, "acme.test")
    with pytest.raises(ValidationError, match="already active for another white-label"):
        lifecycle.perform(approved.activate, by=owner)
    approved.refresh_from_db()
    assert approved.state == State.APPROVED


def test_two_that_go_live_at_once_are_told_apart_by_the_database(
    approved: SendingDomain, globex: WhiteLabel, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_domain(globex, "acme.test")
    monkeypatch.setattr(SendingDomain, "live_elsewhere", False)  # as if the other had come a moment later
    with pytest.raises(ValidationError, match="already active for another white-label"):
        lifecycle.perform(approved.activate, by=owner)


def test_a_line_break_in_a_name_does_not_reach_a_subject(
    alice: User, owner: User, mailoutbox: list[EmailMessage]
) -> None:
    tricky = make_white_label("Tricky\r\nBcc: everyone@example.test", alice)
    lifecycle.request_domain(white_label=tricky, person=alice, typed="tricky.test")
    assert mailoutbox[0].subject == "Domain request from Tricky Bcc: everyone@example.test: tricky.test"


def test_a_white_label_writes_twenty_messages_a_day_about_a_request(requested: SendingDomain, alice: User) -> None:
    for number in range(lifecycle.MESSAGES_A_DAY - 1):
        lifecycle.write(requested, sender=requested.white_label.mailbox, person=alice, text=f"Message {number}")
    assert requested.thread is not None
    with pytest.raises(ValidationError, match="20 messages here today"):
        lifecycle.reply(requested.thread, sender=requested.white_label.mailbox, person=alice, text="One more")


@pytest.mark.parametrize("typed", ["globex-desk.test", "mail.globex-desk.test"])
def test_the_host_of_another_consoles_sign_in_is_refused(
    typed: str, acme: WhiteLabel, globex: WhiteLabel, alice: User
) -> None:
    WhiteLabel.objects.filter(pk=globex.pk).update(console_host="globex-desk.test")
    with pytest.raises(ValidationError, match="belongs to somebody else"):
        lifecycle.request_domain(white_label=acme, person=alice, typed=typed)
