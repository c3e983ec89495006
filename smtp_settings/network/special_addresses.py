"""The addresses that are no public mail server's: an own table, because no library's idea of "private" is complete.

Sources: the IANA special-purpose registries for IPv4 and IPv6 (RFC 6890), and the metadata addresses of hosting
companies. Of IPv6 only 2000::/3 is public at all; the rows below it are named for the sake of the sentence.
"""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

Address = IPv4Address | IPv6Address

_IPV4 = {
    "0.0.0.0/8": "unspecified",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "shared by a carrier (CGNAT)",
    "127.0.0.0/8": "loopback",
    "168.63.129.16/32": "a metadata service",
    "169.254.0.0/16": "link-local",
    "172.16.0.0/12": "private",
    "192.0.0.0/24": "reserved for protocols",
    "192.0.2.0/24": "for documentation",
    "192.31.196.0/24": "reserved for protocols",
    "192.52.193.0/24": "reserved for protocols",
    "192.88.99.0/24": "a 6to4 relay",
    "192.168.0.0/16": "private",
    "192.175.48.0/24": "reserved for protocols",
    "198.18.0.0/15": "for benchmarking",
    "198.51.100.0/24": "for documentation",
    "203.0.113.0/24": "for documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
}
_IPV6 = {
    "::/128": "unspecified",
    "::1/128": "loopback",
    "::/96": "IPv4-compatible",
    "::ffff:0:0/96": "IPv4-mapped",
    "::ffff:0:0:0/96": "IPv4-translated",
    "64:ff9b::/96": "translated (NAT64)",
    "64:ff9b:1::/48": "translated (NAT64)",
    "100::/64": "for discarding",
    "2001::/32": "a Teredo tunnel",
    "2001::/23": "reserved for protocols",
    "2001:db8::/32": "for documentation",
    "2002::/16": "a 6to4 tunnel",
    "2620:4f:8000::/48": "reserved for protocols",
    "3fff::/20": "for documentation",
    "5f00::/16": "for segment routing",
    "fc00::/7": "unique local",
    "fe80::/10": "link-local",
    "fec0::/10": "site-local",
    "ff00::/8": "multicast",
}
_TABLE_4 = [(IPv4Network(network), kind) for network, kind in _IPV4.items()]
_TABLE_6 = [(IPv6Network(network), kind) for network, kind in _IPV6.items()]
_PUBLIC_6 = IPv6Network("2000::/3")
_IPV4_IN_LAST_32_BITS = [IPv6Network(name) for name in ("::/96", "::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96")]
_ISATAP = (0x00005EFE, 0x02005EFE)  # RFC 5214 6.1: the upper half of the interface identifier


def kind_of(address: Address) -> str:
    """Say what kind of special address this is, or what kind it embeds; "" for a public one."""
    own = _own_kind(address)
    embedded = [kind for inner in embedded_in(address) if (kind := _own_kind(inner))]
    return own or next(iter(embedded), "")


def embedded_in(address: Address) -> list[IPv4Address]:
    """Return the IPv4 addresses that an IPv6 address stands for: what a gateway would connect to."""
    if isinstance(address, IPv4Address) or address.is_unspecified or address.is_loopback:
        return []
    number = int(address)
    last = IPv4Address(number & 0xFFFFFFFF)
    if address in IPv6Network("2001::/32"):  # RFC 4380 4: the server, and the client with its bits inverted
        return [IPv4Address(number >> 64 & 0xFFFFFFFF), IPv4Address(~number & 0xFFFFFFFF)]
    if address in IPv6Network("2002::/16"):
        return [IPv4Address(number >> 80 & 0xFFFFFFFF)]
    if number >> 32 & 0xFFFFFFFF in _ISATAP or any(address in network for network in _IPV4_IN_LAST_32_BITS):
        return [last]
    return []


def _own_kind(address: Address) -> str:
    if isinstance(address, IPv4Address):
        return next((kind for network, kind in _TABLE_4 if address in network), "")
    if address.scope_id:
        return "bound to one link"
    named = next((kind for network, kind in _TABLE_6 if address in network), "")
    return named or ("" if address in _PUBLIC_6 else "not assigned to anybody")
