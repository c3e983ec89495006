"""Evaluate a published SPF record as receivers do (RFC 7208 4.6, 5, 6): what it allows, what it costs, what is wrong.

No sender is known yet, so every term is followed, as for a mail that matches none of them: the dearest way.
"""

from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network

from whitelabel.dns.answers import Answer, Lookup, Outcome, printable
from whitelabel.dns.spf import COSTS_A_LOOKUP, LOOKUPS_MAX, Term, is_spf, terms_of

VOID_LOOKUPS_MAX = 2
MX_NAMES_MAX = 10
LOOKUPS_COUNTED = 25  # where it is far too much anyway, nobody has to know how much
RECORD_READ_MAX_CHARS = 4000
RECORD_MAX_CHARS = 450  # RFC 7208 3.4: the whole answer should fit into 512 octets


@dataclass(frozen=True)
class Evaluation:
    """`errors` make receivers answer permerror and allow nobody; `unknown` says what could not be looked up.

    `allowed` holds canonical mechanisms, and "all" where everybody may send; `networks` the addresses among them.
    """

    published: tuple[str, ...]
    allowed: frozenset[str] = frozenset()
    networks: tuple[IPv4Network | IPv6Network, ...] = ()
    lookups: int = 0
    errors: tuple[str, ...] = ()
    unknown: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def record(self) -> str:
        return self.published[0] if len(self.published) == 1 else ""


def evaluate(domain: str, lookup: Lookup) -> Evaluation:
    """Evaluate what is published at `domain`."""
    return evaluate_answer(domain, lookup(domain, "TXT"), lookup)


def evaluate_answer(domain: str, answer: Answer, lookup: Lookup) -> Evaluation:
    """Evaluate what one server says is published at `domain`."""
    published = tuple(sorted(value for value in answer.values if is_spf(value)))  # servers shuffle what they answer
    if answer.is_unknown:
        return Evaluation((), unknown=(f"The SPF record of {domain} could not be looked up.",))
    if len(published) > 1:
        count = f"{domain} has {len(published)} SPF records"
        return Evaluation(published, errors=(f"{count}; receivers then take none of them.",))
    return evaluate_record(domain, published[0], lookup) if published else Evaluation(())


def evaluate_record(domain: str, record: str, lookup: Lookup) -> Evaluation:
    """Evaluate `record` as if it were published at `domain`."""
    evaluator = _Evaluator(lookup)
    evaluator.follow(domain, record, (domain,), allows=True)
    lookups, voids, length = evaluator.lookups, evaluator.voids, len(record)
    if length > RECORD_MAX_CHARS:
        sentence = f"The SPF record has {length} characters; over {RECORD_MAX_CHARS} some receivers fail."
        evaluator.warnings.append(sentence)
    if lookups > LOOKUPS_MAX:
        count = f"{'more than ' if lookups > LOOKUPS_COUNTED else ''}{min(lookups, LOOKUPS_COUNTED)}"
        evaluator.errors.append(f"The SPF record of {domain} costs {count} lookups; receivers stop at {LOOKUPS_MAX}.")
    if voids > VOID_LOOKUPS_MAX:
        sentence = f"{voids} names in the SPF record of {domain} lead to nothing; receivers stop at the third."
        evaluator.errors.append(sentence)
    return evaluator.result(record)


def not_allowed(expected: str, evaluation: Evaluation, domain: str) -> list[Term]:
    """Return the terms of the record `expected` at `domain` that the evaluated one does not allow."""
    wanted = [term for term in terms_of(expected) if term.qualifier == "+" and term.name != "all"]
    return [term for term in wanted if not _is_allowed(term, evaluation, domain)]


def _is_allowed(term: Term, evaluation: Evaluation, domain: str) -> bool:
    if evaluation.errors:
        return False
    if {"all", term.canonical(domain)} & evaluation.allowed:
        return True
    network = term.network
    return network is not None and any(
        network.version == other.version and network.subnet_of(other)  # type: ignore[arg-type]
        for other in evaluation.networks
    )


