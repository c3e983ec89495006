"""Ask DNS: the name servers of the settings, else those of the system."""

import ipaddress
import re

import dns.nameserver
import dns.resolver
from django.conf import settings

DNS_PORT = 53
HIGHEST_PORT = 65_535


def make() -> dns.resolver.Resolver:
    """Return a resolver; raises `dns.resolver.NoResolverConfiguration` where neither names a server."""
    resolver = dns.resolver.Resolver(configure=not settings.DNS_RESOLVERS)
    if settings.DNS_RESOLVERS:
        resolver.nameservers = [name_server(item) for item in settings.DNS_RESOLVERS]
    return resolver


def name_server(item: str) -> dns.nameserver.Nameserver:
    """Read "192.0.2.1", "192.0.2.1:5353", "2001:db8::1" or "[2001:db8::1]:5353"; raises `ValueError`."""
    bracketed = re.fullmatch(r"\[(.+)\](?::(\d+))?", item)
    with_port = bracketed or re.fullmatch(r"([^:]+):(\d+)", item)
    address, port = with_port.groups() if with_port else (item, None)
    if not 0 < int(port or DNS_PORT) <= HIGHEST_PORT:
        raise ValueError(f"{port} is no port")
    return dns.nameserver.Do53Nameserver(str(ipaddress.ip_address(address)), int(port or DNS_PORT))
