"""Host names as mail and the web write them: A-labels (RFC 5890), and address literals (RFC 5321 4.1.3)."""

from ipaddress import IPv4Address, IPv6Address, ip_address

import idna


def canonical(host: str) -> IPv4Address | IPv6Address | str:
    """Return the address or the A-labels that `host` stands for; raises `ValueError` for what is no host."""
    try:
        address = ip_address(host.removeprefix("[").removesuffix("]").removeprefix("IPv6:"))
    except ValueError:
        name = idna.encode(host.removesuffix("."), uts46=True, std3_rules=True).decode().lower()
        if name.rpartition(".")[2].isdigit():
            raise ValueError(f"{host} is no address, and no name ends with a number") from None
        return name
    return address if address.version == 4 else IPv6Address(int(address))  # without a zone, which is of this machine


def in_mail(host: str) -> str:
    """Return `host` as EHLO, Message-ID and addresses have it: "mail.example.com", "[192.0.2.1]", "[IPv6:::1]"."""
    name = canonical(host)
    if isinstance(name, str):
        return name
    return f"[{name}]" if name.version == 4 else f"[IPv6:{name}]"


def in_url(host: str) -> str:
    """Return `host` as it stands in a URL (RFC 3986 3.2.2)."""
    name = canonical(host)
    return f"[{name}]" if isinstance(name, IPv6Address) else str(name)
