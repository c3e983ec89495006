"""Read the answer of a server: only what it says of the very name that was asked for is believed."""

from collections.abc import Callable
from dataclasses import dataclass

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rdtypes.ANY.MX
import dns.rdtypes.ANY.TXT
from dns.rdata import Rdata
from dns.rrset import RRset

from whitelabel.dns.answers import Answer, absent, answered, unknown
from whitelabel.dns.wire import Server
from whitelabel.domain_names import registrable


@dataclass(frozen=True)
class Alias:
    """The name is another name for `target` (RFC 1034 3.6.2)."""

    target: str


@dataclass(frozen=True)
class Referral:
    """The zone below is the business of other servers."""

    zone: str
    servers: tuple[str, ...]


ANSWER_MAX_CHARS = 16_000
Step = Answer | Alias | Referral


def read(message: dns.message.Message, server: Server, name: str, kind: str) -> Step:
    """Return what the message says of `name`; a server that does not answer for the zone says nothing.

    An alias holds whatever the response code says, which is about the last name that aliases led to (RFC 6604 3).
    """
    if message.rcode() not in (dns.rcode.NOERROR, dns.rcode.NXDOMAIN):
        target = _alias_target(message, name) if _answers_for(message, server) else None
        if target is not None:
            return Alias(target)
        return unknown(f"{server} answered {dns.rcode.to_text(message.rcode())}.")
    if values := _values(message, name, kind):
        if sum(map(len, values)) > ANSWER_MAX_CHARS:
            return unknown(f"{server} answered far too much.")
        return answered(*values) if _answers_for(message, server) else _lame(server)
    if referral := _referral(message, server, name):
        return referral
    if not _answers_for(message, server):
        return _lame(server)
    target = _alias_target(message, name)
    if target is not None:
        return Alias(target)
    if _proves_nothing(message, server, name):
        return unknown(f"{server} answered with nothing, and not that there is nothing.")
    return absent(no_such_name=message.rcode() == dns.rcode.NXDOMAIN and not message.answer)


def _alias_target(message: dns.message.Message, name: str) -> str | None:
    """Return where a CNAME leads, or a DNAME above the name, whose own CNAME may be left out (RFC 6672 3)."""
    if targets := _values(message, name, "CNAME"):
        return targets[0]
    asked = dns.name.from_text(name)
    for rrset in message.answer:
        if rrset.rdtype == dns.rdatatype.DNAME and asked.is_subdomain(rrset.name) and asked != rrset.name:
            return _substituted(asked, rrset)
    return None


def _substituted(asked: dns.name.Name, rrset: RRset) -> str | None:
    """Put the target of a DNAME in place of its owner; None where the result is no name (RFC 6672 2.2)."""
    target = rrset[0].target
    try:
        return _plain(asked.relativize(rrset.name).concatenate(target))
    except dns.name.NameTooLong:
        return None


def _proves_nothing(message: dns.message.Message, server: Server, name: str) -> bool:
    """Return whether an empty answer lacks its proof (RFC 2308 2.2) at a name that has at least its own SOA."""
    is_empty = message.rcode() == dns.rcode.NOERROR and server.recursive and registrable(name) == name
    return is_empty and not any(rrset.rdtype == dns.rdatatype.SOA for rrset in message.authority)


def _answers_for(message: dns.message.Message, server: Server) -> bool:
    return bool(message.flags & (dns.flags.RA if server.recursive else dns.flags.AA))


def _lame(server: Server) -> Answer:
    return unknown(f"{server} does not answer for the domain.")


def _values(message: dns.message.Message, name: str, kind: str) -> list[str]:
    place = (dns.name.from_text(name), dns.rdataclass.IN, dns.rdatatype.from_text(kind))
    rrset = message.get_rrset(message.answer, *place)
    return [_SPELL[kind](rdata) for rdata in rrset] if rrset else []


def _referral(message: dns.message.Message, server: Server, name: str) -> Referral | None:
    """Return the delegation that an authoritative server points to (RFC 1034 4.3.2): a zone at or above `name`."""
    if server.recursive or message.flags & dns.flags.AA or message.answer:
        return None
    delegations = [rrset for rrset in message.authority if _delegates(rrset, name)]
    if not delegations:
        return None
    servers = tuple(_host(rdata) for rdata in delegations[0])
    return Referral(_plain(delegations[0].name), servers)


def _delegates(rrset: RRset, name: str) -> bool:
    return rrset.rdtype == dns.rdatatype.NS and dns.name.from_text(name).is_subdomain(rrset.name)


def _txt(rdata: Rdata) -> str:
    assert isinstance(rdata, dns.rdtypes.ANY.TXT.TXT)
    return b"".join(rdata.strings).decode("utf-8", "replace")


def _mx(rdata: Rdata) -> str:
    assert isinstance(rdata, dns.rdtypes.ANY.MX.MX)
    return f"{rdata.preference} {_plain(rdata.exchange) or '.'}"


def _host(rdata: Rdata) -> str:
    return rdata.to_text().rstrip(".").lower()


def _plain(name: dns.name.Name) -> str:
    return name.to_text().rstrip(".").lower()


_SPELL: dict[str, Callable[[Rdata], str]] = {
    "TXT": _txt,
    "MX": _mx,
    "CNAME": _host,
    "NS": _host,
    "A": _host,
    "AAAA": _host,
}
