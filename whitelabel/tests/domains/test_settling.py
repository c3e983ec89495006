"""The transitions that follow from what DNS said, without anybody: `lifecycle.settle` on stored verdicts."""

import pytest
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.utils import timezone

from people.models import User
from testing.factories import make_domain
from whitelabel.dns.record import Record
from whitelabel.domains import lifecycle
from whitelabel.models import DnsRecord, SendingDomain, WhiteLabel

State = SendingDomain.State
DKIM = Record("TXT", "mail._domainkey.acme.test", "v=DKIM1; p=abc")


@pytest.fixture
def approved(acme: WhiteLabel, alice: User, owner: User, mailoutbox: list[EmailMessage]) -> SendingDomain:
    domain = lifecycle.request_domain(white_label=acme, person=alice, typed="acme.test")
    lifecycle.perform(domain.approve, [DKIM], by=owner)
    mailoutbox.clear()
    return domain


@pytest.fixture
def active(approved: SendingDomain, mailoutbox: list[EmailMessage]) -> SendingDomain:
    settle(approved, "OK", "OK")
    mailoutbox.clear()
    return approved


def settle(domain: SendingDomain, ownership: str, dkim: str) -> str:
    """Store what DNS said of the two records and return the state that follows."""
    for rows, status in ((domain.records.filter(name__startswith="_"), ownership), (key_rows(domain), dkim)):
        rows.update(status=status)
        rows.filter(status="OK", ok_at=None).update(ok_at=timezone.now())
    lifecycle.settle(domain)
    domain.refresh_from_db()
    return domain.state


def key_rows(domain: SendingDomain) -> QuerySet[DnsRecord]:
    return domain.records.filter(name=DKIM.name)


def transitions_of(domain: SendingDomain) -> list[str]:
    """Return the history without the request and the approval, the oldest first."""
    return [event.transition for event in domain.events.reverse()][2:]


@pytest.mark.parametrize("dkim", ["PENDING", "MISSING", "DIFFERENT", "UNKNOWN"])
def test_after_the_first_check_the_records_are_looked_for(dkim: str, approved: SendingDomain) -> None:
    assert settle(approved, "OK", dkim) == State.VERIFYING
    assert transitions_of(approved) == ["VERIFY"]


def test_a_proven_domain_becomes_active_and_both_sides_hear_of_it(
    approved: SendingDomain, owner: User, mailoutbox: list[EmailMessage]
) -> None:
    assert settle(approved, "OK", "OK") == State.ACTIVE
    assert transitions_of(approved) == ["VERIFY", "ACTIVATE"]
    assert approved.verified_at is not None
    assert {mail.to[0] for mail in mailoutbox} == {"alice@acme.test", "bob@acme.test", owner.email}
    assert {mail.subject for mail in mailoutbox} == {"acme.test is active"}


def test_without_proof_of_ownership_it_stays_as_it_is(approved: SendingDomain) -> None:
    assert settle(approved, "MISSING", "OK") == State.VERIFYING


def test_a_proven_domain_that_is_active_elsewhere_is_held_back_and_both_sides_hear_of_it_once(
    approved: SendingDomain, globex: WhiteLabel, owner: User, mailoutbox: list[EmailMessage]
) -> None:
    other = make_domain(globex, "acme.test")
    for _ in range(2):
        assert settle(approved, "OK", "OK") == State.VERIFYING
    assert transitions_of(approved) == ["VERIFY", "HOLD"]
    assert {mail.to[0] for mail in mailoutbox} == {"alice@acme.test", "bob@acme.test", owner.email}
    assert {mail.subject for mail in mailoutbox} == {"acme.test is proven, and active for somebody else"}
    assert "Globex" not in str(mailoutbox[0].body)
    SendingDomain.objects.filter(pk=other.pk).update(state=State.WITHDRAWN)
    assert settle(approved, "OK", "OK") == State.ACTIVE


def test_a_request_that_waits_anew_is_told_of_the_conflict_anew(
    approved: SendingDomain, globex: WhiteLabel, owner: User
) -> None:
    make_domain(globex, "acme.test")
    settle(approved, "OK", "OK")
    lifecycle.perform(approved.change_records, [DKIM], by=owner)
    settle(approved, "OK", "OK")
    assert transitions_of(approved) == ["VERIFY", "HOLD", "CHANGE_RECORDS", "HOLD"]


def test_a_request_without_an_answer_is_not_held_back(
    acme: WhiteLabel, globex: WhiteLabel, alice: User, mailoutbox: list[EmailMessage]
) -> None:
    make_domain(globex, "acme.test")
    domain = lifecycle.request_domain(white_label=acme, person=alice, typed="acme.test")
    mailoutbox.clear()
    domain.records.update(status="OK")
    lifecycle.settle(domain)
    assert mailoutbox == []


