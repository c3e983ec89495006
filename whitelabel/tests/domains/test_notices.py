"""What each transition writes into the thread that both mailboxes have, and who gets an e-mail of it."""

from collections.abc import Callable
from functools import partial

import pytest
from django.core.mail import EmailMessage
from django.utils import timezone

from messages.models import Mailbox, Thread
from people.models import User
from smtp_settings.models import Communication
from testing.factories import make_domain
from whitelabel.dns.facts import DomainFacts
from whitelabel.dns.record import Record
from whitelabel.domains import lifecycle, notices
from whitelabel.models import SendingDomain, WhiteLabel
from whitelabel.models.transitions import RULES, State, Transition

DKIM = Record("TXT", "mail._domainkey.acme.test", "v=DKIM1; p=abc")
ADMINS, OWNERS = {"alice@acme.test", "bob@acme.test"}, {"owner@platform.test"}
Act = Callable[[SendingDomain, User], object]

BY_PEOPLE: list[tuple[str, Act, State, set[str], str, str]] = [
    (
        "alice",
        lambda one, by: lifecycle.perform(one.withdraw, by=by),
        State.ACTIVE,
        OWNERS,
        "Acme withdrew acme.test",
        "Mail no longer leaves from it.",
    ),
    (
        "alice",
        lambda one, by: lifecycle.answer(one, "It is ours.", by=by),
        State.REQUESTED,
        OWNERS,
        "Acme wrote about acme.test",
        "It is ours.",
    ),
    (
        "owner",
        lambda one, by: lifecycle.perform(one.ask, "Whose is it?", by=by),
        State.REQUESTED,
        ADMINS,
        "Support wrote about acme.test",
        "Whose is it?",
    ),
    (
        "owner",
        lambda one, by: lifecycle.perform(one.approve, [DKIM], by=by),
        State.REQUESTED,
        ADMINS,
        "acme.test is approved",
        "Value: v=DKIM1; p=abc",
    ),
    (
        "owner",
        lambda one, by: lifecycle.perform(one.change_records, [DKIM], by=by),
        State.ACTIVE,
        ADMINS,
        "The DNS records for acme.test have changed",
        "Value: v=DKIM1; p=abc",
    ),
    (
        "owner",
        lambda one, by: lifecycle.perform(one.refuse, "Not yours.", by=by),
        State.REQUESTED,
        ADMINS,
        "acme.test was refused",
        "Not yours.",
    ),
    (
        "owner",
        lambda one, by: lifecycle.perform(one.activate, by=by),
        State.APPROVED,
        ADMINS,
        "acme.test is active",
        "admins of Acme own now leaves from it",
    ),
    (
        "owner",
        lambda one, by: lifecycle.perform(one.suspend, "Abuse.", by=by),
        State.ACTIVE,
        ADMINS,
        "acme.test is suspended",
        "Abuse.",
    ),
    (
        "owner",
        lambda one, by: lifecycle.perform(one.resume, by=by),
        State.SUSPENDED,
        ADMINS,
        "The suspension of acme.test is lifted",
        "once DNS shows every record",
    ),
    (
        "owner",
        lambda one, by: lifecycle.perform(one.reopen, by=by),
        State.EXPIRED,
        ADMINS,
        "The request for acme.test is open again",
        "is open again",
    ),
]


@pytest.fixture(autouse=True)
def _support(owner: User) -> None:
    Communication.objects.update_or_create(pk=1, defaults={"support_name": "Support"})


@pytest.mark.parametrize(("name", "act", "state", "told", "subject", "words"), BY_PEOPLE)
def test_the_side_that_made_a_move_is_not_told_the_other_is(
    name: str,
    act: Act,
    state: State,
    told: set[str],
    subject: str,
    words: str,
    acme: WhiteLabel,
    mailoutbox: list[EmailMessage],
    request: pytest.FixtureRequest,
) -> None:
    person = request.getfixturevalue(name)
    domain = make_domain(acme, "acme.test", state)
    act(domain, person)
    assert {mail.to[0] for mail in mailoutbox} == told
    assert {mail.subject for mail in mailoutbox} == {subject}
    assert words in mailoutbox[0].body
    message = Thread.objects.get().messages.get()
    assert words in message.body
    assert message.author == person