@dataclass
class _Evaluator:
    """Follows the terms of a record, and of those that it leads to, and counts."""

    lookup: Lookup
    lookups: int = 0
    voids: int = 0
    allowed: set[str] = field(default_factory=set)
    refused: set[tuple[str, str]] = field(default_factory=set)
    networks: list[IPv4Network | IPv6Network] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def result(self, record: str) -> Evaluation:
        lists = (tuple(dict.fromkeys(sentences)) for sentences in (self.errors, self.unknown, self.warnings))
        return Evaluation((record,), frozenset(self.allowed), tuple(self.networks), self.lookups, *lists)

    def follow(self, domain: str, record: str, path: tuple[str, ...], *, allows: bool) -> None:
        """Follow the terms up to `all`, then the redirect where there is no `all` (RFC 7208 5.1, 6.1)."""
        if len(record) > RECORD_READ_MAX_CHARS:
            self.errors.append(f"The SPF record of {domain} is far too long.")
            return
        terms = terms_of(record)
        if wrong := next((term for term in terms if not term.is_valid), None):
            self.errors.append(f"“{printable(wrong.text[:80])}” in the SPF record of {domain} is not valid.")
            return
        for term in terms:
            if term.name == "all" and not term.is_modifier:
                self._end(term, domain, allows=allows)
                return
            if not term.is_modifier:
                self._mechanism(term, domain, path, allows=allows and term.qualifier == "+")
        redirects = [term for term in terms if term.name == "redirect"]
        if len(redirects) > 1:
            self.errors.append(f"The SPF record of {domain} redirects twice.")
        elif redirects and self._costs():
            self._enter(redirects[0], domain, path, allows=allows)

    def _end(self, term: Term, domain: str, *, allows: bool) -> None:
        if term.qualifier == "+" and allows:
            self.allowed.add("all")
            self.warnings.append(f"“{term.text}” in the SPF record of {domain} lets everybody send in its name.")

    def _mechanism(self, term: Term, domain: str, path: tuple[str, ...], *, allows: bool) -> None:
        if term.name in COSTS_A_LOOKUP and not self._costs():
            return
        spelled = term.canonical(domain)
        if term.qualifier != "+":
            self.refused.add((domain, spelled))
        if allows and (domain, spelled) not in self.refused:  # the first match counts (RFC 7208 4.6.2)
            self.allowed.add(spelled)
            self.networks += [term.network] if term.network else []
        if term.name == "include":
            self._enter(term, domain, path, allows=allows)
        elif term.name in {"a", "mx", "exists"}:
            self._hosts(term, term.value or domain)
        elif term.name == "ptr":
            self.warnings.append(f"“{term.text}” in the SPF record of {domain} should not be used.")

    def _costs(self) -> bool:
        """Count a lookup; return whether it is still worth following."""
        self.lookups += 1
        return self.lookups <= LOOKUPS_COUNTED

    def _enter(self, term: Term, domain: str, path: tuple[str, ...], *, allows: bool) -> None:
        """Go into the record of an include or a redirect; one without a record is an error (RFC 7208 5.2, 6.1)."""
        if term.has_macro:
            self.unknown.append(f"“{printable(term.text)}” depends on each mail and cannot be evaluated.")
            return
        if term.value in path:
            self.errors.append(f"The SPF record of {domain} includes itself by way of {term.value}.")
            return
        target = _target(term.value, self.lookup)
        self.voids += target.is_void
        if target.unknown:
            self.unknown.append(target.unknown)
        elif len(target.records) != 1:
            what = "no SPF record" if not target.records else f"{len(target.records)} SPF records"
            self.errors.append(f"“{term.text}” in the SPF record of {domain} leads to {what}.")
        else:
            self.follow(term.value, target.records[0], (*path, term.value), allows=allows)

    def _hosts(self, term: Term, name: str) -> None:
        if term.has_macro:
            self.unknown.append(f"“{printable(term.text)}” depends on each mail and cannot be evaluated.")
            return
        answer = self.lookup(name, "MX" if term.name == "mx" else "A")
        if answer.is_unknown:
            self.unknown.append(f"{name} could not be looked up.")
        elif answer.outcome is Outcome.ABSENT:
            ipv6 = answer if term.name != "a" else self.lookup(name, "AAAA")
            self.voids += ipv6.outcome is Outcome.ABSENT
        elif term.name == "mx" and len(answer.values) > MX_NAMES_MAX:
            self.errors.append(f"“{term.text}” leads to more than {MX_NAMES_MAX} mail servers.")


@dataclass(frozen=True)
class _Target:
    """The SPF records under a name that another record leads to."""

    records: tuple[str, ...]
    unknown: str = ""
    is_void: bool = False


def _target(name: str, lookup: Lookup) -> _Target:
    answer = lookup(name, "TXT")
    if answer.is_unknown:
        return _Target((), unknown=f"The SPF record of {name} could not be looked up.")
    records = tuple(value for value in answer.values if is_spf(value))
    return _Target(records, is_void=answer.outcome is Outcome.ABSENT)
