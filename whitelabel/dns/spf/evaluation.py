"""What an SPF record costs receivers and what is wrong with it, whoever sends.

It is followed as for a mail that nothing matches, which is the dearest way, and on behind what would end a check.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from whitelabel.dns.answers import Lookup, answered
from whitelabel.dns.spf.check import (
    VOID_LOOKUPS_MAX,
    Check,
    LimitReached,
    PermanentError,
    Sender,
    TemporaryError,
    shown,
)
from whitelabel.dns.spf.terms import LOOKUPS_MAX, Network, Term, records_among

LOOKUPS_COUNTED = 25  # where it is far too much anyway, nobody has to know how much
RECORD_MAX_CHARS = 450  # RFC 7208 3.4: the whole answer should fit into 512 octets


@dataclass(frozen=True)
class Evaluation:
    """`errors` make receivers that come to them answer permerror; `unknown` says what could not be looked up.

    `voids` are the lookups that find nothing, `possible_voids` those that may do so, as the mail is.
    """

    published: tuple[str, ...]
    lookups: int = 0
    voids: int = 0
    possible_voids: int = 0
    errors: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def record(self) -> str:
        return self.published[0] if len(self.published) == 1 else ""

    @property
    def is_within_limits(self) -> bool:
        return self.lookups <= LOOKUPS_MAX and self.voids + self.possible_voids <= VOID_LOOKUPS_MAX


def evaluate(domain: str, lookup: Lookup) -> Evaluation:
    """Evaluate what is published at `domain`."""
    answer = lookup(domain, "TXT")
    published = records_among(answer.values)
    if answer.is_unknown:
        return Evaluation((), unknown=(f"The SPF record of {domain} could not be looked up.",))
    if not published:
        return Evaluation(())
    measure = _Measure(lookup, domain)
    measure.follow(domain)
    measure.judge(domain, published)
    lists = (tuple(dict.fromkeys(each)) for each in (measure.errors, measure.unknown, measure.warnings))
    return Evaluation(published, measure.lookups, measure.voids, measure.possible_voids, *lists)


def evaluate_record(domain: str, record: str, lookup: Lookup) -> Evaluation:
    """Evaluate `record` as if it were published at `domain`."""
    return evaluate(domain, with_record(domain, record, lookup))


def with_record(domain: str, record: str, lookup: Lookup) -> Lookup:
    """Return a lookup to which `record` is the only TXT value at `domain`."""
    return lambda name, kind: answered(record) if (name, kind) == (domain, "TXT") else lookup(name, kind)


def networks_of(domain: str, lookup: Lookup) -> tuple[Network, ...]:
    """Return the addresses that the record of `domain` lets pass, as far as it names them."""
    reach = _Reach(lookup, domain)
    reach.follow(domain)
    return tuple(dict.fromkeys(reach.networks))


class _Measure(Check):
    """Goes on where a receiver would stop, and notes why it would."""

    lookups_max = voids_max = LOOKUPS_COUNTED

    def __init__(self, lookup: Lookup, domain: str) -> None:
        super().__init__(lookup, Sender(macros={"o": domain}))
        self.errors: list[str] = []
        self.warnings: list[str] = []

    def follow(self, domain: str) -> None:
        try:
            self.host(domain, ())
        except (PermanentError, TemporaryError) as problem:
            self._note(problem)

    def matches(self, term: Term, domain: str, path: tuple[str, ...]) -> bool:
        if term.name == "ptr":
            self.warnings.append(f"“{shown(term)}” in the SPF record of {domain} should not be used.")
        if (term.name, term.qualifier) == ("all", "+"):
            self.warnings.append(f"“{term.text}” in the SPF record of {domain} lets everybody send in its name.")
        try:
            return super().matches(term, domain, path)
        except (PermanentError, TemporaryError) as problem:
            self._note(problem)
            return False

    def _note(self, problem: PermanentError | TemporaryError) -> None:
        if isinstance(problem, TemporaryError):
            self.unknown.append(str(problem))
        elif not isinstance(problem, LimitReached):
            self.errors.append(str(problem))

    def judge(self, domain: str, published: tuple[str, ...]) -> None:
        """Note what only the whole of it shows."""
        if self.lookups > LOOKUPS_MAX:
            count = f"{'more than ' if self.lookups > LOOKUPS_COUNTED else ''}{min(self.lookups, LOOKUPS_COUNTED)}"
            self.errors.append(f"The SPF record of {domain} costs {count} lookups; receivers stop at {LOOKUPS_MAX}.")
        if self.voids > VOID_LOOKUPS_MAX:
            sentence = f"{self.voids} names in the SPF record of {domain} lead to nothing; receivers stop at the third."
            self.errors.append(sentence)
        if len(published[0]) > RECORD_MAX_CHARS:
            count = f"The SPF record has {len(published[0])} characters"
            self.warnings.append(f"{count}; over {RECORD_MAX_CHARS} some receivers fail.")


class _Reach(_Measure):
    """Collects the addresses of what allows; what refuses some of them is passed over."""

    def __init__(self, lookup: Lookup, domain: str) -> None:
        super().__init__(lookup, domain)
        self.networks: list[Network] = []

    def matches(self, term: Term, domain: str, path: tuple[str, ...]) -> bool:
        return term.qualifier == "+" and super().matches(term, domain, path)

    def _comes_from(self, networks: Iterable[Network], term: Term) -> bool:
        self.networks += networks
        return False