@pytest.mark.parametrize(("name", "act", "state", "told", "subject", "words"), BY_PEOPLE)
def test_a_message_is_in_the_inboxes_of_both_sides_and_new_on_the_other(
    name: str,
    act: Act,
    state: State,
    told: set[str],
    subject: str,
    words: str,
    acme: WhiteLabel,
    bob: User,
    owner: User,
    request: pytest.FixtureRequest,
) -> None:
    person = request.getfixturevalue(name)
    act(make_domain(acme, "acme.test", state), person)
    reader, mailbox = (bob, acme.mailbox) if name == "owner" else (owner, Mailbox.platform())
    here, there = Thread.objects.in_inbox(acme.mailbox), Thread.objects.in_inbox(Mailbox.platform())
    assert here.get() == there.get()
    assert vars(Thread.objects.with_unread(mailbox, reader).get())["unread"]


def test_every_move_but_the_quiet_one_says_something() -> None:
    assert set(RULES) - set(notices.NOTICES) == {Transition.VERIFY}


def test_an_email_leads_to_the_page_of_the_request_on_the_readers_side(
    acme: WhiteLabel, alice: User, owner: User, mailoutbox: list[EmailMessage]
) -> None:
    domain = make_domain(acme, "acme.test", State.REQUESTED)
    lifecycle.perform(domain.ask, "Whose is it?", by=owner)
    lifecycle.answer(domain, "Ours.", by=alice)
    assert f"/whitelabel/email/domains/{domain.pk}/?white_label={acme.pk}" in mailoutbox[0].body
    assert f"/backoffice/domains/{domain.pk}/change/\n" in mailoutbox[-1].body


def test_what_people_write_is_not_read_as_a_pattern(
    acme: WhiteLabel, owner: User, mailoutbox: list[EmailMessage]
) -> None:
    domain = make_domain(acme, "acme.test", State.REQUESTED)
    lifecycle.perform(domain.refuse, "{domain.ownership_token} {0} %s", by=owner)
    assert "{domain.ownership_token} {0} %s" in mailoutbox[0].body


def test_after_the_end_a_message_is_a_message_and_no_more(
    acme: WhiteLabel, alice: User, owner: User, mailoutbox: list[EmailMessage]
) -> None:
    domain = make_domain(acme, "acme.test", State.REQUESTED)
    lifecycle.perform(domain.refuse, "No.", by=owner)
    lifecycle.write(domain, sender=acme.mailbox, person=alice, text="Why?")
    assert mailoutbox[-1].subject == "Message from Acme: Domain request: acme.test"
    assert [event.transition for event in domain.events.all()] == ["REFUSE"]


@pytest.mark.parametrize(
    ("today", "told"),
    [
        ([], "Value: v=spf1 include:a.test ~all"),
        (["v=spf1 mx -all"], f"Value: v=spf1 mx include:a.test -all\n{notices.IN_PLACE}"),
        (["v=spf1 include:a.test mx -all"], f"Value: v=spf1 include:a.test mx -all\n{notices.IN_PLACE}"),
        (["v=spf1 ~all"], f"Value: v=spf1 include:a.test ~all\n{notices.IN_PLACE}"),
        (
            [f"v=spf1 {'ip4:192.0.2.1 ' * 400}"[:4000]],
            "Value: v=spf1 include:a.test ~all",
        ),  # cut: nobody knows the rest
    ],
)
def test_a_second_spf_record_is_never_asked_for(acme: WhiteLabel, owner: User, today: list[str], told: str) -> None:
    domain = make_domain(acme, state=State.REQUESTED)
    domain.save_facts(DomainFacts(spf=tuple(today)))
    lifecycle.perform(domain.approve, [Record("TXT", "acme.test", "v=spf1 include:a.test ~all")], by=owner)
    assert domain.thread is not None
    assert domain.thread.messages.latest("pk").body.endswith(told)


