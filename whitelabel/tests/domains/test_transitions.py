"""The transitions of a sending domain: who may make each, from which states, where to, and what the history says."""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.utils import timezone

from people.models import User
from testing.factories import make_domain
from whitelabel.dns.record import Record
from whitelabel.models import DomainEvent, SendingDomain, WhiteLabel
from whitelabel.models.transitions import IN_USE, LIVE, OPEN, WAITING_FOR_DNS, Actor, State, Transition

DKIM = Record("TXT", "mail._domainkey.acme.test", "v=DKIM1; p=abc")
Made = Callable[[SendingDomain, Any], DomainEvent]

BY_ADMINS: dict[Transition, Made] = {
    Transition.WITHDRAW: lambda domain, by: domain.withdraw(by=by),
    Transition.ANSWER: lambda domain, by: domain.answer("It is ours.", by=by),
}
BY_OWNERS: dict[Transition, Made] = {
    Transition.APPROVE: lambda domain, by: domain.approve([DKIM], by=by),
    Transition.CHANGE_RECORDS: lambda domain, by: domain.change_records([DKIM], by=by),
    Transition.REFUSE: lambda domain, by: domain.refuse("Not yours.", by=by),
    Transition.ASK: lambda domain, by: domain.ask("Whose is it?", by=by),
    Transition.ACTIVATE: lambda domain, by: domain.activate(by=by),
    Transition.SUSPEND: lambda domain, by: domain.suspend("Abuse.", by=by),
    Transition.RESUME: lambda domain, by: domain.resume(by=by),
    Transition.REOPEN: lambda domain, by: domain.reopen(by=by),
}
BY_ITSELF: dict[Transition, Made] = {
    Transition.VERIFY: lambda domain, by: domain.verify(),
    Transition.ACTIVATE: lambda domain, by: domain.activate(by=None),
    Transition.DEGRADE: lambda domain, by: domain.degrade(),
    Transition.WARN: lambda domain, by: domain.warn(24),
    Transition.SILENCE: lambda domain, by: domain.note_silence(timezone.now()),
    Transition.HOLD: lambda domain, by: domain.hold(),
    Transition.RECOVER: lambda domain, by: domain.recover(),
    Transition.SUSPEND: lambda domain, by: domain.suspend_for_missing_records(),
    Transition.EXPIRE: lambda domain, by: domain.expire("Nobody answered."),
}
STAYS = None
LEADS: dict[Transition, tuple[tuple[State, ...], State | None]] = {
    Transition.WITHDRAW: (tuple(IN_USE), State.WITHDRAWN),
    Transition.ANSWER: (tuple(IN_USE), STAYS),
    Transition.APPROVE: ((State.REQUESTED,), State.APPROVED),
    Transition.CHANGE_RECORDS: ((*WAITING_FOR_DNS, *LIVE, State.SUSPENDED), STAYS),
    Transition.REFUSE: (tuple(OPEN), State.REFUSED),
    Transition.ASK: (tuple(IN_USE), STAYS),
    Transition.ACTIVATE: (tuple(WAITING_FOR_DNS), State.ACTIVE),
    Transition.SUSPEND: (tuple(LIVE), State.SUSPENDED),
    Transition.RESUME: ((State.SUSPENDED,), State.ACTIVE),
    Transition.REOPEN: ((State.REFUSED, State.EXPIRED), State.REQUESTED),
    Transition.VERIFY: ((State.APPROVED,), State.VERIFYING),
    Transition.DEGRADE: ((State.ACTIVE,), State.DEGRADED),
    Transition.WARN: ((State.DEGRADED,), STAYS),
    Transition.SILENCE: (tuple(LIVE), STAYS),
    Transition.HOLD: ((*WAITING_FOR_DNS, State.SUSPENDED), STAYS),
    Transition.RECOVER: ((State.DEGRADED, State.SUSPENDED), State.ACTIVE),
    Transition.EXPIRE: (tuple(OPEN), State.EXPIRED),
}
CASES = [(transition, make, "alice") for transition, make in BY_ADMINS.items()]
CASES += [(transition, make, "owner") for transition, make in BY_OWNERS.items()]
CASES += [(transition, make, "") for transition, make in BY_ITSELF.items()]


