"""What real servers were seen to answer: none of it may be taken for a record that is not there."""

import pytest

from testing.servers.dns import LoopbackDnsServer
from whitelabel.dns.check import check_records
from whitelabel.dns.record import Record

NAME = "_backoffice-challenge.acme.test"
PROOF = Record("TXT", NAME, "r4nd0m")
KEY = Record("TXT", "k1._domainkey.acme.test", "v=DKIM1; p=abc")


def judged(record: Record) -> tuple[str, str]:
    (verdict,) = check_records("acme.test", [record]).verdicts
    return verdict.status, verdict.published


@pytest.mark.parametrize("how", ["empty", "SERVFAIL"])
def test_a_resolver_that_cannot_tell_the_servers_of_a_zone_cannot_tell_what_is_not_in_it(
    how: str, dns_server: LoopbackDnsServer
) -> None:
    dns_server.answer("acme.test", how)
    dns_server.answer(NAME, "empty")
    assert judged(PROOF)[0] == "UNKNOWN"


def test_a_resolver_that_cannot_tell_the_servers_of_a_zone_is_believed_what_it_shows(
    dns_server: LoopbackDnsServer,
) -> None:
    dns_server.answer("acme.test", "empty")
    dns_server.add(NAME, "TXT", '"r4nd0m"')
    assert judged(PROOF) == ("OK", "r4nd0m")


def test_an_alias_into_a_zone_whose_servers_nobody_knows_proves_nothing(
    dns_server: LoopbackDnsServer,
) -> None:
    dns_server.answer("acme.test", "empty")
    dns_server.add(KEY.name, "CNAME", "k.acme.test.")
    dns_server.answer("k.acme.test", "empty")
    assert judged(KEY)[0] == "UNKNOWN"


def test_a_resolver_that_says_that_the_domain_does_not_exist_is_believed(dns_server: LoopbackDnsServer) -> None:
    assert judged(PROOF) == ("MISSING", "")


@pytest.mark.parametrize("code", ["FORMERR", "NOTIMP"])
def test_servers_without_edns_are_asked_without_it(code: str, name_servers: list[LoopbackDnsServer]) -> None:
    for server in name_servers:
        server.code_for_edns = code
        server.add(NAME, "TXT", '"r4nd0m"')
    assert judged(PROOF) == ("OK", "r4nd0m")


def test_aliases_in_a_circle_are_seen_though_the_servers_fail_at_them(name_servers: list[LoopbackDnsServer]) -> None:
    for server in name_servers:
        for name, target in ((KEY.name, "a.acme.test"), ("a.acme.test", KEY.name)):
            server.add(name, "CNAME", f"{target}.")
            server.answer(name, "SERVFAIL")
    status, published = judged(KEY)
    assert status == "DIFFERENT"
    assert "circles" in published
