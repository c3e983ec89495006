"""Finding a server from an address, asked of a real DNS server."""

import time

import pytest

from smtp_settings.choices import Policy, Security
from smtp_settings.providers import discovery
from smtp_settings.providers.discovery import Suggestion
from testing.servers.dns import LoopbackDnsServer

ADDRESS = "info@acme.test"
PUBLIC = "93.184.215.14"


def find(address: str = ADDRESS, policy: str = Policy.WHITE_LABEL) -> Suggestion | None:
    return discovery.find(address, policy)


def found(address: str = ADDRESS, policy: str = Policy.WHITE_LABEL) -> Suggestion:
    suggestion = find(address, policy)
    assert suggestion is not None
    return suggestion


def test_a_providers_own_domain_asks_nobody(dns_server: LoopbackDnsServer) -> None:
    suggestion = found("someone@Yahoo.com")
    assert (suggestion.host, suggestion.port, suggestion.security) == (
        "smtp.mail.yahoo.com",
        465,
        Security.IMPLICIT_TLS,
    )
    assert suggestion.username == "someone@Yahoo.com"
    assert suggestion.found_by == "Found by the domain yahoo.com."
    assert dns_server.queries == []


@pytest.mark.parametrize("domain", ["notyahoo.com", "yahoo.com.evil.test", "mail.yahoo.com.test"])
def test_a_domain_that_only_looks_like_a_providers_is_not_its_own(domain: str, dns_server: LoopbackDnsServer) -> None:
    assert find(f"a@{domain}") is None


def test_the_most_preferred_mail_exchanger_that_is_known_tells_the_provider(dns_server: LoopbackDnsServer) -> None:
    dns_server.add("acme.test", "MX", "20 aspmx.l.google.com.", "10 acme-test.mail.protection.outlook.com.")
    suggestion = found()
    assert (suggestion.host, suggestion.port) == ("smtp.office365.com", 587)
    assert suggestion.found_by == "Found by the MX record of acme.test."


def test_the_mail_exchanger_tells_the_region_too(dns_server: LoopbackDnsServer) -> None:
    dns_server.add("acme.test", "MX", "10 MX.Zoho.EU.")
    assert found().host == "smtppro.zoho.eu"


@pytest.mark.parametrize(
    ("service", "port", "security"),
    [("_submissions._tcp", 465, Security.IMPLICIT_TLS), ("_submission._tcp", 587, Security.STARTTLS)],
)
def test_a_service_record_names_the_server(
    service: str, port: int, security: str, dns_server: LoopbackDnsServer
) -> None:
    dns_server.add("acme.test", "MX", "10 mx.acme.test.")
    dns_server.add(f"{service}.acme.test", "SRV", f"0 1 {port} out.hoster.test.")
    dns_server.add("out.hoster.test", "A", PUBLIC)
    suggestion = found()
    assert (suggestion.host, suggestion.port, suggestion.security) == ("out.hoster.test", port, security)
    assert suggestion.found_by == f"Found by the SRV record {service}.acme.test."


def test_implicit_tls_is_preferred_and_the_lower_priority_first(dns_server: LoopbackDnsServer) -> None:
    dns_server.add("_submission._tcp.acme.test", "SRV", "0 1 587 starttls.acme.test.")
    dns_server.add("_submissions._tcp.acme.test", "SRV", "9 1 465 second.acme.test.", "1 1 465 first.acme.test.")
    for name in ("starttls", "second", "first"):
        dns_server.add(f"{name}.acme.test", "A", PUBLIC)
    assert found().host == "first.acme.test"


def test_a_service_record_may_lead_to_a_known_provider(dns_server: LoopbackDnsServer) -> None:
    dns_server.add("_submissions._tcp.acme.test", "SRV", "0 1 465 smtp.fastmail.com.")
    dns_server.add("smtp.fastmail.com", "A", PUBLIC)
    provider = found().provider
    assert provider is not None
    assert provider.name == "Fastmail"


