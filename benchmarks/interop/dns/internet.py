"""A small internet: its root, one top-level domain, and the hosts that name servers are at.

Servers of one kind play all parts in it. The top-level domain `example` delegates the domains of the scenarios.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

from benchmarks.interop.dns.name_server import Zone
from benchmarks.interop.dns.signing import ZoneKey, sign

RESOLVER = "127.0.0.53"
ROOT_SERVER = "127.0.0.10"
TOP_LEVEL = ("127.0.0.11", "127.0.0.12")  # the second is nowhere named as a server of the top-level domain
FIRST = ("127.0.1.1", "127.9.0.1", "::1")
SEVERAL = {"tld": TOP_LEVEL, "ns1": FIRST}
ALLOWED_NETWORK, SILENT = "127.0.0.0/16", "127.0.1.9"
HOSTS = {
    "root": ROOT_SERVER,
    "tld": TOP_LEVEL[0],
    "ns1": FIRST[0],
    "ns2": "127.0.1.2",
    "inside": FIRST[1],  # where the installation may not connect to
    "six": FIRST[2],
    "apex": ROOT_SERVER,  # comes before the others, which are asked in the order of their names
    "mirror": TOP_LEVEL[1],
    "twin": TOP_LEVEL[1],
    "dead": SILENT,
    "dead2": SILENT,
    "closed": "127.0.1.8",  # nobody listens
    "life1": "127.0.1.3",
    "life2": "127.0.1.4",
}
FLAWED = {
    "formerr": "127.0.2.1",
    "notimp": "127.0.2.2",
    "refused": "127.0.2.3",
    "dropped": "127.0.2.4",
    "notcp": "127.0.2.5",
    "small": "127.0.2.6",
    "noaa": "127.0.2.7",
}
SOA = "@ SOA ns1.host.example. hostmaster.host.example. 1 3600 600 86400 60"


class Security(Enum):
    """What a validating resolver finds out about a zone."""

    NONE = "not signed"
    SIGNED = "signed"
    EXPIRED = "signatures that have expired"
    STRIPPED = "not signed, though the zone above says so"


class Fault(Enum):
    """How a server fails at a zone that it is named for."""

    UNKNOWN_ZONE = "it was never told of the zone"
    UNREADABLE = "it was told of the zone and cannot read it"


Content = str | Fault


@dataclass(frozen=True)
class Domain:
    """A zone below `example`; `servers` are the names of hosts in its delegation, `held_by` those that have it."""

    origin: str
    first: Content
    second: Content
    servers: Sequence[str] = ("ns1", "ns2")
    security: Security = Security.NONE
    below: Sequence["Domain"] = ()
    held_by: tuple[str, str] = ("ns1", "ns2")


@dataclass
class Internet:
    """Writes the zones into `folder`; `zones` are what each server is to serve."""

    folder: Path
    anchor: str = ""
    zones: defaultdict[str, list[Zone]] = field(default_factory=lambda: defaultdict(list))

    def write(self, domains: Iterable[Domain]) -> None:
        addresses = {name: _address(address) for name, address in (HOSTS | FLAWED).items()}
        hosts = "\n".join(f"{name} {address}" for name, address in (addresses | {"nick": "CNAME ns1"}).items())
        glue = "\n".join(f"{name}.host.example. {address}" for name, address in addresses.items())
        delegations = "\n".join(map(self.delegate, (Domain("host.example", hosts, hosts), *domains)))
        key, root_key = ZoneKey(), ZoneKey()
        self.zones["tld"].append(self._zone("tld", "example", f"{delegations}\n{glue}", ["tld"], key))
        beneath = f"example. NS tld.host.example.\n{key.delegation('example')}\n{glue}"
        self.zones["root"].append(self._zone("root", "", beneath, ["root"], root_key))
        self.anchor = root_key.delegation("")

    def delegate(self, domain: Domain) -> str:
        """Write the zone for both servers; return the records by which the zone above delegates it."""
        key = None if domain.security is Security.NONE else ZoneKey()
        beneath = "\n".join(map(self.delegate, domain.below))
        for which, content in zip(domain.held_by, (domain.first, domain.second), strict=True):
            if content is not Fault.UNKNOWN_ZONE:
                self.zones[which].append(self._served(which, domain, content, beneath, key))
        servers = "\n".join(f"{domain.origin}. NS {name}.host.example." for name in domain.servers)
        return f"{servers}\n{key.delegation(domain.origin)}" if key else servers

    def _served(self, which: str, domain: Domain, content: Content, beneath: str, key: ZoneKey | None) -> Zone:
        if isinstance(content, Fault):
            return Zone(f"{domain.origin}.", self.folder / "there is no such file")
        signing = None if domain.security is Security.STRIPPED else key
        expired = domain.security is Security.EXPIRED
        return self._zone(which, domain.origin, f"{content}\n{beneath}", domain.servers, signing, expired=expired)

    def _zone(
        self, which: str, origin: str, text: str, servers: Sequence[str], key: ZoneKey | None, *, expired: bool = False
    ) -> Zone:
        file = self.folder / f"{which}-{origin or 'root'}.zone"
        file.write_text(zone_file(origin, servers, text))
        if key:
            sign(file, f"{origin}.", key, expired=expired)
        return Zone(f"{origin}.", file, signed=key is not None)


def zone_file(origin: str, servers: Sequence[str], text: str) -> str:
    """Return `text` with the records that every zone begins with."""
    named = "\n".join(f"@ NS {name}.host.example." for name in servers)
    return f"$ORIGIN {origin}.\n$TTL 60\n{SOA}\n{named}\n{text}\n"


def _address(address: str) -> str:
    return f"{'AAAA' if ':' in address else 'A'} {address}"
