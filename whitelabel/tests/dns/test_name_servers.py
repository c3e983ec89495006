"""Which servers are asked: the domain's own, where they may be asked and can be; else the resolver."""

import errno
import socket
import threading
import time
from collections.abc import Iterator

import dns.flags
import dns.message
import dns.query
import dns.rrset
import pytest
from django.conf import LazySettings

from testing.fixtures import LOOPBACK
from testing.servers.dns import LoopbackDnsServer
from whitelabel.dns import resolver, wire
from whitelabel.dns.check import check_records
from whitelabel.dns.compare import DISAGREE, WRAPPED
from whitelabel.dns.record import Record
from whitelabel.tests.dns.dkim_keys import rsa_key

FLOOD = 1000  # takes 5 seconds at least
NAME = "_backoffice-challenge.acme.test"
PROOF = Record("TXT", NAME, "r4nd0m")


@pytest.fixture(autouse=True)
def _little_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver, "QUERY_SECONDS", 0.2)


def judged(record: Record = PROOF, domain: str = "acme.test") -> tuple[str, str]:
    (verdict,) = check_records(domain, [record]).verdicts
    return verdict.status, verdict.published


def publish(*servers: LoopbackDnsServer, name: str = NAME, value: str = "r4nd0m") -> None:
    for server in servers:
        server.add(name, "TXT", f'"{value}"')


def test_the_domains_own_servers_are_believed_and_not_a_cache(
    dns_server: LoopbackDnsServer, name_servers: list[LoopbackDnsServer]
) -> None:
    publish(dns_server, value="from a cache")
    publish(*name_servers)
    assert judged() == ("OK", "r4nd0m")
    assert (NAME, "TXT") not in dns_server.queries


def test_servers_where_none_may_be_asked_are_never_asked(
    dns_server: LoopbackDnsServer, name_servers: list[LoopbackDnsServer], settings: LazySettings
) -> None:
    settings.SMTP_ALLOWED_CIDRS = []
    publish(dns_server)
    assert judged() == ("OK", "r4nd0m")
    assert [server.queries for server in name_servers] == [[], []]


def test_one_forbidden_address_of_a_server_is_enough(
    dns_server: LoopbackDnsServer, name_servers: list[LoopbackDnsServer]
) -> None:
    dns_server.add("ns1.acme.test", "A", "169.254.169.254")
    publish(*name_servers)
    assert judged() == ("OK", "r4nd0m")
    assert name_servers[0].queries == []


@pytest.mark.parametrize("how", ["hang", "SERVFAIL", "lame", "garbage"])
def test_one_server_that_fails_leaves_the_other(how: str, name_servers: list[LoopbackDnsServer]) -> None:
    publish(*name_servers)
    name_servers[0].answer(NAME, how)
    assert judged() == ("OK", "r4nd0m")


def test_where_no_server_can_be_reached_the_resolver_is_asked(
    dns_server: LoopbackDnsServer, name_servers: list[LoopbackDnsServer]
) -> None:
    publish(dns_server)
    for server in name_servers:
        server.answer(NAME, "hang")
    assert judged() == ("OK", "r4nd0m")


def test_servers_that_all_fail_are_not_overruled_by_a_cache(
    dns_server: LoopbackDnsServer, name_servers: list[LoopbackDnsServer]
) -> None:
    for server in name_servers:
        server.answer(NAME, "SERVFAIL")
    assert judged() == ("UNKNOWN", "ns1.acme.test answered SERVFAIL.")


def test_servers_that_disagree_prove_nothing_and_count_against_nobody(name_servers: list[LoopbackDnsServer]) -> None:
    publish(name_servers[1])
    assert judged() == ("UNKNOWN", f"{DISAGREE}\nnothing\nr4nd0m")


