"""What ends because nobody went on with it: requests after 30 days, domains without their records after 72 hours."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.utils import timezone

from people.models import User
from testing.factories import make_domain
from whitelabel import tasks
from whitelabel.dns.record import Record
from whitelabel.domains import lifecycle, overdue
from whitelabel.models import SendingDomain, WhiteLabel

State = SendingDomain.State
DKIM = Record("TXT", "mail._domainkey.acme.test", "v=DKIM1; p=abc")


@pytest.fixture
def requested(acme: WhiteLabel, alice: User, owner: User) -> SendingDomain:
    return lifecycle.request_domain(white_label=acme, person=alice, typed="acme.test")


@pytest.fixture
def degraded(requested: SendingDomain, owner: User, mailoutbox: list[EmailMessage]) -> SendingDomain:
    lifecycle.perform(requested.approve, [DKIM], by=owner)
    requested.records.update(status="OK", ok_at=timezone.now())
    lifecycle.settle(requested)
    requested.records.filter(name=DKIM.name).update(status="MISSING")
    lifecycle.settle(requested)
    requested.refresh_from_db()
    mailoutbox.clear()
    return requested


def days_later(run: Callable[[], None], days: float) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=days)):
        run()


def hours_later(domain: SendingDomain, hours: float, *, checked_hours_before: float = 1) -> None:
    """Run the round so long after the records went, DNS having been asked a while before."""
    assert domain.degraded_at is not None
    now = domain.degraded_at + timedelta(hours=hours)
    domain.records.update(checked_at=now - timedelta(hours=checked_hours_before))
    with time_machine.travel(now):
        tasks.watch_degraded_domains()
    domain.refresh_from_db()


def end_of(domain: SendingDomain) -> tuple[str, str]:
    """Return the state and the words of the newest event."""
    domain.refresh_from_db()
    event = domain.events.first()
    assert event is not None
    return domain.state, event.words


def test_a_request_without_an_answer_expires_after_30_days(
    requested: SendingDomain, mailoutbox: list[EmailMessage]
) -> None:
    days_later(tasks.expire_requests, 29.9)
    assert end_of(requested)[0] == State.REQUESTED
    mailoutbox.clear()
    days_later(tasks.expire_requests, 30.1)
    assert end_of(requested) == (State.EXPIRED, "The platform did not answer it within 30 days.")
    assert {mail.subject for mail in mailoutbox} == {"The request for acme.test has expired"}
    assert len(mailoutbox) == 3


def test_a_question_without_an_answer_expires_and_says_so(requested: SendingDomain, owner: User) -> None:
    lifecycle.perform(requested.ask, "Whose is it?", by=owner)
    days_later(tasks.expire_requests, 31)
    assert end_of(requested) == (State.EXPIRED, "What the platform asked was not answered within 30 days.")


@pytest.mark.parametrize("act", ["ask", "answer"])
def test_each_word_begins_the_30_days_anew(act: str, requested: SendingDomain, alice: User, owner: User) -> None:
    with time_machine.travel(timezone.now() + timedelta(days=20)):
        if act == "ask":
            lifecycle.perform(requested.ask, "Whose is it?", by=owner)
        else:
            lifecycle.answer(requested, "Well?", by=alice)
    days_later(tasks.expire_requests, 45)
    assert end_of(requested)[0] == State.REQUESTED


@pytest.mark.parametrize("status", ["PENDING", "MISSING", "DIFFERENT"])
def test_records_that_are_not_seen_let_it_expire(status: str, requested: SendingDomain, owner: User) -> None:
    lifecycle.perform(requested.approve, [DKIM], by=owner)
    requested.records.update(status=status)
    days_later(tasks.expire_requests, 31)
    assert end_of(requested) == (State.EXPIRED, "DNS did not show all of its records within 30 days.")


@pytest.mark.parametrize("status", ["UNKNOWN", "OK"])
def test_a_dns_that_fails_and_a_conflict_let_nothing_expire(status: str, requested: SendingDomain, owner: User) -> None:
    lifecycle.perform(requested.approve, [DKIM], by=owner)
    requested.records.update(status=status)
    days_later(tasks.expire_requests, 100)
    assert end_of(requested)[0] == State.APPROVED


def test_what_moved_while_the_round_ran_does_not_expire(requested: SendingDomain, alice: User) -> None:
    seen = SendingDomain.objects.get(pk=requested.pk)
    lifecycle.answer(requested, "Well?", by=alice)
    overdue._perform_if_allowed(seen.expire, "Too late.")
    assert end_of(requested)[0] == State.REQUESTED


@pytest.mark.parametrize("state", [State.ACTIVE, State.SUSPENDED, State.REFUSED, State.WITHDRAWN])
def test_nothing_else_expires(state: str, requested: SendingDomain) -> None:
    SendingDomain.objects.update(state=state)
    days_later(tasks.expire_requests, 100)
    assert end_of(requested)[0] == state


def test_a_degraded_domain_is_warned_of_after_a_day_and_after_two(
    degraded: SendingDomain, mailoutbox: list[EmailMessage]
) -> None:
    hours_later(degraded, 23.9)
    assert mailoutbox == []
    hours_later(degraded, 24.1)
    hours_later(degraded, 25)
    assert [mail.subject for mail in mailoutbox] == ["DNS records of acme.test are still gone"] * 3
    assert "within the next 48 hours" in mailoutbox[-1].body
    hours_later(degraded, 48.1)
    assert "for 48 hours: TXT mail._domainkey.acme.test (missing)" in mailoutbox[-1].body
    assert "within the next 24 hours" in mailoutbox[-1].body
    assert (len(mailoutbox), degraded.state) == (6, State.DEGRADED)


def test_after_72_hours_it_is_suspended_and_both_sides_are_told_once(
    degraded: SendingDomain, mailoutbox: list[EmailMessage]
) -> None:
    hours_later(degraded, 72.1)
    hours_later(degraded, 72.2)
    assert degraded.state == State.SUSPENDED
    assert [mail.subject for mail in mailoutbox] == ["acme.test is suspended"] * 3


def test_a_verdict_that_is_too_old_suspends_nothing(degraded: SendingDomain) -> None:
    hours_later(degraded, 73, checked_hours_before=25)
    assert degraded.state == State.DEGRADED
    hours_later(degraded, 74)
    assert degraded.state == State.SUSPENDED


@pytest.mark.parametrize("status", ["UNKNOWN", "PENDING"])
def test_a_dns_that_fails_neither_warns_nor_suspends(
    status: str, degraded: SendingDomain, mailoutbox: list[EmailMessage]
) -> None:
    degraded.records.update(status=status)
    hours_later(degraded, 100)
    assert (degraded.state, mailoutbox) == (State.DEGRADED, [])


def fall_silent(domain: SendingDomain) -> datetime:
    """Have DNS not answer from now on; return since when that is."""
    since = timezone.now()
    domain.records.update(status="UNKNOWN", observed_status="UNKNOWN", observed_since=since)
    return since


def watch(since: datetime, hours: float) -> None:
    with time_machine.travel(since + timedelta(hours=hours)):
        tasks.watch_degraded_domains()


@pytest.mark.parametrize("state", [State.ACTIVE, State.DEGRADED])
def test_of_a_dns_that_is_silent_for_72_hours_both_sides_hear_once(
    state: str, degraded: SendingDomain, mailoutbox: list[EmailMessage]
) -> None:
    SendingDomain.objects.update(state=state)
    since = fall_silent(degraded)
    for hours in (71.9, 72.1, 73, 500):
        watch(since, hours)
        assert len(mailoutbox) == (0 if hours < 72 else 3)
    assert {mail.subject for mail in mailoutbox} == {"The DNS of acme.test does not answer"}
    assert f"no clear answer since {since:%-d %B %Y, %H:%M} UTC, about TXT " in mailoutbox[0].body
    assert "Mail still leaves from the domain" in mailoutbox[0].body
    assert end_of(degraded)[0] == state


def test_a_dns_that_answered_and_falls_silent_again_is_told_of_again(
    degraded: SendingDomain, mailoutbox: list[EmailMessage]
) -> None:
    since = fall_silent(degraded)
    watch(since, 73)
    degraded.records.update(observed_since=since + timedelta(hours=80))
    watch(since, 151)
    assert len(mailoutbox) == 3
    watch(since, 153)
    assert len(mailoutbox) == 6


@pytest.mark.parametrize(("seen", "state"), [("OK", State.ACTIVE), ("UNKNOWN", State.VERIFYING)])
def test_nothing_is_told_of_a_dns_that_answers_or_of_a_domain_not_in_use(
    seen: str, state: str, degraded: SendingDomain, mailoutbox: list[EmailMessage]
) -> None:
    since = fall_silent(degraded)
    degraded.records.update(observed_status=seen)
    SendingDomain.objects.update(state=state)
    watch(since, 100)
    assert mailoutbox == []


def test_silence_is_not_told_of_where_something_moved_meanwhile(degraded: SendingDomain, owner: User) -> None:
    seen = SendingDomain.objects.get(pk=degraded.pk)
    lifecycle.perform(degraded.ask, "Is your DNS well?", by=owner)
    overdue._perform_if_allowed(seen.note_silence, timezone.now())
    assert end_of(degraded)[1] == "Is your DNS well?"


def test_a_domain_about_which_nothing_is_known_has_no_end_of_the_grace(degraded: SendingDomain) -> None:
    fall_silent(degraded)
    assert SendingDomain.objects.get().grace_ends_at is None


def test_a_round_is_bounded_and_the_next_takes_the_rest(acme: WhiteLabel, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(overdue, "DOMAINS_A_RUN", 2)
    old = timezone.now() - timedelta(days=31)
    for number in range(3):
        make_domain(acme, f"{number}.test", State.REQUESTED)
    SendingDomain.objects.update(last_transition_at=old)
    left = []
    for _ in range(2):
        tasks.expire_requests()
        left.append(SendingDomain.objects.open().count())
    assert left == [1, 0]


def test_the_beat_knows_both_rounds() -> None:
    from django.conf import settings

    known = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}
    assert {tasks.expire_requests.name, tasks.watch_degraded_domains.name} <= known


def test_the_end_of_the_grace_is_known(degraded: SendingDomain) -> None:
    ends: datetime | None = degraded.grace_ends_at
    assert ends is not None
    assert degraded.degraded_at is not None
    assert ends - degraded.degraded_at == timedelta(hours=72)
