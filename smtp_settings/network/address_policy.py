"""Where an SMTP server may be. Asked when a server is saved, when it is checked and at each connection.

Names are resolved once, every address is judged, and the caller connects to exactly the addresses returned here: a
name that points elsewhere a moment later changes nothing. What white-labels hear does not depend on whether an
address is forbidden, unknown or silent, so that a check is no way to explore somebody's network.
"""

import re
import socket
import threading
from collections.abc import Sequence
from ipaddress import IPv4Address, ip_address
from queue import Empty, SimpleQueue

import idna
from django.conf import settings

from smtp_settings.choices import Policy
from smtp_settings.network.special_addresses import Address, embedded_in, kind_of

RESOLVE_SECONDS = 5
WHITE_LABEL_PORTS = (465, 587, 2465, 2525, 2587)
RELAY_PORT = 25
NUMBER_AS_LAST_LABEL = re.compile(r"(?:\d+|0x[0-9a-f]*)\Z", re.ASCII)

UNREACHABLE = "The server cannot be reached at this address. Check the host name and the port with your provider."


class Refused(Exception):
    """A server that cannot be used, with a sentence for the person and the field that it is about."""

    def __init__(self, sentence: str, field: str = "host") -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.field = field


class Forbidden(Refused):
    """The server may not be there."""


class Unresolvable(Refused):
    """The host name leads to no address."""


def resolve(host: str, port: int, policy: str) -> list[str]:
    """Return the addresses that may be connected to, in order; raises `Forbidden` or `Unresolvable`."""
    if policy != Policy.ENVIRONMENT:
        host = canonical_host(host, policy)
    addresses = lookup(host)
    if policy != Policy.ENVIRONMENT:
        judge(host, port, policy, addresses)
    if not addresses:
        raise Unresolvable(UNREACHABLE if policy == Policy.WHITE_LABEL else f"No address is known for {host}.")
    return [str(address) for address in addresses]


def canonical_host(typed: str, policy: str) -> str:
    """Return the one spelling of a host: an A-label name (UTS 46), or for the platform an address."""
    name = typed.strip().rstrip(".")
    literal = _literal(name.strip("[]"))
    if literal and policy != Policy.WHITE_LABEL:
        return str(literal)
    if literal:
        raise Forbidden("Type the host name of the server, such as smtp.example.com, not an IP address.")
    try:
        name = idna.encode(name, uts46=True, std3_rules=True, transitional=False).decode().lower()
    except idna.IDNAError as error:
        raise Forbidden("This is not a host name: type it like smtp.example.com, without a port or a path.") from error
    if NUMBER_AS_LAST_LABEL.match(name.rpartition(".")[2]):
        raise Forbidden("Type the host name of the server, such as smtp.example.com, not a number.")
    return name


def judge(host: str, port: int, policy: str, addresses: Sequence[Address]) -> None:
    """Raise `Forbidden` unless a server of `policy` may be at every one of `addresses`."""
    excepted = bool(addresses) and all(is_excepted(address) for address in addresses)
    if policy == Policy.WHITE_LABEL and not excepted:
        _judge_port(port)
    judge_addresses(host, policy, addresses)


def judge_addresses(host: str, policy: str, addresses: Sequence[Address]) -> None:
    """Raise `Forbidden` unless every one of `addresses` is public or allowed by the installation."""
    for address in addresses:
        kind = kind_of(address)
        if kind and not is_excepted(address):
            precise = f"{host} is at {address}, which is {kind}: mail is not sent there. Ask whoever runs the "
            precise += "installation to list its network in SMTP_ALLOWED_CIDRS."
            raise Forbidden(UNREACHABLE if policy == Policy.WHITE_LABEL else precise)


def is_excepted(address: Address) -> bool:
    """Return whether the installation allows this address by name; what it embeds is judged for itself."""
    listed = any(address.version == network.version and address in network for network in settings.SMTP_ALLOWED_CIDRS)
    return listed and all(not kind_of(inner) or is_excepted(inner) for inner in embedded_in(address))


def lookup(host: str) -> list[Address]:
    """Return the addresses of `host` without doubles, [] where there are none or the answer takes too long."""
    answers: SimpleQueue[list[Address]] = SimpleQueue()
    threading.Thread(target=lambda: answers.put(_getaddrinfo(host)), daemon=True, name="resolve").start()
    try:
        return answers.get(timeout=RESOLVE_SECONDS)  # the system's resolver itself cannot be interrupted
    except Empty:
        return []


def _getaddrinfo(host: str) -> list[Address]:
    try:
        entries = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM)
        return list(dict.fromkeys(ip_address(str(entry[4][0])) for entry in entries))
    except (OSError, UnicodeError, ValueError):
        return []


def _judge_port(port: int) -> None:
    allowed = sorted((RELAY_PORT, *WHITE_LABEL_PORTS)) if settings.SMTP_ALLOW_PORT_25 else list(WHITE_LABEL_PORTS)
    if port not in allowed:
        raise Forbidden(f"Choose one of the ports {', '.join(map(str, allowed))}; most providers use 587.", "port")


def _literal(name: str) -> Address | None:
    """Return the address that `name` spells in the usual way or in one that only the system's resolver takes."""
    try:
        return ip_address(name)
    except ValueError:
        pass
    try:
        return IPv4Address(socket.inet_aton(name))
    except (OSError, UnicodeError, ValueError):
        return None
