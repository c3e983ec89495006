"""What follows from what DNS says: a status that changes at the second check, domains that become active, when next."""

from datetime import datetime, timedelta

import pytest
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.utils import timezone

from people.models import User
from testing.dns_time import check_twice, time_passes
from testing.factories import make_domain
from testing.servers.dns import LoopbackDnsServer
from whitelabel import tasks
from whitelabel.dns.check import check_records
from whitelabel.dns.record import Record, Status, Verdict
from whitelabel.domains import check, lifecycle
from whitelabel.domains.check_schedule import next_check
from whitelabel.models import DnsRecord, SendingDomain, WhiteLabel

State = SendingDomain.State
DKIM = Record("TXT", "mail._domainkey.acme.test", "v=DKIM1; p=abcdef")
LATER = timedelta(seconds=61)

pytestmark = pytest.mark.usefixtures("dns_server")


@pytest.fixture
def approved(acme: WhiteLabel, alice: User, owner: User) -> SendingDomain:
    domain = lifecycle.request_domain(white_label=acme, person=alice, typed="acme.test")
    lifecycle.perform(domain.approve, [domain.ownership_record, DKIM], by=owner)
    return domain


def publish(server: LoopbackDnsServer, domain: SendingDomain) -> None:
    for record in domain.records.all():
        server.add(record.name, record.type, f'"{record.value}"')


def key_of(domain: SendingDomain) -> DnsRecord:
    return domain.records.get(name=DKIM.name)


def checked(*seen: str, status: str = "PENDING", pause: timedelta = LATER) -> DnsRecord:
    """Return a record as it is after these checks, each `pause` after the one before."""
    record, at = DnsRecord(status=status), timezone.now()
    for number, what in enumerate(seen):
        record.observe(Verdict(Status(what)), at + number * pause)
    return record


@pytest.mark.parametrize("seen", ["OK", "DIFFERENT", "UNKNOWN"])
def test_a_verdict_turns_at_the_second_check_that_agrees(seen: str) -> None:
    once, twice = checked(seen), checked(seen, seen)
    assert once.observed_since is not None
    assert (once.status, once.observed_status) == ("PENDING", seen)
    assert once.confirm_at == once.observed_since + timedelta(minutes=1)
    assert (twice.status, twice.confirm_at) == (seen, None)


def test_two_checks_at_once_are_not_two_checks() -> None:
    assert checked("OK", "OK", pause=timedelta(seconds=59)).status == "PENDING"
    assert checked("OK", "OK", "OK", pause=timedelta(seconds=31)).status == "OK"


@pytest.mark.parametrize("status", ["OK", "MISSING", "UNKNOWN"])
def test_nothing_flaps_while_dns_does(status: str) -> None:
    assert checked("MISSING", "OK", "DIFFERENT", "OK", "UNKNOWN", "MISSING", status=status).status == status


def test_a_record_that_was_there_is_missing_once_two_checks_say_so() -> None:
    assert [checked(*["MISSING"] * number, status="OK").status for number in (1, 2)] == ["OK", "MISSING"]


def test_a_record_that_was_never_there_is_not_missing_on_its_first_day() -> None:
    assert checked("MISSING", "MISSING", "MISSING").status == "PENDING"
    assert checked("MISSING", "MISSING", pause=timedelta(hours=23)).status == "PENDING"
    assert checked("MISSING", "MISSING", pause=timedelta(hours=25)).status == "MISSING"


def test_a_record_that_was_there_is_missing_though_dns_failed_in_between() -> None:
    record, at = checked("OK", "OK", "UNKNOWN", "UNKNOWN"), timezone.now()
    for minutes in (10, 12):
        record.observe(Verdict(Status.MISSING), at + timedelta(minutes=minutes))
    assert (record.status, record.ok_at is None) == ("MISSING", False)


def test_how_long_dns_has_failed_is_said_and_why_it_is_nothing_that_was_found() -> None:
    failed = checked("UNKNOWN", "UNKNOWN")
    assert failed.status_text == f"Not known since {failed.observed_since:%-d %B %Y}"
    failed.published = "The resolver answered SERVFAIL."
    assert (failed.unknown_reason, failed.shows_published) == (failed.published, False)


def test_a_wrong_record_that_was_taken_away_on_the_first_day_is_waited_for_again() -> None:
    assert checked("DIFFERENT", "DIFFERENT", "MISSING", "MISSING").status == "PENDING"


