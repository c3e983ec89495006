"""SPF records (RFC 7208): read their terms, and merge what a provider asks for into what is published already."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network

VERSION = "v=spf1"
LOOKUPS_MAX = 10  # RFC 7208 4.6.4
COSTS_A_LOOKUP = frozenset({"include", "a", "mx", "ptr", "exists", "redirect"})
WITH_DOMAIN = frozenset({"include", "exists"})
WITH_NETWORK = {"ip4": 4, "ip6": 6}
WITH_LENGTH = frozenset({"a", "mx"})
SOFTEST_LAST = "+-~?"

Network = IPv4Network | IPv6Network

_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)=(.*)", re.ASCII | re.DOTALL)
_MECHANISM = re.compile(r"([+?~-]?)([A-Za-z0-9]+)(?::(.*?))?((?:/\d{1,3})?(?://\d{1,3})?)", re.ASCII | re.DOTALL)
_DOMAIN = re.compile(r"(?:[a-z0-9_-]{1,63}\.)+(?=[a-z0-9-]*[a-z])[a-z0-9-]{1,63}", re.ASCII)
_MACROS = re.compile(r"(?:%\{[slodiphcrtv]\d*r?[.\-+,/_=]*\}|%%|%_|%-|[!-$&-~])+", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True)
class Term:
    """A mechanism or a modifier (RFC 7208 4.6.1); `text` is how it was written, `value` in lower case."""

    text: str
    name: str
    value: str = ""
    length: str = ""
    qualifier: str = ""

    @property
    def is_modifier(self) -> bool:
        return not self.qualifier

    @property
    def has_macro(self) -> bool:
        return "%" in self.value

    @property
    def network(self) -> Network | None:
        """The addresses of `ip4` and `ip6`, None where there are none or they make no sense."""
        try:
            network = ip_network(self.value + self.length, strict=False)
        except ValueError:
            return None
        return network if network.version == WITH_NETWORK.get(self.name) else None

    @property
    def is_valid(self) -> bool:
        """Return whether receivers understand it; one term that they do not makes the whole record an error."""
        if self.is_modifier and self.name not in {"redirect", "exp"}:
            return not self.value or _MACROS.fullmatch(self.value) is not None
        if self.is_modifier:
            return _is_domain(self.value)
        if self.name in WITH_NETWORK:
            return self.network is not None
        if self.name in WITH_DOMAIN:
            return _is_domain(self.value) and not self.length
        if self.name in WITH_LENGTH:
            return _is_domain(self.value or "a.a") and _is_length(self.length) and not self.text.endswith(":")
        return (self.name == "all" and self.text.lower().lstrip("+?~-") == "all") or (
            self.name == "ptr" and not self.length and _is_domain(self.value or "a.a")
        )

    def canonical(self, domain: str) -> str:
        """Return the one spelling, without the qualifier, that it has in the record of `domain`."""
        if self.network is not None:
            return f"{self.name}:{self.network}"
        value = self.value or (domain if self.name in {"a", "mx", "ptr"} else "")
        length = re.sub(r"(?<!/)/32(?=/|$)|//128$", "", self.length)
        return f"{self.name}{'=' if self.is_modifier else ':'}{value}{length}".rstrip(":")


def is_spf(text: str) -> bool:
    """Return whether a TXT value is an SPF record (RFC 7208 4.5)."""
    return re.match(rf"{VERSION}(?: |\Z)", text, re.IGNORECASE) is not None


def terms_of(record: str) -> list[Term]:
    return [_term(text) for text in record.split(" ")[1:] if text]


def merge(published: Sequence[str], expected: str, domain: str = "") -> str:
    """Return the one record that allows what all of them allow, with the order and the policy that was published.

    Terms that no receiver understands are left out. Where one record redirects and another one does not, the redirect
    becomes an include, because a redirect is only followed where there is no `all` (RFC 7208 6.1).
    """
    terms = [term for record in published for term in terms_of(record) if term.is_valid]
    added = [term for term in terms_of(expected) if term.is_valid]
    end = _end_of(terms) if published else _end_of(added)  # without an end, others stay neutral (RFC 7208 4.7)
    spelled: dict[tuple[str, str], Term] = {}
    for term in _mechanisms(terms, end, domain):
        spelled.setdefault((term.qualifier, term.canonical(domain)), term)
    mechanisms = list(spelled.values())
    for term in _mechanisms(added, end, domain):
        _insert(mechanisms, term, domain)
    others = {term.name: term for term in reversed((*terms, *added)) if term.is_modifier and term.name != "redirect"}
    words = [VERSION, *(term.text for term in (*mechanisms, *([end] if end else []), *reversed(others.values())))]
    return " ".join(words)


def _term(text: str) -> Term:
    if modifier := _MODIFIER.fullmatch(text):
        return Term(text, modifier[1].lower(), modifier[2].lower().removesuffix("."))
    mechanism = _MECHANISM.fullmatch(text)
    if mechanism is None:
        return Term(text, "", text, qualifier="+")
    qualifier, name, value, length = mechanism.groups()
    return Term(text, name.lower(), (value or "").lower().removesuffix("."), length, qualifier or "+")


def _end_of(terms: Sequence[Term]) -> Term | None:
    """Return what is to come last: the softest `all` that was published, or the only redirect."""
    ends = [term for term in terms if term.name == "all" and not term.is_modifier]
    if ends:
        return max(ends, key=lambda term: SOFTEST_LAST.index(term.qualifier))
    redirects = {term.value: term for term in terms if term.name == "redirect"}
    return next(iter(redirects.values())) if len(redirects) == 1 else None


def _mechanisms(terms: Iterable[Term], end: Term | None, domain: str) -> Iterator[Term]:
    """Give all that comes before the end, in order; what stood behind an `all`, dead, comes before it again.

    A record that leads to itself is an error, so such a term is left out.
    """
    for term in terms:
        if term.name in {"include", "redirect"} and term.value == domain:
            continue
        if term.name == "redirect" and not (end and end.name == "redirect" and end.value == term.value):
            yield _term(f"include:{term.text.partition('=')[2]}")
        elif not term.is_modifier and term.name != "all":
            yield term


def _insert(mechanisms: list[Term], term: Term, domain: str) -> None:
    """Add a mechanism once; one that allows goes before its like that does not, since the first match counts."""
    like = [one for one in mechanisms if one.canonical(domain) == term.canonical(domain)]
    same = [one for one in like if one.qualifier == term.qualifier]
    if same and (same[0] is like[0] or term.qualifier != "+"):
        return
    place = mechanisms.index(like[0]) if like and term.qualifier == "+" else len(mechanisms)
    for one in same:  # it stood behind its like, where no receiver looks
        mechanisms.remove(one)
    mechanisms.insert(place, term)


def _is_domain(text: str) -> bool:
    """Return whether it is a domain-spec (RFC 7208 7.1)."""
    return bool(_MACROS.fullmatch(text)) if "%" in text else bool(_DOMAIN.fullmatch(text)) and len(text) <= 253


def _is_length(text: str) -> bool:
    match = re.fullmatch(r"(?:/(\d+))?(?://(\d+))?", text)
    return match is not None and int(match[1] or 0) <= 32 and int(match[2] or 0) <= 128
