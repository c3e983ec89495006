"""Ask DNS for the records that a domain should publish, and say what it answered. Touches no database."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import dns.exception
import dns.rdtypes.ANY.MX
import dns.rdtypes.ANY.TXT
import dns.resolver
from dns.rdata import Rdata

from smtp_settings.resolver import make as make_resolver
from whitelabel.models import DnsRecord
from whitelabel.models.domain import Record
from whitelabel.records import comparable

QUERY_SECONDS = 3.0
DOMAIN_SECONDS = 10.0
QUERIES_AT_ONCE = 8
FOUND_MAX_CHARS = 1000

Status = DnsRecord.Status


@dataclass(frozen=True)
class Answer:
    """What DNS says of one record: a `DnsRecord.Status`, and the values it has under that name, one a line."""

    status: str
    found: str = ""


def look_up(records: Iterable[Record]) -> list[Answer]:
    """Return an answer for each record, in order, within `DOMAIN_SECONDS`; raises nothing for the network."""
    records = list(records)
    try:
        resolver = make_resolver()
    except dns.resolver.NoResolverConfiguration:
        return [Answer(Status.UNKNOWN)] * len(records)
    until = time.monotonic() + DOMAIN_SECONDS
    with ThreadPoolExecutor(max_workers=QUERIES_AT_ONCE, thread_name_prefix="dns") as pool:
        return list(pool.map(partial(_look_up, resolver, until), records))


def _look_up(resolver: dns.resolver.Resolver, until: float, record: Record) -> Answer:
    seconds = min(QUERY_SECONDS, until - time.monotonic())
    if seconds <= 0:
        return Answer(Status.UNKNOWN)
    try:
        answers = resolver.resolve(record.name, record.type, lifetime=seconds, search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
        return Answer(Status.MISSING)
    except (dns.exception.DNSException, OSError):
        return Answer(Status.UNKNOWN)
    return _judge(record, [_SPELL[record.type](rdata) for rdata in answers])


def _judge(record: Record, values: list[str]) -> Answer:
    expected = comparable(record.type, record.value)
    status = Status.OK if expected in {comparable(record.type, value) for value in values} else Status.DIFFERENT
    return Answer(status, _shown(values))


def _shown(values: list[str]) -> str:
    """Return values fit for a page: somebody else wrote them."""
    lines = ("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in value) for value in sorted(values))
    return "\n".join(lines)[:FOUND_MAX_CHARS]


def _txt(rdata: Rdata) -> str:
    assert isinstance(rdata, dns.rdtypes.ANY.TXT.TXT)
    return b"".join(rdata.strings).decode("utf-8", "replace")


def _cname(rdata: Rdata) -> str:
    return rdata.to_text().rstrip(".").lower()


def _mx(rdata: Rdata) -> str:
    assert isinstance(rdata, dns.rdtypes.ANY.MX.MX)
    return f"{rdata.preference} {rdata.exchange.to_text().rstrip('.').lower()}"


_SPELL: dict[str, Callable[[Rdata], str]] = {
    DnsRecord.Type.TXT: _txt,
    DnsRecord.Type.CNAME: _cname,
    DnsRecord.Type.MX: _mx,
}
