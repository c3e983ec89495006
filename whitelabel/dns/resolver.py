"""Ask about one domain: its own servers first, the configured resolver for the rest, within bounds of time and number.

Whoever runs the domain decides what its servers answer, so every address of them is judged as that of a white-label's
SMTP server is, each question has a short life, and a check as a whole has a last moment and a last question.
"""

import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from ipaddress import ip_address

import dns.exception
import dns.name
import dns.resolver
from django.conf import settings
from dns.nameserver import AddressAndPortNameserver

from smtp_settings.choices import Policy
from smtp_settings.network import resolver
from smtp_settings.network.address_policy import Forbidden, judge_addresses
from whitelabel.dns.answers import Answer, Lookup, Outcome, absent, unknown
from whitelabel.dns.responses import Alias, Referral, Step, read
from whitelabel.dns.wire import Server, exchange
from whitelabel.domain_names import NEVER_IN_PUBLIC_DNS, is_within, registrable

QUERY_SECONDS = 2.0
DOMAIN_SECONDS = 15.0
QUERIES_A_CHECK = 120
CNAME_STEPS = 8
REFERRALS = 4
SERVERS_ASKED = 2
SERVER_NAMES_TRIED = 4
RESOLVER_TRIES = 2


@dataclass(frozen=True)
class Zone:
    """A zone with those of its servers that may be asked; `why` says why nobody could tell which ones it has."""

    name: str
    servers: tuple[Server, ...] = ()
    why: str = ""


@dataclass(frozen=True)
class View:
    """What one server says: its answer, and how to ask it for more."""

    answer: Answer
    lookup: Lookup


class DomainResolver:
    """Answers the questions of one check, each asked once. `DomainResolver(domain)` is a `Lookup`."""

    def __init__(self, domain: str) -> None:
        self.domain = domain
        self._until = time.monotonic() + DOMAIN_SECONDS
        self._queries_left = QUERIES_A_CHECK
        self._resolvers = _resolvers()
        self._unresponsive: set[Server] = set()
        self._zones: dict[str, Zone] = {}
        self._answers: dict[tuple[str, str], Answer] = {}
        self._steps: dict[tuple[str, str], Step] = {}
        self.name_servers: tuple[str, ...] = ()
        self.name_servers_unknown = False

    def __call__(self, name: str, kind: str) -> Answer:
        """Return what the first server that can say something says."""
        if (name, kind) not in self._answers:
            self._answers[name, kind] = self._follow(self._step(name, kind), kind, (name,))
        return self._answers[name, kind]

    def ask_each_server(self, name: str, kind: str) -> list[View]:
        """Return what each of two servers of the domain says: they may disagree, and receivers ask either."""
        found = self._from_servers(self._zone_of(name), name, kind, SERVERS_ASKED)
        if not found:
            return [View(self(name, kind), self)]
        self._steps.setdefault((name, kind), found[0][1])
        return [View(self._follow(step, kind, (name,)), partial(self._ask_again, server)) for server, step in found]

    def find_servers(self) -> None:
        """Find the domain's own servers, so that `name_servers` is known even where there is no record to publish."""
        self._zone_of(self.domain)

    def alias_leaves_domain(self, answer: Answer) -> bool:
        """Return whether an alias led to other people's names: what the resolver says of those is not for all eyes."""
        return not all(is_within(name, registrable(self.domain)) for name in answer.aliases)

    def _ask_again(self, server: Server, name: str, kind: str) -> Answer:
        """Return what that very server says, where it says anything; of names of other people it is not asked."""
        step = self._query(server, name, kind) if is_within(name, registrable(self.domain)) else None
        if step is None or isinstance(step, Referral) or (isinstance(step, Answer) and step.is_unknown):
            return self(name, kind)
        return self._follow(step, kind, (name,))

    def _follow(self, step: Step, kind: str, path: tuple[str, ...]) -> Answer:
        """Go where an alias points; one that leads in circles, or too far, leads to nothing."""
        if isinstance(step, Answer):
            return replace(step, aliases=path[1:])
        assert isinstance(step, Alias)
        if step.target in path or len(path) > CNAME_STEPS:
            why = "The alias leads in circles." if step.target in path else "The alias leads over too many others."
            return Answer(Outcome.ABSENT, aliases=(*path[1:], step.target), why=why, no_such_name=True)
        return self._follow(self._step(step.target, kind), kind, (*path, step.target))

    def _step(self, name: str, kind: str) -> Step:
        """Return what the first server says of the very name; each such question is asked once."""
        if (name, kind) not in self._steps:
            zone = self._zone_of(name)
            found = self._from_servers(zone, name, kind, 1) if _is_name(name) else []
            self._steps[name, kind] = found[0][1] if found else self._in_place_of(zone, name, kind)
        return self._steps[name, kind]

    def _from_servers(
        self, zone: Zone, name: str, kind: str, wanted: int, referrals: int = REFERRALS
    ) -> list[tuple[Server, Step]]:
        """Return the steps of `wanted` servers; none where no server can be reached, the bad news where all fail."""
        good: list[tuple[Server, Step]] = []
        bad: list[tuple[Server, Step]] = []
        for server in zone.servers:
            if len(good) == wanted or (step := self._query(server, name, kind)) is None:
                continue
            if not isinstance(step, Referral):
                (bad if _is_bad(step) else good).append((server, step))
            elif why := _why_not_followed(step, server, zone, referrals):
                bad.append((server, unknown(why)))
            else:
                below = self._from_servers(self._zone_below(step), name, kind, wanted, referrals - 1)
                if any(not _is_bad(step) for _, step in below):
                    return below
                bad += below
        return good or bad[:1]

    def _zone_below(self, referral: Referral) -> Zone:
        if referral.zone not in self._zones:
            self._zones[referral.zone] = Zone(referral.zone, tuple(self._allowed(referral.servers)))
        return self._zones[referral.zone]

    def _in_place_of(self, zone: Zone, name: str, kind: str) -> Step:
        """Ask the resolver where no server of the zone answers; where it does not know either, say both.

        One that cannot tell which servers a zone has cannot tell either that there is nothing in it.
        """
        if not _is_name(name):
            return absent(no_such_name=True)
        step = self._from_resolver(name, kind)
        if zone.why and isinstance(step, Answer) and step.outcome is Outcome.ABSENT:
            return unknown(zone.why)
        if zone.servers and isinstance(step, Answer) and step.is_unknown:
            silent = ", ".join(map(str, zone.servers))
            return unknown(f"No answer came from {silent}. {step.why}")
        return step

    def _from_resolver(self, name: str, kind: str) -> Step:
        if not _is_public(name):
            return absent()
        step: Step = unknown("No name server answered.")
        failed: set[Server] = set()
        for server in self._resolvers * RESOLVER_TRIES:
            if server in failed or (answer := self._query(server, name, kind)) is None:
                continue
            step = answer
            if not (isinstance(step, Answer) and step.is_unknown):
                break
            failed.add(server)
        return step

    def _query(self, server: Server, name: str, kind: str) -> Step | None:
        """Return what the server says, None where it does not answer; it is then not asked again in this check."""
        seconds = min(QUERY_SECONDS, self._until - time.monotonic())
        if seconds <= 0 or self._queries_left <= 0:
            return unknown("Looking took too long." if seconds <= 0 else "It takes too many lookups.")
        if server in self._unresponsive:
            return None
        self._queries_left -= 1
        message = exchange(server, name, kind, seconds)
        if message is None and not server.recursive:
            self._unresponsive.add(server)
        return read(message, server, name, kind) if message else None

    def _zone_of(self, name: str) -> Zone:
        """Return the zone that `name` is in, one without servers for names of other people."""
        if not is_within(name, registrable(self.domain)):
            return Zone(name)
        start = self.domain if is_within(name, self.domain) else name
        if start not in self._zones:
            self._zones[start] = self._find_zone(start)
        return self._zones[start]

    def _find_zone(self, start: str) -> Zone:
        """Ask for name servers at the name and above it, at most up to what was registered."""
        top, why = registrable(start), ""
        for name in _upwards(start, top):
            step = self._from_resolver(name, "NS")
            why = step.why if isinstance(step, Answer) else ""
            self.name_servers_unknown |= isinstance(step, Answer) and step.is_unknown
            if isinstance(step, Answer) and step.outcome is Outcome.ANSWERED:
                if is_within(self.domain, name):
                    self.name_servers = tuple(sorted(step.values))
                return Zone(name, tuple(self._allowed(step.values)))
        return Zone(top, why=why)

    def _allowed(self, names: tuple[str, ...]) -> Iterator[Server]:
        """Give the servers that may be asked; always the same ones, so that checks can be compared."""
        count = 0
        for name in sorted(names)[:SERVER_NAMES_TRIED]:
            address = self._address_of(name)
            if address and count < SERVERS_ASKED:
                count += 1
                yield Server(name, address, settings.DNS_AUTHORITY_PORT)

    def _address_of(self, name: str) -> str:
        """Return an address of a name server, "" where it has none, or any that the installation may not talk to."""
        for kind in ("A", "AAAA"):
            step = self._from_resolver(name, kind)
            values = tuple(sorted(step.values)) if isinstance(step, Answer) else ()
            if values:
                return values[0] if _may_be_asked(name, values) else ""
        return ""