def made(acme: WhiteLabel, state: str) -> SendingDomain:
    """Return a domain of Acme in `state` whose records DNS showed."""
    domain = make_domain(acme, "acme.test", state)
    domain.set_records([])
    domain.records.update(status="OK")
    domain.note_verification()
    domain.refresh_from_db()
    return domain


def named(name: str, request: pytest.FixtureRequest) -> User | None:
    return request.getfixturevalue(name) if name else None


def sources(transition: Transition, by: str) -> tuple[State, ...]:
    """Return from where the transition goes; only the grace of a degraded domain ends by itself."""
    return (State.DEGRADED,) if transition == Transition.SUSPEND and not by else LEADS[transition][0]


@pytest.mark.parametrize(("transition", "make", "by"), CASES)
@pytest.mark.parametrize("state", list(State))
def test_a_transition_leads_from_its_states_and_from_no_other(
    state: State, transition: Transition, make: Made, by: str, acme: WhiteLabel, request: pytest.FixtureRequest
) -> None:
    person, domain = named(by, request), made(acme, state)
    if state in sources(transition, by):
        event = make(domain, person)
        domain.refresh_from_db()
        assert domain.state == (LEADS[transition][1] or state)
        assert (event.transition, event.from_state, event.to_state) == (transition, state, domain.state)
    else:
        with pytest.raises(ValidationError, match="not possible any more"):
            make(domain, person)
        assert SendingDomain.objects.get().state == state
        assert not domain.events.exists()


@pytest.mark.parametrize(("transition", "make"), BY_ADMINS.items())
@pytest.mark.parametrize("name", ["charlie", "owner"])
def test_what_admins_do_nobody_else_may(
    name: str, transition: Transition, make: Made, acme: WhiteLabel, request: pytest.FixtureRequest
) -> None:
    domain = made(acme, LEADS[transition][0][0])
    with pytest.raises(PermissionDenied):
        make(domain, named(name, request))
    assert not domain.events.exists()


@pytest.mark.parametrize(("transition", "make"), BY_OWNERS.items())
@pytest.mark.parametrize("name", ["alice", "bob", "charlie"])
def test_what_owners_do_nobody_else_may(
    name: str, transition: Transition, make: Made, acme: WhiteLabel, request: pytest.FixtureRequest
) -> None:
    domain = made(acme, LEADS[transition][0][0])
    with pytest.raises(PermissionDenied):
        make(domain, named(name, request))
    assert SendingDomain.objects.get().state == LEADS[transition][0][0]


def test_an_owner_who_was_deactivated_decides_nothing(acme: WhiteLabel, owner: User) -> None:
    owner.is_active = False
    with pytest.raises(PermissionDenied):
        made(acme, State.ACTIVE).suspend("Abuse.", by=owner)


@pytest.mark.parametrize("make", [lambda one: one.activate(by=None), lambda one: one.recover()])
def test_the_product_makes_active_only_what_is_proven(
    make: Callable[[SendingDomain], DomainEvent], acme: WhiteLabel
) -> None:
    domain = made(acme, State.VERIFYING)
    domain.records.update(status="UNKNOWN")
    with pytest.raises(ValidationError, match="DNS has not shown every record"):
        make(domain)


def test_a_suspension_is_lifted_to_verifying_where_records_are_not_seen(acme: WhiteLabel, owner: User) -> None:
    domain = made(acme, State.SUSPENDED)
    domain.records.update(status="MISSING")
    domain.resume(by=owner)
    assert domain.state == State.VERIFYING


@pytest.mark.parametrize("make", [lambda one, owner: one.recover(), lambda one, owner: one.resume(by=owner)])
def test_what_another_sends_from_meanwhile_does_not_come_back(
    make: Callable[[SendingDomain, User], DomainEvent], acme: WhiteLabel, globex: WhiteLabel, owner: User
) -> None:
    domain = made(acme, State.SUSPENDED)
    make_domain(globex, "acme.test")
    with suppress(ValidationError):
        make(domain, owner)
    assert not SendingDomain.objects.get(pk=domain.pk).is_live


def test_what_an_owner_suspended_does_not_come_back_by_itself(acme: WhiteLabel, owner: User) -> None:
    domain = made(acme, State.ACTIVE)
    domain.suspend("Abuse.", by=owner)
    with pytest.raises(ValidationError, match="is “Suspended”"):
        domain.recover()