@pytest.fixture
def without_ipv6(dns_server: LoopbackDnsServer, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that knows only IPv4, and a domain whose one name server is reached by IPv6 alone."""

    def made(family: int, kind: int, protocol: int) -> socket.socket:
        if family == socket.AF_INET6:
            raise OSError(errno.EAFNOSUPPORT, "Address family not supported by protocol")
        return socket.socket(family, kind, protocol)

    monkeypatch.setattr(dns.query, "socket_factory", made)
    settings.SMTP_ALLOWED_CIDRS = LOOPBACK
    dns_server.delegate("acme.test", "::1")


@pytest.mark.usefixtures("without_ipv6")
def test_without_ipv6_the_resolver_is_asked_in_place_of_a_server_that_has_only_that(
    dns_server: LoopbackDnsServer,
) -> None:
    publish(dns_server)
    assert judged() == ("OK", "r4nd0m")


@pytest.mark.usefixtures("without_ipv6")
@pytest.mark.parametrize("how", ["hang", "SERVFAIL"])
def test_without_ipv6_and_without_a_resolver_nothing_is_known(how: str, dns_server: LoopbackDnsServer) -> None:
    dns_server.answer(NAME, how)
    assert judged()[0] == "UNKNOWN"


def test_a_zone_below_has_servers_of_its_own(
    dns_server: LoopbackDnsServer, name_servers: list[LoopbackDnsServer]
) -> None:
    name_servers[0].refer("em.acme.test", "ns2.acme.test.")
    name_servers[1].add("k1._domainkey.em.acme.test", "TXT", '"p=abc"')
    assert judged(Record("TXT", "k1._domainkey.em.acme.test", "v=DKIM1; p=abc"))[0] == "OK"


def test_servers_that_only_point_at_each_other_are_given_up(name_servers: list[LoopbackDnsServer]) -> None:
    for server in name_servers:
        server.refer("acme.test", "ns1.acme.test.", "ns2.acme.test.")
    assert judged() == ("UNKNOWN", "ns1.acme.test does not answer for acme.test, it only points at others.")


@pytest.mark.parametrize("zone", ["acme.test", "test", "."])
@pytest.mark.parametrize("lame", [0, 1])
def test_one_that_refers_to_itself_or_upwards_is_lame_and_leaves_the_other(
    lame: int, zone: str, name_servers: list[LoopbackDnsServer]
) -> None:
    publish(name_servers[1 - lame])
    name_servers[lame].refer(zone, "ns1.acme.test.", "ns2.acme.test.")
    assert judged() == ("OK", "r4nd0m")


def test_servers_that_are_lame_and_silent_are_told_of_by_their_names(
    dns_server: LoopbackDnsServer, name_servers: list[LoopbackDnsServer]
) -> None:
    name_servers[0].answer(NAME, "hang")
    name_servers[1].refer("acme.test", "ns1.acme.test.")
    assert judged() == ("UNKNOWN", "ns2.acme.test does not answer for acme.test, it only points at others.")


def test_servers_that_are_dead_are_told_of_by_their_names(
    dns_server: LoopbackDnsServer, name_servers: list[LoopbackDnsServer]
) -> None:
    for server in (dns_server, *name_servers):
        server.answer(NAME, "hang")
    assert judged() == ("UNKNOWN", "No answer came from ns1.acme.test, ns2.acme.test. No name server answered.")


def test_a_zone_below_whose_servers_fail_leaves_what_the_other_says(
    dns_server: LoopbackDnsServer, name_servers: list[LoopbackDnsServer]
) -> None:
    dns_server.add("ns9.acme.test", "A", "127.0.0.9")  # where nobody answers
    name_servers[0].refer("em.acme.test", "ns9.acme.test.")
    name_servers[1].add("k1._domainkey.em.acme.test", "TXT", '"p=abc"')
    assert judged(Record("TXT", "k1._domainkey.em.acme.test", "v=DKIM1; p=abc"))[0] == "OK"


def test_servers_of_which_one_has_the_alias_and_one_an_old_address_disagree(
    name_servers: list[LoopbackDnsServer],
) -> None:
    name_servers[0].add("em.acme.test", "CNAME", "u1.provider.test.")
    name_servers[1].add("em.acme.test", "A", "104.21.0.7")
    status, published = judged(Record("CNAME", "em.acme.test", "u1.provider.test"))
    assert status == "UNKNOWN"
    assert published.splitlines()[0] == DISAGREE
    assert "104.21.0.7 instead of an alias" in published


def test_servers_of_which_one_has_nothing_yet_are_not_said_to_be_proxied(
    dns_server: LoopbackDnsServer, name_servers: list[LoopbackDnsServer]
) -> None:
    name_servers[0].add("em.acme.test", "CNAME", "u1.provider.test.")
    dns_server.add("u1.provider.test", "A", "192.0.2.1")
    status, published = judged(Record("CNAME", "em.acme.test", "u1.provider.test"))
    assert (status, published) == ("UNKNOWN", f"{DISAGREE}\nu1.provider.test\nnothing")


@pytest.mark.parametrize(("name", "status"), [("acme.test", "UNKNOWN"), (NAME, "MISSING")])
def test_an_empty_answer_without_proof_is_none_at_a_registered_name(
    name: str, status: str, dns_server: LoopbackDnsServer
) -> None:
    dns_server.answer(name, "empty")
    assert judged(Record("TXT", name, "r4nd0m"))[0] == status


def test_an_alias_of_the_zone_above_is_followed_to_the_key(
    dns_server: LoopbackDnsServer, name_servers: list[LoopbackDnsServer]
) -> None:
    for server in name_servers:
        server.add("_domainkey.acme.test", "DNAME", "dkim.provider.test.")
    dns_server.add("k1.dkim.provider.test", "TXT", f'"p={rsa_key().public}"')
    alias = Record("CNAME", "k1._domainkey.acme.test", "k1.dkim.provider.test")
    assert judged(alias) == ("OK", "an alias of k1.dkim.provider.test")


@pytest.mark.parametrize("others", ["kU9x-2bq0cZ8y1cWc3o5a7m9R4s6T8v0Lq2nX1wE3yA", "google-site-verification=1"])
def test_what_others_prove_under_the_same_name_is_beside_the_point(others: str, dns_server: LoopbackDnsServer) -> None:
    publish(dns_server, value=others)
    assert judged() == ("MISSING", "")
    publish(dns_server)
    assert judged()[0] == "OK"


@pytest.mark.parametrize("near", ["R4ND0M", "r4nd0", NAME + " r4nd0m"])
def test_a_proof_that_is_nearly_right_is_shown(near: str, dns_server: LoopbackDnsServer) -> None:
    publish(dns_server, value=near)
    assert judged() == ("DIFFERENT", near)


@pytest.mark.parametrize("wrapped", [r"\"r4nd0m\"", "'r4nd0m'", "`r4nd0m`"])
def test_a_proof_with_something_around_it_is_shown_with_what_to_do(wrapped: str, dns_server: LoopbackDnsServer) -> None:
    publish(dns_server, value=wrapped)
    assert judged() == ("DIFFERENT", f"{wrapped.replace(chr(92), '')}\n{WRAPPED}")


def test_a_name_that_dns_cannot_hold_has_no_records_and_silences_nobody(dns_server: LoopbackDnsServer) -> None:
    dns_server.add("acme.test", "TXT", '"v=spf1 a:a..test mx:x\\.test include:b..test -all"')
    result = check_records("acme.test", [PROOF])
    assert result.facts.spf_says.startswith("“include:b..test” in the SPF record of acme.test leads to no SPF record.")


def test_name_servers_are_looked_for_at_the_domain_and_up_to_what_was_registered(
    dns_server: LoopbackDnsServer, name_servers: list[LoopbackDnsServer]
) -> None:
    publish(*name_servers, name="x.mail.acme.test")
    assert judged(Record("TXT", "x.mail.acme.test", "r4nd0m"), domain="mail.acme.test")[0] == "OK"
    asked = {name for name, kind in dns_server.queries if kind == "NS"}
    assert asked <= {"mail.acme.test", "_dmarc.acme.test", "acme.test"}


def test_names_of_other_people_are_asked_of_the_resolver(
    dns_server: LoopbackDnsServer, name_servers: list[LoopbackDnsServer]
) -> None:
    for server in name_servers:
        server.add(NAME, "CNAME", "target.provider.test.")
        server.add("target.provider.test", "TXT", '"a lie"')
    publish(dns_server, name="target.provider.test")
    assert judged() == ("OK", "an alias of target.provider.test")


def test_what_an_spf_record_includes_is_not_asked_of_the_domains_own_servers(
    dns_server: LoopbackDnsServer, name_servers: list[LoopbackDnsServer]
) -> None:
    for server in name_servers:
        server.add("acme.test", "TXT", '"v=spf1 include:spf.provider.test ~all"')
        server.add("spf.provider.test", "TXT", '"v=spf1 ip4:192.0.2.0/24"')
    spf = Record("TXT", "acme.test", "v=spf1 include:spf.provider.test ~all")
    assert judged(spf)[0] == "DIFFERENT"
    dns_server.add("spf.provider.test", "TXT", '"v=spf1 ip4:192.0.2.0/24"')
    assert judged(spf)[0] == "OK"
    asked = {name for server in name_servers for name, _ in server.queries}
    assert asked == {"acme.test", "_dmarc.acme.test"}


@pytest.mark.parametrize("target", ["vault.corp.internal", "vault", "db.lan", "x.svc.cluster.local"])
def test_internal_names_are_not_asked_for(target: str, dns_server: LoopbackDnsServer) -> None:
    dns_server.add(NAME, "CNAME", f"{target}.")
    publish(dns_server, name=target, value="secret")
    assert judged() == ("DIFFERENT", f"an alias of {target}, which leads to nothing.")
    assert (target, "TXT") not in dns_server.queries


def test_what_stands_under_names_of_other_people_is_not_shown(dns_server: LoopbackDnsServer) -> None:
    dns_server.add(NAME, "CNAME", "vault.globex.test.")
    publish(dns_server, name="vault.globex.test", value="secret")
    assert judged() == ("DIFFERENT", "an alias of vault.globex.test, which holds something else")


def test_an_endless_answer_is_not_read(dns_server: LoopbackDnsServer) -> None:
    dns_server.add(NAME, "TXT", *(f'"{number:03}{"x" * 200}"' for number in range(100)))
    assert judged() == ("UNKNOWN", "The resolver answered far too much.")


def test_an_alias_of_the_root_is_named(dns_server: LoopbackDnsServer) -> None:
    dns_server.add(NAME, "CNAME", ".")
    assert judged() == ("DIFFERENT", "an alias of the root of DNS, which leads to nothing.")


@pytest.mark.parametrize(("address", "shown"), [("10.0.0.7", "an address"), ("104.21.0.7", "104.21.0.7")])
def test_an_internal_address_is_not_shown(address: str, shown: str, dns_server: LoopbackDnsServer) -> None:
    dns_server.add("em.acme.test", "A", address)
    found = judged(Record("CNAME", "em.acme.test", "u1.provider.test"))[1]
    assert found.startswith(f"{shown} instead of an alias. Switch off proxying")


def test_a_check_has_a_last_question(
    dns_server: LoopbackDnsServer, name_servers: list[LoopbackDnsServer], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolver, "QUERIES_A_CHECK", 4)
    publish(*name_servers)
    assert judged() == ("OK", "r4nd0m")
    assert sum(len(server.queries) for server in (dns_server, *name_servers)) == 4


def test_a_check_has_a_last_moment(dns_server: LoopbackDnsServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resolver, "DOMAIN_SECONDS", 0.5)
    records = [Record("TXT", f"{number}.acme.test", "x") for number in range(20)]
    for record in records:
        dns_server.answer(record.name, "hang")
    began = time.monotonic()
    assert {verdict.status for verdict in check_records("acme.test", records).verdicts} == {"UNKNOWN"}
    assert time.monotonic() - began < 1.5


def test_of_all_questions_fifty_are_under_way_at_most(dns_server: LoopbackDnsServer) -> None:
    dns_server.answer("slow.test", "hang")
    server = wire.Server("slow", dns_server.host, dns_server.port, recursive=True)
    askers = list(_asking(server, wire.QUERIES_AT_ONCE + 20))
    time.sleep(0.5)
    under_way = len(dns_server.queries)
    for asker in askers:
        asker.join()
    assert under_way == wire.QUERIES_AT_ONCE


def _asking(server: wire.Server, count: int) -> Iterator[threading.Thread]:
    for _ in range(count):
        thread = threading.Thread(target=wire.exchange, args=(server, "slow.test", "A", 1.5))
        thread.start()
        yield thread


def test_udp_and_tcp_share_the_deadline_of_a_question() -> None:
    with socket.socket() as tcp, socket.socket(type=socket.SOCK_DGRAM) as udp:
        tcp.bind(("127.0.0.1", 0))
        tcp.listen()  # and nobody answers
        udp.bind(tcp.getsockname())
        late = threading.Thread(target=_truncate_after_a_second, args=(udp,))
        late.start()
        host, port = tcp.getsockname()
        began = time.monotonic()
        assert wire.exchange(wire.Server("late", host, port, recursive=True), "late.test", "A", 1.5) is None
        assert time.monotonic() - began < 2.2
        late.join()


def test_a_flood_of_answers_to_other_questions_ends_with_the_deadline() -> None:
    over, sent = threading.Event(), list[int]()
    with socket.socket(type=socket.SOCK_DGRAM) as udp:
        udp.bind(("127.0.0.1", 0))
        flood = threading.Thread(target=_flood, args=(udp, over, sent))
        flood.start()
        host, port = udp.getsockname()
        server = wire.Server("flood", host, port, recursive=True)
        assert wire.exchange(server, "flood.test", "TXT", 0.5) is None
        over.set()
        flood.join()
    assert len(sent) < FLOOD


def _flood(udp: socket.socket, over: threading.Event, sent: list[int]) -> None:
    """Send answers that are slow to read, faster than they are read, as long as somebody waits."""
    query, client = udp.recvfrom(4096)
    answer = dns.message.make_response(dns.message.from_wire(query))
    answer.id ^= 1
    answer.answer = [dns.rrset.from_text(f"{at}.flood.test.", 1, "IN", "A", "192.0.2.1") for at in range(2000)]
    wire_format = answer.to_wire(max_size=65_000)
    while len(sent) < FLOOD and not over.wait(0.005):
        sent.append(udp.sendto(wire_format, client))


def _truncate_after_a_second(udp: socket.socket) -> None:
    query, client = udp.recvfrom(4096)
    answer = dns.message.make_response(dns.message.from_wire(query))
    answer.flags |= dns.flags.TC
    time.sleep(1)
    udp.sendto(answer.to_wire(), client)
