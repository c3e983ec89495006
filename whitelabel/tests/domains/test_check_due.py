"""Rounds: everything that is due is looked at, a few at a time, one round at a time."""

import time
from concurrent.futures import Future
from datetime import timedelta

import pytest
from django.core.cache import cache
from django.utils import timezone

from testing.factories import make_domain
from testing.servers.dns import LoopbackDnsServer
from whitelabel.dns import resolver
from whitelabel.dns.check import CheckResult
from whitelabel.domains import check_due
from whitelabel.models import SendingDomain, WhiteLabel


@pytest.fixture
def domains(acme: WhiteLabel, dns_server: LoopbackDnsServer) -> list[SendingDomain]:
    """Forty active domains with a record each, all found."""
    made = [make_domain(acme, f"d{number}.test") for number in range(40)]
    for domain in made:
        domain.records.create(type="TXT", name=domain.domain, value="code=1", status="OK")
        dns_server.add(domain.domain, "TXT", '"code=1"')
    return made


def test_a_round_looks_at_everything_that_is_due_once(
    domains: list[SendingDomain], dns_server: LoopbackDnsServer
) -> None:
    check_due.check_due()
    assert not SendingDomain.objects.due(timezone.now()).exists()
    assert {row.observed_status for domain in domains for row in domain.records.all()} == {"OK"}
    asked = len(dns_server.queries)
    check_due.check_due()
    assert len(dns_server.queries) == asked


def test_a_daily_round_spreads_out(domains: list[SendingDomain]) -> None:
    check_due.check_due()
    times = [domain.next_check_at for domain in SendingDomain.objects.all() if domain.next_check_at]
    assert max(times) - min(times) > timedelta(hours=1)


def test_a_domain_that_hangs_does_not_hold_up_the_others(
    domains: list[SendingDomain], dns_server: LoopbackDnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolver, "DOMAIN_SECONDS", 2)
    for domain in domains[:5]:
        dns_server.answer(domain.domain, "hang")
    began = time.monotonic()
    check_due.check_due()
    assert time.monotonic() - began < 5 * resolver.DOMAIN_SECONDS  # as long as they would take one after the other
    assert [domain.records.get().observed_status for domain in domains] == ["UNKNOWN"] * 5 + ["OK"] * 35


def test_there_is_one_round_at_a_time(domains: list[SendingDomain], dns_server: LoopbackDnsServer) -> None:
    cache.add(check_due.LOCK, True)
    check_due.check_due()
    assert dns_server.queries == []
    cache.delete(check_due.LOCK)
    check_due.check_due()
    assert dns_server.queries != []
    assert cache.get(check_due.LOCK) is None


def test_a_round_leaves_the_lock_of_another_alone(
    domains: list[SendingDomain], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(check_due, "LOCK_SECONDS", 0)  # the lock is over before the round is
    cache.delete(check_due.LOCK)
    check_due.check_due()
    cache.add(check_due.LOCK, "another")
    check_due.check_due()
    assert cache.get(check_due.LOCK) == "another"


def test_what_a_round_had_begun_when_it_broke_off_is_left_to_the_next(domains: list[SendingDomain]) -> None:
    running: dict[Future[CheckResult], check_due.Claimed] = {Future(): (domains[0], [])}
    assert domains[0].claim_check(timezone.now())
    with pytest.raises(OSError, match="away"), check_due._rescheduled_on_error(running):
        raise OSError("the database is away")
    assert domains[0] in SendingDomain.objects.due(timezone.now() + timedelta(seconds=31))


def test_a_round_without_time_takes_nothing(domains: list[SendingDomain], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(check_due, "CLAIM_SECONDS", 0.0)
    check_due.check_due()
    assert SendingDomain.objects.due(timezone.now()).count() == 40


def test_what_is_overdue_longest_comes_first(domains: list[SendingDomain]) -> None:
    now = timezone.now()
    for number, domain in enumerate(domains[:3]):
        domain.plan_check(now - timedelta(hours=number))
    domains[3].plan_check(now + timedelta(hours=1))
    due = list(SendingDomain.objects.due(now))
    assert (due[0], due[-3:], domains[3] in due) == (domains[4], [domains[2], domains[1], domains[0]], False)


@pytest.mark.parametrize("name", ["", "..", "a" * 250, "x" * 64 + ".test", "\x01.test", "é" * 60, "*.test"])
def test_a_domain_whose_name_is_none_keeps_no_other_from_its_check(name: str, domains: list[SendingDomain]) -> None:
    SendingDomain.objects.filter(pk=domains[0].pk).update(domain=name)
    domains[0].records.update(name=name, value=name)
    check_due.check_due()
    assert [domain.records.get().observed_status for domain in domains[1:]] == ["OK"] * 39
    assert not SendingDomain.objects.due(timezone.now()).exists()