def test_the_approval_says_that_the_proof_must_stay(
    acme: WhiteLabel, owner: User, mailoutbox: list[EmailMessage]
) -> None:
    domain = make_domain(acme, "acme.test", State.REQUESTED)
    lifecycle.perform(domain.approve, [DKIM], by=owner)
    lifecycle.perform(domain.change_records, [DKIM], by=owner)
    assert len(mailoutbox) == 4
    for mail in mailoutbox:
        words = "also _backoffice-challenge.acme.test: it proves that the domain is yours."
        assert words in str(mail.body)


def test_what_is_missing_is_told_with_the_value_to_put_back(
    acme: WhiteLabel, owner: User, mailoutbox: list[EmailMessage]
) -> None:
    domain = make_domain(acme, "acme.test", State.REQUESTED)
    spf = Record("TXT", "acme.test", "v=spf1 include:a.test ~all")
    lifecycle.perform(domain.approve, [DKIM, spf], by=owner)
    domain.records.update(status="OK", ok_at=timezone.now())
    lifecycle.settle(domain)
    mailoutbox.clear()
    domain.records.filter(name=DKIM.name).update(status="MISSING")
    domain.records.filter(name="acme.test").update(
        status="DIFFERENT", observed_status="DIFFERENT", replacement="v=spf1 mx include:a.test -all"
    )
    lifecycle.settle(domain)
    for transition in (partial(domain.warn, 24), domain.suspend_for_missing_records):
        domain.refresh_from_db()
        lifecycle.perform(transition)
    bodies = [str(mail.body) for mail in mailoutbox if mail.to == ["alice@acme.test"]]
    assert len(bodies) == 3
    for body in bodies:
        assert "This is what to put back." in body
        assert f"Name: {DKIM.name}\nValue: {DKIM.value}\n" in body
        assert f"Value: v=spf1 mx include:a.test -all\n{notices.IN_PLACE}" in body
        assert domain.ownership_record.value not in body


def test_an_owner_who_suspends_asks_for_no_records(
    acme: WhiteLabel, owner: User, mailoutbox: list[EmailMessage]
) -> None:
    domain = make_domain(acme, "acme.test")
    domain.set_records([DKIM])
    domain.records.update(status="MISSING")
    lifecycle.perform(domain.suspend, "Abuse.", by=owner)
    assert "put back" not in str(mailoutbox[0].body)


def test_records_that_fill_more_than_a_message_hinder_no_move(acme: WhiteLabel, owner: User) -> None:
    domain = make_domain(acme, "acme.test", State.REQUESTED)
    records = [Record("TXT", f"k{number}._domainkey.acme.test", "v=DKIM1; p=" + "a" * 2000) for number in range(15)]
    lifecycle.perform(domain.approve, records, by=owner)
    assert domain.thread is not None
    body = domain.thread.messages.get().body
    assert "the rest is on the page of the domain." in body
    domain.records.update(status="OK", ok_at=timezone.now())
    lifecycle.settle(domain)
    domain.records.exclude(name__startswith="_").update(status="MISSING")
    lifecycle.settle(domain)
    assert SendingDomain.objects.get().state == State.DEGRADED


def test_a_domain_in_other_letters_is_read_in_them_and_stays_recognisable(
    acme: WhiteLabel, alice: User, owner: User, mailoutbox: list[EmailMessage]
) -> None:
    domain = lifecycle.request_domain(white_label=acme, person=alice, typed="bücher.test")
    lifecycle.perform(domain.refuse, "No.", by=owner)
    written = "bücher.test (xn--bcher-kva.test)"
    assert mailoutbox[0].subject == f"Domain request from Acme: {written}"
    assert f"may send from {written} through" in str(mailoutbox[0].body)
    assert mailoutbox[1].subject == f"{written} was refused"
    assert Thread.objects.get().subject == f"Domain request: {written}"
