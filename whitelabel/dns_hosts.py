"""Who hosts the DNS of a domain, by its name servers, and how records are typed in there; from `dns_hosts.toml`."""

import fnmatch
import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from whitelabel.dns.record import Record
from whitelabel.domain_names import registrable

FILE = Path(__file__).with_name("dns_hosts.toml")


@dataclass(frozen=True)
class DnsHost:
    """See `dns_hosts.toml` for the fields."""

    key: str
    name: str
    name_servers: tuple[str, ...]
    apex: str
    field: str
    where: str
    full_names: bool = False
    quirks: tuple[str, ...] = ()
    final_dot: bool = False
    priority_in_value: bool = False
    help: str = ""

    def runs(self, name_server: str) -> bool:
        name = name_server.lower().rstrip(".")
        return any(re.match(fnmatch.translate(pattern), name) for pattern in self.name_servers)


@cache
def known() -> tuple[DnsHost, ...]:
    """Return the hosts in the order of the tables; raises `TypeError` for one with a wrong entry."""
    return tuple(_host(key, table) for key, table in tomllib.loads(FILE.read_text()).items())


def _host(key: str, table: dict[str, Any]) -> DnsHost:
    values: dict[str, Any] = {name: tuple(one) if isinstance(one, list) else one for name, one in table.items()}
    return DnsHost(key, **values)


def of(name_servers: Iterable[str]) -> DnsHost | None:
    """Return the host that runs all of the name servers; None where it is not known or there are several."""
    servers = list(name_servers)
    return next((host for host in known() if servers and all(map(host.runs, servers))), None)


def host_part(record: Record, domain: str) -> str:
    """Return the name of a record without the domain that was registered, "" for that itself."""
    return record.name.removesuffix(registrable(domain)).removesuffix(".")


def typed_name(record: Record, domain: str, host: DnsHost | None) -> str:
    """Return what is typed into the field for the name at `host`, "" where it stays empty."""
    if not record.name.endswith(registrable(domain)):
        return record.name
    return host_part(record, domain) or (host.apex if host else "@")


def typed_value(record: Record, host: DnsHost | None) -> str:
    """Return what is typed into the field for the value at `host`."""
    return f"{record.value}." if host and host.final_dot and record.type != "TXT" else record.value
