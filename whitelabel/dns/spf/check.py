"""What receivers answer for a mail by the SPF of a domain: check_host (RFC 7208 4)."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import ip_network

from whitelabel.dns.answers import Lookup, Outcome, printable
from whitelabel.dns.spf.macros import expanded
from whitelabel.dns.spf.terms import COSTS_A_LOOKUP, LOOKUPS_MAX, Network, Term, fault_of, records_among, terms_of
from whitelabel.domain_names import is_within

VOID_LOOKUPS_MAX = 2
MX_NAMES_MAX = 10
RECORD_READ_MAX_CHARS = 4000
TEXT_MAX_CHARS = 80
MAY_BE_VOID = frozenset({"a", "mx", "exists"})


class Result(Enum):
    NONE = "none"
    NEUTRAL = "neutral"
    PASS = "pass"  # noqa: S105
    FAIL = "fail"
    SOFTFAIL = "softfail"
    TEMPERROR = "temperror"
    PERMERROR = "permerror"


BY_QUALIFIER = {"+": Result.PASS, "-": Result.FAIL, "~": Result.SOFTFAIL, "?": Result.NEUTRAL}


@dataclass(frozen=True)
class Sender:
    """What is known of a mail. Of one through a provider that is little: what no field says matches nothing.

    `network` are the addresses it may come from, `names` the validated names of its client (RFC 7208 5.5), `macros`
    the values of macro letters. `mechanism` is the canonical spelling of one that matches it, and `passes_at` a domain
    whose SPF record passes it, whatever is in there.
    """

    network: Network | None = None
    names: tuple[str, ...] = ()
    mechanism: str = ""
    passes_at: str = ""
    macros: Mapping[str, str] = field(default_factory=dict)


class PermanentError(Exception):
    """What makes receivers take no notice of the record; says why, as a sentence."""


class LimitReached(PermanentError):
    """More lookups than receivers make (RFC 7208 4.6.4)."""


class TemporaryError(Exception):
    """DNS did not say; says about what, as a sentence."""


def check_host(domain: str, sender: Sender, lookup: Lookup) -> Result:
    """Return what a receiver answers for a mail from `domain` (RFC 7208 2.6).

    Where a macro depends on what is not known of the mail, all that can be said is a pass by what stands elsewhere;
    otherwise the result is as of a DNS that fails.
    """
    return result_of(Check(lookup, sender), domain)


def result_of(check: "Check", domain: str) -> Result:
    """Return the result of a check that has not begun."""
    try:
        result = check.host(domain, ())
    except PermanentError:
        result = Result.PERMERROR
    except TemporaryError:
        result = Result.TEMPERROR
    return Result.TEMPERROR if check.unknown and result is not Result.PASS else result


class Check:
    """Follows a record and those that it leads to, for one sender, and counts as receivers do."""

    lookups_max = LOOKUPS_MAX
    voids_max = VOID_LOOKUPS_MAX

    def __init__(self, lookup: Lookup, sender: Sender) -> None:
        self.lookup, self.sender = lookup, sender
        self.lookups = self.voids = self.possible_voids = 0
        self.unknown: list[str] = []
        self.may_refuse = False  # a term before the end refuses some
        self.doubts = False  # what is followed refuses what matches, so a part of the sender's addresses is enough

    def host(self, domain: str, path: tuple[str, ...]) -> Result:
        """Return the result of `domain`, to which `path` led; raises `PermanentError` or `TemporaryError`."""
        answer = self.lookup(domain, "TXT")
        if answer.is_unknown:
            raise TemporaryError(f"The SPF record of {domain} could not be looked up.")
        if path and answer.outcome is Outcome.ABSENT:
            self._count_void(domain)
        records = records_among(answer.values)
        if len(records) > 1:
            raise PermanentError(f"{domain} has {len(records)} SPF records; receivers then take none of them.")
        return self.record(domain, records[0], (*path, domain)) if records else Result.NONE

    def record(self, domain: str, record: str, path: tuple[str, ...]) -> Result:
        """Return the result of the first mechanism that matches, else of the redirect (RFC 7208 4.6, 6.1)."""
        if len(record) > RECORD_READ_MAX_CHARS:
            raise PermanentError(f"The SPF record of {domain} is far too long.")
        if fault := fault_of(record):
            raise PermanentError(f"“{printable(fault[:TEXT_MAX_CHARS])}” in the SPF record of {domain} is not valid.")
        terms = terms_of(record)
        for term in terms:
            if not term.is_modifier and self.matches(term, domain, path):
                return BY_QUALIFIER[term.qualifier]
        redirect = next((term for term in terms if term.is_modifier and term.name == "redirect"), None)
        return self._redirected(redirect, domain, path) if redirect else Result.NEUTRAL

    def matches(self, term: Term, domain: str, path: tuple[str, ...]) -> bool:
        """Return whether a mechanism matches the sender (RFC 7208 5)."""
        if term.name in COSTS_A_LOOKUP:
            self._count_lookup(domain)
        self.may_refuse |= term.name != "all" and term.qualifier != "+"
        if term.name == "all" or term.canonical(domain) == self.sender.mechanism:
            return True
        if term.network is not None:
            return self._comes_from([term.network], term)
        target = self._target(term, domain)
        if target is None:
            return False
        if term.name == "include":
            return self._included(term, target, domain, path)
        if term.name == "ptr":
            return any(is_within(name, target) for name in self.sender.names)
        if term.name == "exists":
            return bool(self._ask(target, "A"))
        return self._comes_from(self._networks(term, target), term)

    def _included(self, term: Term, target: str, domain: str, path: tuple[str, ...]) -> bool:
        """Return whether an include matches (RFC 7208 5.2): one that refuses turns what its terms mean about."""
        before, self.doubts = self.doubts, self._doubts(term)
        try:
            return self._entered(term, target, domain, path) is Result.PASS
        finally:
            self.doubts = before

    def _redirected(self, term: Term, domain: str, path: tuple[str, ...]) -> Result:
        self._count_lookup(domain)
        target = self._target(term, domain)
        return self._entered(term, target, domain, path) if target is not None else Result.NEUTRAL

    def _entered(self, term: Term, target: str, domain: str, path: tuple[str, ...]) -> Result:
        """Return the result of the record that an include or a redirect leads to (RFC 7208 5.2, 6.1)."""
        if target in path:  # the way is the same each time, and ends at a limit
            raise PermanentError(f"The SPF record of {domain} includes itself by way of {target}.")
        result = self.host(target, path)
        if result is Result.NONE:
            raise PermanentError(f"“{shown(term)}” in the SPF record of {domain} leads to no SPF record.")
        return Result.PASS if target == self.sender.passes_at else result

    def _target(self, term: Term, domain: str) -> str | None:
        """Return the name that a term is about, None where that depends on what is not known of the mail."""
        name = expanded(term.value or domain, {**self.sender.macros, "d": domain})
        if name is None:
            self.unknown.append(f"“{shown(term)}” depends on each mail and cannot be evaluated.")
            self.possible_voids += term.name in MAY_BE_VOID
            self._limit_voids(domain)
        return name

    def _networks(self, term: Term, target: str) -> Iterator[Network]:
        """Give what `a` and `mx` stand for (RFC 7208 5.3, 5.4); the exchanges only where an address is asked about."""
        for host in self._exchanges(term, target) if term.name == "mx" else (target,):
            for address in self._ask(host, *self._address_types):
                yield ip_network(f"{address}{term.length_for(address)}", strict=False)

    @property
    def _address_types(self) -> tuple[str, ...]:
        network = self.sender.network
        return ("A", "AAAA") if network is None else ("A",) if network.version == 4 else ("AAAA",)

    def _exchanges(self, term: Term, target: str) -> list[str]:
        hosts = [value.partition(" ")[2] for value in self._ask(target, "MX")]
        if len(hosts) > MX_NAMES_MAX:
            raise PermanentError(f"“{shown(term)}” leads to more than {MX_NAMES_MAX} mail servers.")
        return [host for host in hosts if host != "."] if self.sender.network else []

    def _ask(self, name: str, *kinds: str) -> tuple[str, ...]:
        """Return the values of the first of these types that `name` has; without any it counts as void."""
        for kind in kinds:
            answer = self.lookup(name, kind)
            if answer.is_unknown:
                raise TemporaryError(f"{name} could not be looked up.")
            if answer.values:
                return answer.values
        self._count_void(name)
        return ()

    def _comes_from(self, networks: Iterable[Network], term: Term) -> bool:
        """Return whether all the addresses of the sender are in one of these networks; any, where that refuses it."""
        ours = self.sender.network
        if self._doubts(term):
            return any(ours is not None and ours.version == one.version and ours.overlaps(one) for one in networks)
        return any(
            ours is not None and ours.version == one.version and ours.subnet_of(one)  # type: ignore[arg-type]
            for one in networks
        )

    def _doubts(self, term: Term) -> bool:
        return self.doubts != (term.qualifier != "+")

    def _count_lookup(self, domain: str) -> None:
        self.lookups += 1
        if self.lookups > self.lookups_max:
            raise LimitReached(f"The SPF record of {domain} costs too many lookups.")

    def _count_void(self, name: str) -> None:
        self.voids += 1
        self._limit_voids(name)

    def _limit_voids(self, name: str) -> None:
        if self.voids > self.voids_max:
            raise LimitReached(f"{name} leads to nothing, as other names in the SPF record do.")
        if self.voids + self.possible_voids > self.voids_max:
            raise TemporaryError(f"How many names in the SPF record lead to nothing depends on each mail: {name}.")


def shown(term: Term) -> str:
    return printable(term.text[:TEXT_MAX_CHARS])
