"""Networks from which a key may be used, and whether an address is in one of them."""

import ipaddress
import re
from collections.abc import Iterable

from django.core.exceptions import ValidationError

NETWORKS_MAX = 50
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
HOUSEHOLD_BITS = 64  # whoever has one IPv6 address has the other ones of its /64, too (RFC 4291 2.5.4)


def read(typed: str) -> str:
    """Return the networks in `typed` in their usual form, each once, with blanks. Raises `ValidationError`."""
    parts = [part for part in re.split(r"[\s,;]+", typed) if part]
    if len(parts) > NETWORKS_MAX:
        raise ValidationError(f"A key can have at most {NETWORKS_MAX} networks.")
    return " ".join(dict.fromkeys(map(_network, parts)))


def contain(networks: Iterable[str], address: str) -> bool:
    """Return whether `address` is in one of `networks`; no if it is not an IP address."""
    known = parsed(address)
    return known is not None and any(known in ipaddress.ip_network(network) for network in networks)


def parsed(address: str) -> Address | None:
    """Return the IP address, None where `address` is none; one of IPv4 that is written as IPv6 is IPv4 (RFC 4291)."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return None
    return known.ipv4_mapped or known if isinstance(known, ipaddress.IPv6Address) else known


def household_of(address: str) -> str:
    """Return what stands for whoever is at `address`: the address itself, of IPv6 its /64."""
    known = parsed(address)
    if isinstance(known, ipaddress.IPv6Address):
        return str(ipaddress.ip_network((known, HOUSEHOLD_BITS), strict=False))
    return str(known) if known else "nowhere"


def _network(part: str) -> str:
    try:
        return str(ipaddress.ip_network(part))
    except ValueError:
        pass
    try:
        meant = ipaddress.ip_network(part, strict=False)
    except ValueError:
        shown = part if len(part) <= 50 else f"{part[:49]}…"
        raise ValidationError(f"{shown} is not a network such as 203.0.113.0/24 or an address.") from None
    raise ValidationError(f"{part} names an address inside a network. Type {meant} for the whole network.")
