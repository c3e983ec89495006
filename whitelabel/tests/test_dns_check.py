"""What DNS says of the records to publish, asked of a real DNS server."""

import time
from datetime import timedelta

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.utils import timezone

from backoffice.models import User
from testing.dns import LoopbackDnsServer
from testing.factories import make_domain
from whitelabel import checking, dns, requests, tasks
from whitelabel.models import SendingDomain, WhiteLabel
from whitelabel.models.domain import Record

State = SendingDomain.State
DKIM = Record("TXT", "mail._domainkey.acme.test", "v=DKIM1; p=abcdef")


pytestmark = pytest.mark.usefixtures("dns_server")


@pytest.fixture
def approved(acme: WhiteLabel, alice: User, owner: User) -> SendingDomain:
    domain = requests.request_domain(white_label=acme, person=alice, typed="acme.test")
    requests.approve(domain, person=owner, records=[domain.ownership_record, DKIM])
    return domain


def publish(server: LoopbackDnsServer, domain: SendingDomain) -> None:
    for record in domain.records.all():
        server.add(record.name, record.type, f'"{record.value}"')


def look_up(record: Record) -> tuple[str, str]:
    answer = dns.look_up([record])[0]
    return answer.status, answer.found


@pytest.mark.parametrize(
    ("kind", "published", "expected", "status"),
    [
        ("TXT", '"v=DKIM1; p=abc" "def"', "v=DKIM1; p=abcdef", "OK"),
        ("TXT", '"v=DKIM1; p=ABCDEF"', "v=DKIM1; p=abcdef", "DIFFERENT"),
        ("CNAME", "Target.Provider.Example.", "target.provider.example", "OK"),
        ("CNAME", "other.provider.example.", "target.provider.example", "DIFFERENT"),
        ("MX", "10 MX.acme.test.", "10 mx.acme.test", "OK"),
        ("MX", "20 mx.acme.test.", "10 mx.acme.test", "DIFFERENT"),
    ],
)
def test_a_record_is_compared_as_its_type_asks(
    kind: str, published: str, expected: str, status: str, dns_server: LoopbackDnsServer
) -> None:
    dns_server.add("x.acme.test", kind, published)
    assert look_up(Record(kind, "x.acme.test", expected))[0] == status


def test_one_of_several_values_is_enough_and_all_are_shown(dns_server: LoopbackDnsServer) -> None:
    dns_server.add("acme.test", "TXT", '"v=spf1 -all"', '"other"')
    assert look_up(Record("TXT", "acme.test", "v=spf1 -all")) == ("OK", "other\nv=spf1 -all")


def test_a_name_or_type_that_is_not_there_is_missing(dns_server: LoopbackDnsServer) -> None:
    dns_server.add("acme.test", "MX", "10 mx.acme.test.")
    assert look_up(DKIM) == ("MISSING", "")
    assert look_up(Record("TXT", "acme.test", "x")) == ("MISSING", "")


@pytest.mark.parametrize("how", ["SERVFAIL", "REFUSED", "hang"])
def test_no_answer_is_unknown_and_never_missing(
    how: str, dns_server: LoopbackDnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dns, "QUERY_SECONDS", 0.3)
    dns_server.answer(DKIM.name, how)
    assert look_up(DKIM) == ("UNKNOWN", "")


def test_slow_dns_is_given_up_after_the_time_for_a_domain(
    dns_server: LoopbackDnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dns, "DOMAIN_SECONDS", 0.5)
    records = [Record("TXT", f"{number}.acme.test", "x") for number in range(20)]
    for record in records:
        dns_server.answer(record.name, "hang")
    began = time.monotonic()
    assert {answer.status for answer in dns.look_up(records)} == {"UNKNOWN"}
    assert time.monotonic() - began < 2


def test_a_domain_whose_records_are_all_found_becomes_active(
    approved: SendingDomain, dns_server: LoopbackDnsServer, mailoutbox: list[EmailMessage]
) -> None:
    publish(dns_server, approved)
    assert checking.check(approved)
    approved.refresh_from_db()
    assert (approved.state, {record.status for record in approved.records.all()}) == (State.ACTIVE, {"OK"})
    assert mailoutbox[-1].subject == "acme.test is active"


def test_a_domain_with_a_record_missing_keeps_waiting(approved: SendingDomain, dns_server: LoopbackDnsServer) -> None:
    publish(dns_server, approved)
    dns_server.remove(DKIM.name)
    checking.check(approved)
    approved.refresh_from_db()
    assert approved.state == State.VERIFYING
    assert approved.records.get(name=DKIM.name).status == "MISSING"


def test_records_without_the_ownership_record_prove_nothing(
    approved: SendingDomain, dns_server: LoopbackDnsServer
) -> None:
    publish(dns_server, approved)
    dns_server.remove(approved.ownership_record.name)
    checking.check(approved)
    assert SendingDomain.objects.get().state == State.VERIFYING


def test_the_first_proven_wins_and_the_second_waits(
    approved: SendingDomain, globex: WhiteLabel, dns_server: LoopbackDnsServer
) -> None:
    make_domain(globex, "acme.test")
    publish(dns_server, approved)
    checking.check(approved)
    approved.refresh_from_db()
    assert (approved.state, approved.live_elsewhere) == (State.VERIFYING, True)


def test_dns_is_asked_at_most_every_half_minute(approved: SendingDomain, dns_server: LoopbackDnsServer) -> None:
    assert checking.check(approved)
    assert not checking.check(SendingDomain.objects.get(pk=approved.pk))
    assert len(dns_server.queries) == 2
    with time_machine.travel(timezone.now() + timedelta(seconds=31)):
        assert checking.check(SendingDomain.objects.get(pk=approved.pk))


@pytest.mark.parametrize("state", [State.EXPIRED, State.REFUSED, State.WITHDRAWN])
def test_dns_is_not_asked_for_what_nobody_waits_for(
    state: str, approved: SendingDomain, dns_server: LoopbackDnsServer
) -> None:
    SendingDomain.objects.update(state=state)
    assert not checking.check(approved)
    assert dns_server.queries == []


def test_a_record_changed_while_dns_was_asked_keeps_its_own_status(approved: SendingDomain) -> None:
    row = approved.records.get(name=DKIM.name)
    approved.records.filter(pk=row.pk).update(value="v=DKIM1; p=new")
    row.note("OK", DKIM.value, timezone.now())
    row.refresh_from_db()
    assert row.status == "PENDING"


def test_one_domain_is_checked_by_its_id_and_a_gone_one_is_no_error(
    approved: SendingDomain, dns_server: LoopbackDnsServer
) -> None:
    publish(dns_server, approved)
    tasks.check_domain(approved.pk)
    tasks.check_domain(0)
    assert SendingDomain.objects.get().state == State.ACTIVE


def test_the_longest_unchecked_are_looked_at_first(approved: SendingDomain, globex: WhiteLabel) -> None:
    checked = make_domain(globex, "globex.test", State.VERIFYING)
    checked.records.create(name="globex.test", value="x")
    SendingDomain.objects.filter(pk=checked.pk).update(checked_at=timezone.now())
    make_domain(globex, "without-records.test", State.APPROVED)
    assert list(SendingDomain.objects.waiting_for_dns()) == [approved, checked]
