"""SPF records (RFC 7208): which TXT values are some, and what their terms are."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property, lru_cache
from ipaddress import IPv4Network, IPv6Network, ip_network

VERSION = "v=spf1"
LOOKUPS_MAX = 10  # RFC 7208 4.6.4
COSTS_A_LOOKUP = frozenset({"include", "a", "mx", "ptr", "exists", "redirect"})
WITH_DOMAIN = frozenset({"include", "exists"})
WITH_NETWORK = {"ip4": 4, "ip6": 6}
WITH_LENGTH = frozenset({"a", "mx"})
RECORDS_CACHED = 64  # one check follows the same records for many senders
AT_MOST_ONCE = ("redirect", "exp")

Network = IPv4Network | IPv6Network

_MODIFIER = re.compile(r"([A-Za-z][A-Za-z0-9_.-]*)=(.*)", re.ASCII | re.DOTALL)
_MECHANISM = re.compile(r"([+?~-]?)([A-Za-z0-9]+)(?::(.*?))?((?:/\d+)?(?://\d+)?)", re.ASCII | re.DOTALL)
_ADDRESS = re.compile(r"[0-9a-f:.]+", re.ASCII)  # no zone index, which Python would take
_LENGTHS = re.compile(r"(?:/(0|[1-9]\d?))?(?://(0|[1-9]\d{0,2}))?", re.ASCII)
_MACRO = r"(?:%\{{[{letters}](?:0*[1-9]\d*)?r?[.\-+,/_=]*\}}|%%|%_|%-)"
_IN_DOMAIN = _MACRO.format(letters="slodiphv")  # RFC 7208 7.2: c, r and t are for explanations
_LITERAL = "[!-$&-~]"
_TOP_LABEL = r"\.(?=[a-z0-9-]*[a-z-])[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.?"
_DOMAIN_SPEC = re.compile(rf"(?:{_IN_DOMAIN}|{_LITERAL})*(?:{_IN_DOMAIN}|{_TOP_LABEL})", re.ASCII | re.IGNORECASE)
_MACRO_STRING = re.compile(rf"(?:{_MACRO.format(letters='slodiphvcrt')}|{_LITERAL})*", re.ASCII | re.IGNORECASE)
_LIKE_ONE = re.compile(r"[\W_]*(?:(?:txt|value|record)[\W_]+)*v\s*=\s*spf1(?!\d)", re.IGNORECASE)


@dataclass(frozen=True)
class Term:
    """A mechanism or a modifier (RFC 7208 4.6.1); `text` is how it was written.

    `value` is in lower case where it has no macros, and None where there is no colon at all.
    """

    text: str
    name: str
    value: str | None = None
    length: str = ""
    qualifier: str = ""

    @property
    def is_modifier(self) -> bool:
        return not self.qualifier

    @cached_property
    def network(self) -> Network | None:
        """The addresses of `ip4` and `ip6`, None where there are none or they make no sense."""
        if self.name not in WITH_NETWORK or not _ADDRESS.fullmatch(self.value or ""):
            return None
        if re.search(r"/0\d", self.length):
            return None
        try:
            network = ip_network(f"{self.value}{self.length}", strict=False)
        except ValueError:
            return None
        return network if network.version == WITH_NETWORK[self.name] else None

    @property
    def is_valid(self) -> bool:
        """Return whether receivers understand it; one term that they do not makes the whole record an error."""
        if self.is_modifier and self.name not in AT_MOST_ONCE:
            return _MACRO_STRING.fullmatch(self.value or "") is not None
        if self.name in WITH_NETWORK:
            return self.network is not None
        if self.name in WITH_DOMAIN or self.is_modifier:
            return not self.length and _is_domain_spec(self.value or "")
        if self.name in WITH_LENGTH:
            return self._has_domain_or_none and _are_lengths(self.length)
        return (self.name == "ptr" and self._has_domain_or_none and not self.length) or (
            self.name == "all" and self.value is None and not self.length
        )

    @property
    def _has_domain_or_none(self) -> bool:
        return self.value is None or _is_domain_spec(self.value)

    def length_for(self, address: str) -> str:
        """Return the network length of `a` and `mx` for an address, such as "/24"; "" where it is the address alone."""
        match = _LENGTHS.fullmatch(self.length)
        length = match[2 if ":" in address else 1] if match else None
        return f"/{length}" if length else ""

    def canonical(self, domain: str) -> str:
        """Return the one spelling, without the qualifier, that it has in the record of `domain`."""
        if self.network is not None:
            return f"{self.name}:{self.network}"
        value = self.value or (domain if self.name in {"a", "mx", "ptr"} else "")
        length = re.sub(r"(?<!/)/32(?=/|$)|//128$", "", self.length)
        return f"{self.name}{'=' if self.is_modifier else ':'}{value.lower()}{length}".rstrip(":")


def is_spf(text: str) -> bool:
    """Return whether a TXT value is an SPF record (RFC 7208 4.5)."""
    return re.match(rf"{VERSION}(?: |\Z)", text, re.IGNORECASE | re.ASCII) is not None


def records_among(values: Iterable[str]) -> tuple[str, ...]:
    """Return the SPF records among TXT values, in one order: servers shuffle what they answer."""
    return tuple(sorted(value for value in values if is_spf(value)))


def like_records_among(values: Iterable[str]) -> tuple[str, ...]:
    """Return the values that somebody meant as SPF records and no receiver takes for any: quotes, `v=spf1;`."""
    return tuple(sorted(value for value in values if not is_spf(value) and _LIKE_ONE.match(value)))


def without_version(record: str) -> str:
    """Return what stands behind the version, also where the record is only like one."""
    match = _LIKE_ONE.match(record)
    return record[match.end() :] if match else record


@lru_cache(maxsize=RECORDS_CACHED)
def terms_of(record: str) -> tuple[Term, ...]:
    return tuple(term_of(text) for text in record.split(" ")[1:] if text)


def term_of(text: str) -> Term:
    """Read a term; what is none has no name, and is not valid."""
    if modifier := _MODIFIER.fullmatch(text):
        return Term(text, modifier[1].lower(), _plain(modifier[2]))
    mechanism = _MECHANISM.fullmatch(text)
    if mechanism is None:
        return Term(text, "", text, qualifier="+")
    qualifier, name, value, length = mechanism.groups()
    return Term(text, name.lower(), None if value is None else _plain(value), length, qualifier or "+")


@lru_cache(maxsize=RECORDS_CACHED)
def fault_of(record: str) -> str:
    """Return the first term that makes the whole record an error, "" where none does (RFC 7208 4.6, 6)."""
    terms = terms_of(record)
    counts = Counter(term.name for term in terms if term.is_modifier)
    twice = {name for name in AT_MOST_ONCE if counts[name] > 1}
    wrong = (term.text for term in terms if not term.is_valid or (term.is_modifier and term.name in twice))
    return next(wrong, "")


def _plain(value: str) -> str:
    """Return a domain in one spelling; in macros capitals mean something (RFC 7208 7.3)."""
    return value if "%" in value else value.lower().removesuffix(".")


def _is_domain_spec(text: str) -> bool:
    """Return whether it is a domain-spec (RFC 7208 7.1)."""
    return _DOMAIN_SPEC.fullmatch(text) is not None


def _are_lengths(text: str) -> bool:
    match = _LENGTHS.fullmatch(text)
    return match is not None and int(match[1] or 0) <= 32 and int(match[2] or 0) <= 128
