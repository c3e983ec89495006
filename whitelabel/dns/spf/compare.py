"""Compare the SPF record to publish with what is there; what is advised is always one whole record, never a second one.

No advice makes a domain worse: what passes today still passes, and the provider does.
"""

from collections.abc import Iterator
from dataclasses import replace

from whitelabel.dns.answers import Answer, Lookup, printable, printable_lines
from whitelabel.dns.record import Record, Status, Verdict
from whitelabel.dns.spf.check import RECORD_READ_MAX_CHARS, Check, Result, Sender, check_host, result_of
from whitelabel.dns.spf.evaluation import evaluate, evaluate_record, networks_of, with_record
from whitelabel.dns.spf.macros import expanded
from whitelabel.dns.spf.merge import closed, merged
from whitelabel.dns.spf.terms import Term, fault_of, like_records_among, records_among, terms_of

SERVING = (frozenset({Result.PASS}), frozenset({Result.PASS, Result.TEMPERROR}))  # surely, or as far as DNS tells now


def compare_spf(record: Record, answer: Answer, lookup: Lookup) -> Verdict:
    """Compare what `answer` says is published; `lookup` finds what that leads to."""
    view = _with_answer(record.name, answer, lookup)
    published = records_among(answer.values)
    shown = printable_lines(published or like_records_among(answer.values))
    if not shown:
        return Verdict(Status.MISSING)
    if not published:
        meant = like_records_among(answer.values)
        return Verdict(Status.DIFFERENT, shown, replacement_for(record, meant, view))
    results = set(results_for(record, view))
    if results == {Result.PASS}:
        return Verdict(Status.OK, shown, _fit(published[0]))
    replacement = replacement_for(record, published, view)
    if results <= {Result.PASS, Result.TEMPERROR}:
        why = printable_lines(evaluate(record.name, view).unknown)
        return Verdict(Status.UNKNOWN, f"{shown}\n{why}", replacement)
    return Verdict(Status.DIFFERENT, shown, replacement)


def results_for(record: Record, lookup: Lookup) -> Iterator[Result]:
    """Give what receivers answer for mail of each kind that the record to publish allows."""
    senders = list(_senders(record))
    for sender in senders:
        check = Check(lookup, sender)
        yield result_of(check, record.name)
        if check.may_refuse and sender.passes_at:  # then it depends on which addresses those are
            yield from _results_by_network(record.name, sender, lookup)
    if not senders:  # it allows nobody in particular, so whatever receivers can follow will do
        result = check_host(record.name, Sender(macros={"o": record.name}), lookup)
        yield result if result in (Result.PERMERROR, Result.TEMPERROR, Result.NONE) else Result.PASS


def _results_by_network(domain: str, sender: Sender, lookup: Lookup) -> Iterator[Result]:
    """Give the results for each network of the provider, up to the first that does not pass."""
    for network in networks_of(sender.passes_at, lookup):
        result = check_host(domain, replace(sender, network=network, passes_at=""), lookup)
        yield result
        if result is not Result.PASS:
            return


def replacement_for(record: Record, published: tuple[str, ...], lookup: Lookup) -> str:
    """Return the one record to publish in place of what is there.

    Where none lets pass both what passes today and the provider, what is there today is to stay.
    """
    candidates = [merged(published, record.value, record.name, first=first) for first in (False, True)]
    if not _passes_anybody(record.name, lookup):
        candidates += [closed(one) for one in candidates]
    levels = [[one for one in candidates if _serves(record, one, lookup, how)] for how in SERVING]
    good = [one for level in levels for one in level if evaluate_record(record.name, one, lookup).is_within_limits]
    today = published if is_followed(published) else ()  # else nothing passes today that could be spoiled
    robust = [one for level in levels for one in reversed(level)]  # the provider first
    return _fit(next(iter((*good, *today, *robust, *candidates))))


def is_followed(published: tuple[str, ...]) -> bool:
    """Return whether receivers follow what is published: one record, and no term of it is wrong."""
    return len(published) == 1 and not fault_of(published[0])


def _serves(record: Record, candidate: str, lookup: Lookup, results: frozenset[Result]) -> bool:
    """Return whether a record has these results for the provider, and passes anybody else only where today's does."""
    view = with_record(record.name, candidate, lookup)
    opens = _passes_anybody(record.name, view) and not _passes_anybody(record.name, lookup)
    return not opens and set(results_for(record, view)) <= results


def _passes_anybody(domain: str, lookup: Lookup) -> bool:
    return check_host(domain, Sender(macros={"o": domain}), lookup) is Result.PASS


def _senders(record: Record) -> Iterator[Sender]:
    terms = terms_of(record.value)
    has_end = any(term.name == "all" for term in terms)
    for term in terms:
        is_end = term.is_modifier and term.name == "redirect" and not has_end
        if is_end or (term.qualifier == "+" and term.name != "all"):
            yield _sender(term, record.name)


def _sender(term: Term, domain: str) -> Sender:
    """Return what is known of a mail that a term of the record to publish at `domain` is about."""
    macros = {"o": domain}
    if term.network is not None:
        return Sender(network=term.network, macros=macros)
    if term.name in {"include", "redirect"} and (target := expanded(term.value or "", {**macros, "d": domain})):
        return Sender(passes_at=target, macros=macros)
    return Sender(mechanism=term.canonical(domain), macros=macros)


def _with_answer(name: str, answer: Answer, lookup: Lookup) -> Lookup:
    return lambda asked, kind: answer if (asked, kind) == (name, "TXT") else lookup(asked, kind)


def _fit(whole: str) -> str:
    """Return a record where it is fit to be stored and shown."""
    return whole if len(whole) <= RECORD_READ_MAX_CHARS and printable(whole) == whole else ""
