"""Find the SMTP settings of an address: a provider's domain, its MX record, SRV records, else a likely host name.

Only DNS is asked, never a server, and within `SECONDS`. Names that lead where the installation sends no mail are left
out without a word, so that an answer tells nothing about anybody's network.
"""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import dns.exception
import dns.name
import dns.resolver
import idna

from smtp_settings.choices import Auth, Policy, Security
from smtp_settings.network import address_policy, resolver
from smtp_settings.network.special_addresses import kind_of
from smtp_settings.providers import lookup
from smtp_settings.providers.provider import Provider, Region, security_of

LONGEST_ADDRESS = 320
SECONDS = 5.0
QUERY_SECONDS = 2.0
LIKELY_HOSTS = ("smtp", "mail")
LIKELY_PORT = 587
SRV = {"_submissions._tcp": Security.IMPLICIT_TLS, "_submission._tcp": Security.STARTTLS}  # RFC 8314 5.1, RFC 6186 3.1

Query = Callable[[str, str], list[Any]]


@dataclass(frozen=True)
class Suggestion:
    """What to fill in, and how it was found; `provider` where it is a known one's."""

    host: str
    port: int
    security: str
    username: str
    found_by: str = ""
    provider: Provider | None = None
    region: Region | None = None
    auth: str = Auth.PASSWORD
    token_source: str = ""


def find(address: str, policy: str, *, seconds: float = SECONDS) -> Suggestion | None:
    """Return what is suggested for the sender `address`; raises nothing for what DNS says or does not say."""
    domain = domain_of(address)
    if not domain:
        return None
    if match := lookup.by_domain(domain):
        return of_provider(*match, address, policy, f"Found by the domain {domain}.")
    try:
        return _ask(_within(seconds), domain, address, policy)
    except dns.resolver.NoResolverConfiguration:
        return None


def of_provider(provider: Provider, region: Region, address: str, policy: str, found_by: str = "") -> Suggestion:
    port = provider.ports_for(policy)[0]
    username = provider.username_for(address)
    endpoint = (region.host, port, security_of(port))
    return Suggestion(*endpoint, username, found_by, provider, region, provider.auth, provider.token_source)


def domain_of(address: str) -> str:
    """Return the domain of an address as an A-label, "" where it has none that can be in public DNS."""
    _, _, name = address[:LONGEST_ADDRESS].strip().rpartition("@")
    try:
        domain = idna.encode(name.rstrip("."), uts46=True, std3_rules=True).decode().lower()
    except idna.IDNAError:
        return ""
    return domain if "." in domain and not domain.rpartition(".")[2].isdigit() else ""


def _ask(query: Query, domain: str, address: str, policy: str) -> Suggestion | None:
    """Ask all at once, because each answer may take its time; the first that says something wins."""
    names = [f"{first}.{domain}" for first in LIKELY_HOSTS]
    with ThreadPoolExecutor(thread_name_prefix="discovery") as pool:
        exchangers = pool.submit(query, domain, "MX")
        services = {first: pool.submit(query, f"{first}.{domain}", "SRV") for first in SRV}
        reachable = [pool.submit(_is_reachable, query, name) for name in names]
        suggestion = _by_mx(exchangers.result(), domain, address, policy)
        for first, answer in services.items():
            suggestion = suggestion or _by_srv(query, answer.result(), f"{first}.{domain}", address, policy)
    likely = [name for name, there in zip(names, reachable, strict=True) if there.result()]
    return suggestion or (_by_name(likely[0], domain, address) if likely else None)


def _by_mx(records: list[Any], domain: str, address: str, policy: str) -> Suggestion | None:
    exchangers = [_text(record.exchange) for record in sorted(records, key=lambda one: one.preference)]
    match = next((match for match in map(lookup.by_mx, exchangers) if match), None)
    return of_provider(*match, address, policy, f"Found by the MX record of {domain}.") if match else None


def _by_srv(query: Query, records: list[Any], name: str, address: str, policy: str) -> Suggestion | None:
    """Take the first usable service; a target that is the root means that there is none (RFC 6186 3.4)."""
    security = SRV[name[: name.index("._tcp") + len("._tcp")]]
    for record in sorted(records, key=lambda one: (one.priority, -one.weight)):
        host, usable = (
            _text(record.target),
            policy != Policy.WHITE_LABEL or record.port in address_policy.WHITE_LABEL_PORTS,
        )
        if host and usable and _is_reachable(query, host):
            match = lookup.by_host(host, address) or (None, None)
            return Suggestion(host, record.port, security, address, f"Found by the SRV record {name}.", *match)
    return None


def _by_name(host: str, domain: str, address: str) -> Suggestion:
    guess = f"{domain} says nothing about its SMTP server, but {host} exists. It is a guess: compare it with what your "
    guess += "provider says."
    return Suggestion(host, LIKELY_PORT, security_of(LIKELY_PORT), address, guess)


def _is_reachable(query: Query, host: str) -> bool:
    """Return whether `host` has addresses, and mail may be sent to every one of them."""
    records = [record for kind in ("A", "AAAA") for record in query(host, kind)]
    addresses = [ip_address(record.address) for record in records]
    return bool(addresses) and all(not kind_of(address) or address_policy.is_excepted(address) for address in addresses)


def _within(seconds: float) -> Query:
    """Return a function that asks DNS until `seconds` from now, and finds nothing where there is no answer."""
    until, dns_resolver = time.monotonic() + seconds, resolver.make()

    def query(name: str, kind: str) -> list[Any]:
        left = min(QUERY_SECONDS, until - time.monotonic())
        if left <= 0:
            return []
        try:
            return list(dns_resolver.resolve(name, kind, lifetime=left, search=False))
        except (dns.exception.DNSException, OSError):
            return []

    return query


def _text(name: dns.name.Name) -> str:
    return name.to_text().rstrip(".").lower()
