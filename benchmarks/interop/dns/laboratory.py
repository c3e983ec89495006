"""The servers of one kind, and a resolver, running: works only in a network namespace of its own."""

import fcntl
import socket
import struct
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.interop.dns import bind, internet
from benchmarks.interop.dns.bind import Bind
from benchmarks.interop.dns.bind_resolver import BindResolver
from benchmarks.interop.dns.internet import FLAWED, HOSTS, SEVERAL, Domain, Internet
from benchmarks.interop.dns.knot import Knot
from benchmarks.interop.dns.name_server import DNS_PORT, NameServer
from benchmarks.interop.dns.nsd import Nsd
from benchmarks.interop.dns.powerdns import PowerDns
from benchmarks.interop.dns.resolver import Resolver
from benchmarks.interop.dns.unbound import Unbound


@dataclass(frozen=True)
class Kind:
    """The kind of all authoritative servers of a laboratory, and that of its resolver."""

    servers: type[NameServer]
    resolver: type[Resolver] = Unbound

    def fetch(self) -> str:
        """Get the programs where they are not here yet; return the version of what the kind is named for."""
        servers, resolver = self.servers.fetch(), self.resolver.fetch()
        return servers.version if self.resolver is Unbound else resolver.version


KINDS: Mapping[str, Kind] = {
    **{servers.name: Kind(servers) for servers in (Bind, Nsd, Knot, PowerDns)},
    BindResolver.name: Kind(Nsd, BindResolver),
}
FLAWED_KINDS: Mapping[str, type[Bind]] = {
    "formerr": bind.WithoutEdns,
    "notimp": bind.NotImplementingEdns,
    "refused": bind.RefusingEdns,
    "dropped": bind.DroppingEdns,
    "notcp": bind.WithoutTcp,
    "small": bind.SmallAnswers,
    "noaa": bind.NotAuthoritative,
}
SET_FLAGS, SET_ADDRESS, IS_UP = 0x8914, 0x8916, 0x1  # SIOCSIFFLAGS, SIOCSIFADDR, IFF_UP (netdevice(7))


def raise_loopback() -> None:
    """Bring up the loopback interface of a new network namespace, with every address that is served.

    BIND listens only at addresses that an interface has, though all of 127.0.0.0/8 would reach it.
    """
    addresses = {address for address in (*HOSTS.values(), *FLAWED.values(), internet.RESOLVER) if "." in address}
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SET_FLAGS, struct.pack("16sH14x", b"lo", IS_UP))
        for number, address in enumerate(sorted(addresses)):
            alias, packed = f"lo:{number}".encode(), socket.inet_aton(address)
            fcntl.ioctl(any_socket, SET_ADDRESS, struct.pack("16sH2x4s8x", alias, socket.AF_INET, packed))


def has_ipv6() -> bool:
    """Return whether this machine knows IPv6 at all."""
    with suppress(OSError), socket.socket(socket.AF_INET6, socket.SOCK_DGRAM) as place:
        place.bind(("::1", 0))
        return True
    return False


@contextmanager
def at_work(kind: Kind, folder: Path, logs: Path, domains: Sequence[Domain]) -> Iterator[Sequence[NameServer]]:
    """Run the servers of these domains; give the two that may be stopped, started and told something else."""
    world = Internet(folder / "zones")
    world.folder.mkdir()
    world.write(domains)
    servers = {
        name: kind.servers(name, folder, logs, addresses_of(name), world.zones[name])
        for name in ("root", "tld", "ns1", "ns2", "life1", "life2")
    }
    for flaw, flawed in FLAWED_KINDS.items():
        origins = {f"{domain.origin}." for domain in domains if flaw in domain.servers}
        if origins:
            zones = [zone for zone in world.zones["ns1"] if zone.origin in origins]
            servers[flaw] = flawed(flaw, folder, logs, [FLAWED[flaw]], zones)
    resolver = kind.resolver("resolver", folder, logs, [internet.RESOLVER], [])
    with ExitStack() as stack:
        stack.enter_context(silent_server(internet.SILENT))
        for server in servers.values():
            stack.enter_context(server)
        stack.enter_context(resolver.told(root_server=internet.ROOT_SERVER, trust_anchor=world.anchor))
        yield [servers["life1"], servers["life2"]]


def addresses_of(name: str) -> list[str]:
    several = SEVERAL.get(name, (HOSTS[name],))
    return [address for address in several if ":" not in address or has_ipv6()]


@contextmanager
def silent_server(address: str) -> Iterator[None]:
    """Take every question and answer none, by TCP and UDP alike."""
    with socket.socket(type=socket.SOCK_DGRAM) as udp, socket.socket() as tcp:
        udp.bind((address, DNS_PORT))
        tcp.bind((address, DNS_PORT))
        tcp.listen()
        yield