def test_a_request_is_not_opened_again_beside_a_new_one(acme: WhiteLabel, owner: User) -> None:
    refused = made(acme, State.REFUSED)
    make_domain(acme, "acme.test", State.REQUESTED)
    with pytest.raises(ValidationError, match="already has a request"):
        refused.reopen(by=owner)
    assert SendingDomain.objects.get(pk=refused.pk).state == State.REFUSED


def test_a_warning_is_given_once(acme: WhiteLabel) -> None:
    domain = made(acme, State.DEGRADED)
    domain.warn(24)
    with pytest.raises(ValidationError):
        SendingDomain.objects.get().warn(24)
    assert SendingDomain.objects.get().warn(48).transition == Transition.WARN


def test_a_domain_that_never_was_proven_has_lost_nothing(acme: WhiteLabel) -> None:
    domain = make_domain(acme, "acme.test")
    with pytest.raises(ValidationError, match="is “Active”"):
        domain.degrade()


def test_the_history_keeps_who_it_was_when_the_person_is_gone(acme: WhiteLabel, bob: User, owner: User) -> None:
    domain = made(acme, State.REQUESTED)
    domain.answer("It is ours.", by=bob)
    bob.delete()
    event = domain.events.get()
    assert (event.actor, event.who, event.words, event.person) == ("WHITE_LABEL", "bob@acme.test", "It is ours.", None)


def test_the_product_has_no_name_in_the_history(acme: WhiteLabel) -> None:
    event = made(acme, State.APPROVED).verify()
    assert (event.actor, event.who) == ("PRODUCT", "")


def test_nothing_in_the_history_is_changed(acme: WhiteLabel) -> None:
    event = made(acme, State.APPROVED).verify()
    for change in (event.save, DomainEvent.objects.all().delete, lambda: DomainEvent.objects.update(who="x")):
        with pytest.raises(TypeError):
            change()


def test_the_turn_follows_question_and_answer(acme: WhiteLabel, alice: User, owner: User) -> None:
    domain = made(acme, State.REQUESTED)
    turns = [turn_of(domain)]
    domain.ask("Whose is it?", by=owner)
    turns.append(turn_of(domain))
    domain.answer("Ours.", by=alice)
    turns.append(turn_of(domain))
    assert turns == ["OWNER", "WHITE_LABEL", "OWNER"]


@pytest.mark.parametrize(
    ("state", "turn"),
    [("APPROVED", "WHITE_LABEL"), ("DEGRADED", "WHITE_LABEL"), ("ACTIVE", ""), ("REFUSED", ""), ("SUSPENDED", "")],
)
def test_the_turn_follows_the_state(state: str, turn: str, acme: WhiteLabel) -> None:
    assert turn_of(made(acme, state)) == turn


def turn_of(domain: SendingDomain) -> object:
    return vars(SendingDomain.objects.with_turn().get(pk=domain.pk))["turn"]


def test_a_question_takes_the_request_out_of_the_owners_queue(acme: WhiteLabel, owner: User) -> None:
    domain = made(acme, State.REQUESTED)
    assert list(SendingDomain.objects.waiting_for(Actor.OWNER)) == [domain]
    domain.ask("Whose is it?", by=owner)
    assert list(SendingDomain.objects.waiting_for(Actor.WHITE_LABEL)) == [domain]


def test_mail_leaves_only_from_active_and_degraded_domains(acme: WhiteLabel) -> None:
    for number, state in enumerate(State):
        make_domain(acme, f"{number}.test", state)
    assert {domain.state for domain in SendingDomain.objects.live()} == {State.ACTIVE, State.DEGRADED}


def test_the_row_is_locked_where_the_database_can(
    acme: WhiteLabel, owner: User, django_assert_max_num_queries: Callable[[int], object]
) -> None:
    domain = made(acme, State.ACTIVE)
    with django_assert_max_num_queries(6) as asked:  # type: ignore[attr-defined]
        domain.suspend("Abuse.", by=owner)
    locking = any("FOR UPDATE" in query["sql"] for query in asked.captured_queries)
    assert locking == connection.features.has_select_for_update
