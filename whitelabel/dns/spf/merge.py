"""Merge the SPF record that a provider asks for into what is published: one record, in which nothing is lost."""

import re
from collections.abc import Iterable, Iterator, Sequence

from whitelabel.dns.spf.macros import expanded
from whitelabel.dns.spf.terms import VERSION, Term, fault_of, is_spf, term_of, terms_of, without_version

SOFTEST_LAST = "-~?"
SOFT = "~all"
_DASHES = "-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63\uff0d"
_TILDES = "~\u02dc\u223c\uff5e"
_SIGNS = {**dict.fromkeys(_DASHES, "-"), **dict.fromkeys(_TILDES, "~"), "?": "?", "+": "+"}
_SIGN = f"[{re.escape(''.join(_SIGNS))}]"
_ALONE = re.compile(rf"(?:(?<=\s)|^)({_SIGN})\s+(?=\w)")  # "~ all"
_CUT = re.compile(r"(?<=\w)([:=])\s+(?=[\w-]+\.[\w.-]+(?:[\s/;,]|$))")  # "include: x.test"
_GLUED = re.compile(rf"(.+[^\s:=])({_SIGN}all)", re.IGNORECASE)  # "mx-all"
_END = re.compile(r"[\W_]*all[\W_]*", re.IGNORECASE)


def merged(published: Sequence[str], expected: str, domain: str, *, first: bool = False) -> str:
    """Return the one record that allows what all of them allow, with the order and the policy that was published.

    What the provider asks for stands behind what allows and before what refuses, so that it is not refused; or else
    `first`. Terms that no receiver understands are mended where they can mean one thing, and left out elsewhere.
    """
    lists = [list(_live_terms(record)) for record in published]
    added = list(_live_terms(expected))
    end = (
        _end_of(lists, is_in_force=_are_in_force(published, domain))
        if published
        else _end_of([added], is_in_force=True)
    )
    mechanisms: list[Term] = []
    for term in _mechanisms((term for terms in lists for term in terms), end, domain):
        if not any(_is_same(one, term, domain) for one in mechanisms):
            mechanisms.append(term)
    for term in list(_mechanisms(added, end, domain))[:: -1 if first else 1]:
        _insert(mechanisms, term, domain, first=first)
    everything = [*(term for terms in lists for term in terms), *added]
    others = {term.name: term for term in reversed(everything) if term.is_modifier and term.name != "redirect"}
    words = [VERSION, *(term.text for term in (*mechanisms, *([end] if end else []), *reversed(others.values())))]
    return " ".join(words)


def closed(record: str) -> str:
    """Return the record with an end that does not allow everybody."""
    return " ".join(SOFT if word.lower() in {"all", "+all"} else word for word in record.split(" "))


def _are_in_force(published: Sequence[str], domain: str) -> bool:
    """Return whether receivers follow what is published to its end: one record without an error or a circle."""
    if len(published) != 1 or not is_spf(published[0]) or fault_of(published[0]):
        return False
    return not any(_leads_to(term, domain) for term in terms_of(published[0]))


def _leads_to(term: Term, domain: str) -> bool:
    """Return whether an include or a redirect leads to `domain`, where it stands."""
    return term.name in {"include", "redirect"} and expanded(term.value or "", {"d": domain, "o": domain}) == domain


def _live_terms(record: str) -> Iterator[Term]:
    """Give the terms, as they were meant, up to the first `all`: what stands behind it is dead (RFC 7208 5.1)."""
    terms = [term for word in _words(record) if (term := term_of(word)).is_valid]
    has_end = any(_is_all(term) for term in terms)
    is_over = False
    for term in terms:
        is_dead = has_end if term.name == "redirect" else is_over and not term.is_modifier
        is_over = is_over or _is_all(term)
        if not is_dead:
            yield term


def _words(record: str) -> Iterator[str]:
    """Give the words of a record, mended where each can mean one thing only."""
    text = _CUT.sub(r"\1", _ALONE.sub(r"\1", without_version(record)))
    for word in text.split():
        glued = None if term_of(word).is_valid else _GLUED.fullmatch(word.rstrip(";,\"'"))
        for part in glued.groups() if glued else (word,):
            yield _mended(part)


def _mended(word: str) -> str:
    """Return a word without what was pasted around it; an end stays an end, whatever its sign has become."""
    if term_of(word).is_valid:
        return word
    if _END.fullmatch(word):
        sign = next((_SIGNS[letter] for letter in word if letter in _SIGNS), None)
        return f"{sign}all" if sign else SOFT
    return word.strip("\"'\\").rstrip(";,")


def _is_all(term: Term) -> bool:
    return term.name == "all" and not term.is_modifier


def _end_of(lists: Sequence[Sequence[Term]], *, is_in_force: bool) -> Term | None:
    """Return what is to come last: the softest `all`, or the only redirect.

    Without one, others stay neutral (RFC 7208 4.7). One that allows everybody is kept only where it does so today.
    """
    ends = [term for terms in lists for term in terms if _is_all(term)]
    if ends and is_in_force:
        return ends[0]
    if ends:
        sober = [term for term in ends if term.qualifier in SOFTEST_LAST]
        return max(sober, key=lambda term: SOFTEST_LAST.index(term.qualifier), default=term_of(SOFT))
    redirects = {term.value: term for terms in lists for term in terms if term.name == "redirect"}
    return next(iter(redirects.values())) if len(redirects) == 1 else None


def _mechanisms(terms: Iterable[Term], end: Term | None, domain: str) -> Iterator[Term]:
    """Give all that comes before the end, in order.

    A record that leads to itself is an error, so such a term is left out. A redirect is followed only where there is
    no `all` (RFC 7208 6.1), so one that is not the end becomes an include.
    """
    for term in terms:
        if _leads_to(term, domain):
            continue
        if term.name == "redirect" and not (end and end.name == "redirect" and end.value == term.value):
            yield term_of(f"include:{term.text.partition('=')[2]}")
        elif not term.is_modifier and term.name != "all":
            yield term


def _is_same(one: Term, other: Term, domain: str) -> bool:
    return one.qualifier == other.qualifier and one.canonical(domain) == other.canonical(domain)


def _insert(mechanisms: list[Term], term: Term, domain: str, *, first: bool) -> None:
    """Add a mechanism once: one that allows before whatever refuses, since the first match counts."""
    same = [one for one in mechanisms if _is_same(one, term, domain)]
    refusing = [number for number, one in enumerate(mechanisms) if one.qualifier != "+"]
    like = [one for one in mechanisms if one.canonical(domain) == term.canonical(domain)]
    if same and not first and (same[0] is like[0] or term.qualifier != "+"):
        return
    for one in same:
        mechanisms.remove(one)
    if term.qualifier != "+":
        mechanisms.append(term)
    else:
        mechanisms.insert(0 if first else next(iter(refusing), len(mechanisms)), term)