def test_a_domain_becomes_active_at_the_second_check(
    approved: SendingDomain, dns_server: LoopbackDnsServer, mailoutbox: list[EmailMessage]
) -> None:
    publish(dns_server, approved)
    assert check.check(approved)
    assert SendingDomain.objects.get().state == State.VERIFYING
    time_passes()
    tasks.check_due_domains()
    assert SendingDomain.objects.get().state == State.ACTIVE
    assert {record.status for record in approved.records.all()} == {"OK"}
    assert mailoutbox[-1].subject == "acme.test is active"


def test_the_second_check_is_planned_a_minute_after_the_first(
    approved: SendingDomain, dns_server: LoopbackDnsServer
) -> None:
    publish(dns_server, approved)
    check.check(approved)
    assert approved.next_check_at == key_of(approved).confirm_at


def test_who_looks_sees_what_was_seen_and_when_it_counts(
    approved: SendingDomain, dns_server: LoopbackDnsServer
) -> None:
    assert "shows 0 of 2 records." in check.check_in_words(approved)
    publish(dns_server, approved)
    assert "wait half a minute" in check.check_in_words(approved)
    time_passes()
    said = check.check_in_words(approved)
    assert "shows 2 of 2 records. We look again in about a minute" in said
    assert (key_of(approved).observed_status, key_of(approved).status) == ("OK", "PENDING")
    assert key_of(approved).status_text == "Found, second check in about a minute"
    time_passes()
    assert "acme.test is active." in check.check_in_words(approved)


def test_a_domain_with_a_record_missing_keeps_waiting(approved: SendingDomain, dns_server: LoopbackDnsServer) -> None:
    publish(dns_server, approved)
    dns_server.remove(DKIM.name)
    assert check_twice(approved).state == State.VERIFYING
    assert key_of(approved).status == "PENDING"


def test_records_without_the_ownership_record_prove_nothing(
    approved: SendingDomain, dns_server: LoopbackDnsServer
) -> None:
    publish(dns_server, approved)
    dns_server.remove(approved.ownership_record.name)
    assert check_twice(approved).state == State.VERIFYING


def test_the_first_proven_wins_and_the_second_waits(
    approved: SendingDomain, globex: WhiteLabel, dns_server: LoopbackDnsServer
) -> None:
    make_domain(globex, "acme.test")
    publish(dns_server, approved)
    domain = check_twice(approved)
    assert (domain.state, domain.live_elsewhere) == (State.VERIFYING, True)


def test_dns_is_asked_at_most_every_half_minute(approved: SendingDomain, dns_server: LoopbackDnsServer) -> None:
    assert check.check(approved)
    asked = len(dns_server.queries)
    assert not check.check(SendingDomain.objects.get(pk=approved.pk))
    assert len(dns_server.queries) == asked
    time_passes(timedelta(seconds=31))
    assert check.check(SendingDomain.objects.get(pk=approved.pk))


@pytest.mark.parametrize("state", [State.REFUSED, State.WITHDRAWN, State.EXPIRED])
def test_dns_is_not_asked_for_what_nobody_waits_for(
    state: str, approved: SendingDomain, dns_server: LoopbackDnsServer
) -> None:
    SendingDomain.objects.update(state=state)
    assert not check.check(approved)
    assert not SendingDomain.objects.due(timezone.now() + timedelta(days=2)).exists()
    assert dns_server.queries == []


def test_a_record_changed_while_dns_was_asked_keeps_its_own_status(approved: SendingDomain) -> None:
    row = key_of(approved)
    approved.records.filter(pk=row.pk).update(value="v=DKIM1; p=new")
    assert row.observe(Verdict(Status.OK, DKIM.value), timezone.now())
    row.save_observation()
    assert (key_of(approved).observed_status, key_of(approved).published) == ("", "")


def test_one_look_of_a_white_label_at_a_time_keeps_a_person_waiting(
    approved: SendingDomain, dns_server: LoopbackDnsServer
) -> None:
    cache.add(f"whitelabel.check.{approved.white_label_id}", True)
    assert "We look within half a minute." in check.check_in_words(approved)
    assert dns_server.queries == []
    assert SendingDomain.objects.due(timezone.now()).exists()
    cache.delete(f"whitelabel.check.{approved.white_label_id}")