def test_settling_twice_tells_once(approved: SendingDomain, mailoutbox: list[EmailMessage]) -> None:
    settle(approved, "OK", "OK")
    mailed = len(mailoutbox)
    settle(approved, "OK", "OK")
    assert len(mailoutbox) == mailed
    assert transitions_of(approved) == ["VERIFY", "ACTIVATE"]


@pytest.mark.parametrize("dkim", ["MISSING", "DIFFERENT"])
def test_an_active_domain_whose_record_is_gone_is_degraded(
    dkim: str, active: SendingDomain, mailoutbox: list[EmailMessage]
) -> None:
    assert settle(active, "OK", dkim) == State.DEGRADED
    assert active.degraded_at is not None
    assert f"TXT mail._domainkey.acme.test ({dkim.lower()})" in mailoutbox[0].body
    assert "within 72 hours" in mailoutbox[0].body
    assert len(mailoutbox) == 3


@pytest.mark.parametrize("dkim", ["UNKNOWN", "PENDING"])
def test_what_dns_does_not_say_counts_for_nothing(dkim: str, active: SendingDomain) -> None:
    assert settle(active, "OK", dkim) == State.ACTIVE
    settle(active, "OK", "MISSING")
    assert settle(active, "OK", dkim) == State.DEGRADED


def test_a_new_record_that_was_never_published_degrades_nothing(active: SendingDomain, owner: User) -> None:
    lifecycle.perform(active.change_records, [DKIM, Record("CNAME", "em.acme.test", "u1.example.net")], by=owner)
    active.records.filter(name="em.acme.test").update(status="MISSING")
    assert settle(active, "OK", "OK") == State.ACTIVE
    assert settle(active, "OK", "MISSING") == State.DEGRADED
    assert "em.acme.test" not in active.events.first().words  # type: ignore[union-attr]
    assert settle(active, "OK", "OK") == State.ACTIVE


def test_records_that_come_back_make_it_active_again(active: SendingDomain, mailoutbox: list[EmailMessage]) -> None:
    settle(active, "OK", "MISSING")
    mailoutbox.clear()
    assert settle(active, "OK", "OK") == State.ACTIVE
    assert (active.degraded_at, active.warned_hours) == (None, 0)
    assert {mail.subject for mail in mailoutbox} == {"The DNS records of acme.test are back"}
    assert len(mailoutbox) == 3


def test_what_was_suspended_by_itself_comes_back_by_itself(active: SendingDomain) -> None:
    settle(active, "OK", "MISSING")
    active.suspend_for_missing_records()
    assert settle(active, "OK", "OK") == State.ACTIVE


def test_what_the_owner_suspended_stays_suspended(active: SendingDomain, owner: User) -> None:
    lifecycle.perform(active.suspend, "Abuse.", by=owner)
    assert settle(active, "OK", "OK") == State.SUSPENDED
    lifecycle.perform(active.resume, by=owner)
    assert active.state == State.ACTIVE


def test_what_the_owner_activated_without_proof_is_not_degraded(approved: SendingDomain, owner: User) -> None:
    lifecycle.perform(approved.activate, by=owner)
    assert settle(approved, "MISSING", "MISSING") == State.ACTIVE
    settle(approved, "OK", "OK")
    assert settle(approved, "OK", "MISSING") == State.DEGRADED


def test_the_second_to_prove_a_domain_waits(approved: SendingDomain, globex: WhiteLabel) -> None:
    first = make_domain(globex, "acme.test")
    assert settle(approved, "OK", "OK") == State.VERIFYING
    SendingDomain.objects.filter(pk=first.pk).update(state=State.WITHDRAWN)
    assert settle(approved, "OK", "OK") == State.ACTIVE


@pytest.mark.parametrize("state", [State.REQUESTED, State.REFUSED, State.WITHDRAWN, State.EXPIRED])
def test_what_dns_says_moves_nothing_before_an_approval_or_after_the_end(state: str, approved: SendingDomain) -> None:
    SendingDomain.objects.update(state=state)
    assert settle(approved, "OK", "OK") == state


def test_a_mistake_of_the_product_is_not_taken_for_a_move_that_came_too_late(approved: SendingDomain) -> None:
    WhiteLabel.objects.update(name="Ac\x07me")  # no message may contain that
    with pytest.raises(ValidationError, match="control characters"):
        settle(approved, "OK", "OK")


def test_a_domain_that_is_gone_is_no_error(approved: SendingDomain) -> None:
    SendingDomain.objects.filter(pk=approved.pk).delete()
    lifecycle.settle(approved)