def test_a_service_that_is_said_not_to_exist_is_none(dns_server: LoopbackDnsServer) -> None:
    dns_server.add("_submission._tcp.acme.test", "SRV", "0 0 0 .")
    assert find() is None


@pytest.mark.parametrize("name", ["smtp", "mail"])
def test_a_likely_name_that_exists_is_a_guess(name: str, dns_server: LoopbackDnsServer) -> None:
    dns_server.add(f"{name}.acme.test", "A", PUBLIC)
    suggestion = found()
    assert (suggestion.host, suggestion.port, suggestion.security) == (f"{name}.acme.test", 587, Security.STARTTLS)
    assert "a guess" in suggestion.found_by


@pytest.mark.parametrize("policy", [Policy.WHITE_LABEL, Policy.PLATFORM])
@pytest.mark.parametrize("address", ["10.0.0.7", "127.0.0.1", "169.254.169.254", "100.64.0.1"])
def test_names_of_inner_networks_are_as_if_they_were_not_there(
    policy: str, address: str, dns_server: LoopbackDnsServer
) -> None:
    dns_server.add("smtp.acme.test", "A", PUBLIC, address)
    dns_server.add("_submissions._tcp.acme.test", "SRV", "0 1 465 inner.acme.test.")
    dns_server.add("inner.acme.test", "A", address)
    assert find(policy=policy) is None


def test_white_labels_are_led_to_no_port_that_they_may_not_use(dns_server: LoopbackDnsServer) -> None:
    dns_server.add("_submission._tcp.acme.test", "SRV", "0 1 6379 out.acme.test.")
    dns_server.add("out.acme.test", "A", PUBLIC)
    assert find() is None
    assert found(policy=Policy.PLATFORM).port == 6379


@pytest.mark.parametrize("how", ["SERVFAIL", "REFUSED", "NXDOMAIN"])
def test_without_an_answer_nothing_is_suggested(how: str, dns_server: LoopbackDnsServer) -> None:
    for name in ("acme.test", "_submissions._tcp.acme.test", "_submission._tcp.acme.test", "smtp.acme.test"):
        dns_server.answer(name, how)
    assert find() is None


def test_a_broken_mail_exchanger_leaves_the_other_ways(dns_server: LoopbackDnsServer) -> None:
    dns_server.answer("acme.test", "SERVFAIL")
    dns_server.add("smtp.acme.test", "AAAA", "2606:2800:21f:cb07::1")
    assert found().host == "smtp.acme.test"


def test_name_servers_that_hang_are_given_up_in_time(
    dns_server: LoopbackDnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = ("acme.test", "_submissions._tcp.acme.test", "_submission._tcp.acme.test", "smtp.acme.test")
    for name in (*names, "mail.acme.test"):
        dns_server.answer(name, "hang")
    monkeypatch.setattr(discovery, "QUERY_SECONDS", 0.4)
    began = time.monotonic()
    assert discovery.find(ADDRESS, Policy.WHITE_LABEL, seconds=1) is None
    assert time.monotonic() - began < 1.5


@pytest.mark.parametrize(
    "address",
    [
        "",
        "info",
        "info@",
        "info@acme",
        "info@127.0.0.1",
        "info@[127.0.0.1]",
        "info@-a.test",
        "a@b c.test",
        "a@" + "ü" * 10**6 + ".test",
    ],
)
def test_what_is_no_address_asks_nobody(address: str, dns_server: LoopbackDnsServer) -> None:
    assert find(address) is None
    assert dns_server.queries == []


def test_a_domain_in_other_letters_is_asked_for_in_its_canonical_form(dns_server: LoopbackDnsServer) -> None:
    dns_server.add("xn--bcher-kva.test", "MX", "10 mx1.privateemail.com.")
    assert found("info@Bücher.test").host == "mail.privateemail.com"