def test_what_dns_failed_to_tell_stays_as_it_was_known(approved: SendingDomain, dns_server: LoopbackDnsServer) -> None:
    dns_server.add("acme.test", "MX", "10 mx.acme.test.")
    check.check(approved)
    dns_server.answer("acme.test", "SERVFAIL")
    time_passes()
    check.check(SendingDomain.objects.get())
    facts = SendingDomain.objects.get().dns_facts
    assert (facts.mx, "mx" in facts.unknown) == (("10 mx.acme.test",), True)


def test_one_domain_is_checked_by_its_id_and_a_gone_one_is_no_error(
    approved: SendingDomain, dns_server: LoopbackDnsServer
) -> None:
    tasks.check_domain(approved.pk)
    tasks.check_domain(0)
    assert (key_of(approved).observed_status, key_of(approved).published) == ("MISSING", "")


def test_what_dns_says_of_the_domain_is_kept(approved: SendingDomain, dns_server: LoopbackDnsServer) -> None:
    dns_server.add("acme.test", "MX", "10 mx.acme.test.")
    check.check(approved)
    facts = SendingDomain.objects.get().dns_facts
    assert (facts.mx, facts.dmarc_says) == (("10 mx.acme.test",), "acme.test has no DMARC policy.")


def test_what_was_planned_when_a_worker_died_is_done_later(approved: SendingDomain) -> None:
    now = timezone.now()
    assert approved.claim_check(now)
    assert not SendingDomain.objects.due(now + timedelta(minutes=59)).exists()
    assert SendingDomain.objects.due(now + timedelta(minutes=61)).exists()


def test_new_records_are_looked_for_at_once(
    approved: SendingDomain, owner: User, dns_server: LoopbackDnsServer
) -> None:
    check.check(approved)
    lifecycle.perform(approved.change_records, [approved.ownership_record, DKIM], by=owner)
    assert SendingDomain.objects.due(timezone.now() + timedelta(seconds=31)).exists()


def minutes_until_next_check(domain: SendingDomain, at: datetime) -> float:
    return (next_check(domain, domain.records.all(), at) - at).total_seconds() / 60


@pytest.mark.parametrize(
    ("state", "hours", "minutes"),
    [
        (State.REQUESTED, 0, 3),
        (State.VERIFYING, 1, 3),
        (State.VERIFYING, 10, 30),
        (State.VERIFYING, 20, 60),
        (State.APPROVED, 500, 60),
        (State.DEGRADED, 0, 10),
        (State.ACTIVE, 0, 24 * 60),
    ],
)
def test_dns_is_checked_less_and_less_often(state: str, hours: int, minutes: float, approved: SendingDomain) -> None:
    SendingDomain.objects.update(state=state, suspension="Abuse.")
    approved.records.update(status="OK" if state == State.ACTIVE else "PENDING")
    at = timezone.now() + timedelta(hours=hours)
    assert 0.9 * minutes <= minutes_until_next_check(SendingDomain.objects.get(), at) <= 1.12 * minutes


@pytest.mark.parametrize(("status", "suspension", "minutes"), [("PENDING", "Abuse.", 4), ("OK", "", 66)])
def test_new_records_and_what_was_suspended_by_itself_are_looked_at_soon(
    status: str, suspension: str, minutes: int, approved: SendingDomain
) -> None:
    SendingDomain.objects.update(state=State.SUSPENDED, suspension=suspension)
    approved.records.update(status=status)
    assert minutes_until_next_check(SendingDomain.objects.get(), timezone.now()) <= minutes


def test_records_changed_during_a_look_keep_their_own_plan(approved: SendingDomain, owner: User) -> None:
    domain = SendingDomain.objects.get()
    assert domain.claim_check(timezone.now())
    rows = list(domain.records.all())
    lifecycle.perform(approved.change_records, [approved.ownership_record], by=owner)
    check.store(domain, rows, check_records(domain.domain, [row.expected for row in rows]))
    assert SendingDomain.objects.due(timezone.now() + timedelta(seconds=31)).exists()


def test_a_domain_that_is_deleted_during_a_look_is_no_error(approved: SendingDomain) -> None:
    assert approved.claim_check(timezone.now())
    rows, result = list(approved.records.all()), check_records("acme.test", [])
    SendingDomain.objects.filter(pk=approved.pk).delete()
    check.store(approved, rows[:0], result)


def test_a_domain_whose_dns_fails_is_looked_at_again_within_the_hour(approved: SendingDomain) -> None:
    SendingDomain.objects.update(state=State.ACTIVE)
    approved.records.update(status="UNKNOWN")
    assert minutes_until_next_check(SendingDomain.objects.get(), timezone.now()) <= 66
