"""The DNS host of a domain is known by its name servers, and tells what is typed into its fields."""

import re

import pytest

from whitelabel import dns_hosts
from whitelabel.dns.record import Record

SERVERS = {
    "cloudflare": ["ada.ns.cloudflare.com.", "BOB.ns.cloudflare.com"],
    "route53": ["ns-1.awsdns-01.com", "ns-2.awsdns-02.co.uk", "ns-3.awsdns-03.org"],
    "azure": ["ns1-01.azure-dns.com", "ns2-01.azure-dns.net"],
    "godaddy": ["ns01.domaincontrol.com"],
    "ionos": ["ns1018.ui-dns.com", "ns1055.ui-dns.biz"],
    "hetzner": ["hydrogen.ns.hetzner.com", "oxygen.ns.hetzner.com"],
}
KEY = Record("TXT", "s1._domainkey.mail.example.com", "v=x")
APEX = Record("MX", "example.com", "10 mx.provider.example")


@pytest.mark.parametrize(("key", "servers"), SERVERS.items())
def test_a_host_is_known_by_its_name_servers(key: str, servers: list[str]) -> None:
    host = dns_hosts.of(servers)
    assert host is not None
    assert host.key == key


@pytest.mark.parametrize(
    "servers",
    [[], ["ns1.unknown.example"], ["ns.cloudflare.com.evil.example"], ["a.ns.cloudflare.com", "ns1.other.example"]],
)
def test_others_are_not_known(servers: list[str]) -> None:
    assert dns_hosts.of(servers) is None


def test_the_table_names_enough_hosts_and_each_once() -> None:
    hosts = dns_hosts.known()
    assert len(hosts) >= 20
    assert len({host.name for host in hosts}) == len({host.key for host in hosts}) == len(hosts)
    assert all(host.where.endswith(".") and host.field and host.apex in ("", "@") for host in hosts)
    assert all(re.fullmatch(r"https://\S+", host.help) for host in hosts if host.help)


def test_names_are_counted_from_the_domain_that_was_registered() -> None:
    assert dns_hosts.typed_name(KEY, "mail.example.com", None) == "s1._domainkey.mail"
    assert dns_hosts.typed_name(Record("TXT", "x.other.example", "v"), "mail.example.com", None) == "x.other.example"


def test_the_domain_itself_is_typed_as_the_host_wants() -> None:
    hosts = {host.key: host for host in dns_hosts.known()}
    assert dns_hosts.typed_name(APEX, "example.com", hosts["godaddy"]) == "@"
    assert dns_hosts.typed_name(APEX, "example.com", hosts["route53"]) == ""
    assert dns_hosts.typed_name(APEX, "example.com", None) == "@"


def test_a_final_dot_is_added_where_the_host_needs_it() -> None:
    hosts = {host.key: host for host in dns_hosts.known()}
    assert dns_hosts.typed_value(APEX, hosts["ovh"]) == "10 mx.provider.example."
    assert dns_hosts.typed_value(APEX, hosts["godaddy"]) == "10 mx.provider.example"
    assert dns_hosts.typed_value(KEY, hosts["ovh"]) == "v=x"