def _is_bad(step: Step) -> bool:
    return isinstance(step, Answer) and step.is_unknown


def _why_not_followed(referral: Referral, server: Server, zone: Zone, referrals: int) -> str:
    """Say why a referral leads nowhere, "" where it may lead on; one upwards or to itself is lame (RFC 1912 2.8)."""
    if referral.zone == zone.name or not is_within(referral.zone, zone.name):
        return f"{server} does not answer for {zone.name}, it only points at others."
    return "" if referrals else f"{referral.zone} is reached over too many name servers."


def _is_name(name: str) -> bool:
    """Return whether DNS can hold the name: what people publish may lead to any text."""
    try:
        dns.name.from_text(name)
    except dns.exception.DNSException:
        return False
    return True


def _is_public(name: str) -> bool:
    """Return whether the name is one of public DNS: the resolver may know internal names that are nobody's business."""
    return "." in name and name.rpartition(".")[2] not in NEVER_IN_PUBLIC_DNS


def _may_be_asked(name: str, addresses: tuple[str, ...]) -> bool:
    try:
        judge_addresses(name, Policy.WHITE_LABEL, [ip_address(address) for address in addresses])
    except Forbidden:
        return False
    return True


def _resolvers() -> list[Server]:
    try:
        configured = resolver.make().nameservers
    except dns.resolver.NoResolverConfiguration:
        return []
    servers = [resolver.name_server(item) if isinstance(item, str) else item for item in configured]
    return [
        Server("The resolver", one.address, one.port, recursive=True)
        for one in servers
        if isinstance(one, AddressAndPortNameserver)
    ]


def _upwards(name: str, top: str) -> Iterator[str]:
    while name and is_within(name, top):
        yield name
        name = name.partition(".")[2]
