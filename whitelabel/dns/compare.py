"""Compare one record to publish with what DNS says of its name: OK, missing, different, or unknown.

Two servers of a domain that say different things prove nothing and count against nobody: the verdict is UNKNOWN until
they agree, because receivers ask either of them.
"""

import re
from collections.abc import Iterator, Sequence
from ipaddress import ip_address

from smtp_settings.network.special_addresses import kind_of
from whitelabel.dns import dkim, dmarc, spf, spf_evaluation
from whitelabel.dns.answers import Answer, Outcome, printable, printable_lines
from whitelabel.dns.record import Record, Status, Type, Verdict
from whitelabel.dns.resolver import DomainResolver
from whitelabel.records import comparable

DISAGREE = "The domain's name servers do not say the same: a change is still spreading, wait an hour."
PROXIED = "Switch off proxying for this name (at Cloudflare: DNS only)."
_PURPOSE = re.compile(r"[\w.-]{1,60}[=:]")


def compare(record: Record, resolver: DomainResolver) -> Verdict:
    """Ask for the record and compare; raises nothing for what DNS says or does not say."""
    verdicts = [
        _compare_answer(record, answer, resolver) for answer in resolver.ask_each_server(record.name, record.type)
    ]
    if len({verdict.status for verdict in verdicts}) == 1:
        return verdicts[0]
    each = "\n".join(verdict.published or "nothing" for verdict in verdicts)
    return Verdict(Status.UNKNOWN, f"{DISAGREE}\n{each}")


def _compare_answer(record: Record, answer: Answer, resolver: DomainResolver) -> Verdict:
    if answer.is_unknown:
        return Verdict(Status.UNKNOWN, printable_lines([answer.why]))
    if record.type == Type.TXT and spf.is_spf(record.value):
        return _compare_spf(record, answer, resolver)
    rivals = _rivals(record, answer.values)
    if answer.values and resolver.alias_leaves_domain(answer):
        return _compare_outside_domain(record, answer, rivals)
    if len(rivals) > 1:
        return Verdict(Status.DIFFERENT, printable_lines(rivals))
    if any(_is_same(record, value) for value in answer.values):
        return Verdict(Status.OK, printable_lines(answer.values))
    if record.type == Type.CNAME and answer.outcome is Outcome.ABSENT:
        return _compare_without_alias(record, resolver)
    return _compare_other(record, answer)


def _compare_outside_domain(record: Record, answer: Answer, rivals: Sequence[str]) -> Verdict:
    """Compare what is under other people's names without showing it: the resolver may know internal ones."""
    where = f"an alias of {_path(answer)}"
    if len(rivals) <= 1 and any(_is_same(record, value) for value in answer.values):
        return Verdict(Status.OK, printable_lines([where]))
    return Verdict(Status.DIFFERENT, printable_lines([f"{where}, which holds something else"]))


def _path(answer: Answer) -> str:
    return " → ".join(name or "the root of DNS" for name in answer.aliases)


def _rivals(record: Record, values: Sequence[str]) -> list[str]:
    """Return the values of which there must be only one, or receivers may take any or none (RFC 6376 3.6.2.2)."""
    if record.type == Type.TXT and dkim.is_key_name(record.name):
        return [value for value in values if dkim.is_key(value)]
    return [value for value in values if dmarc.is_dmarc(value)] if dmarc.is_dmarc(record.value) else []


def _is_same(record: Record, value: str) -> bool:
    """Return whether a value does what the record to publish does."""
    if comparable(record.type, record.value) == comparable(record.type, value):
        return True
    if record.type != Type.TXT:
        return False
    if dkim.is_key_name(record.name):
        return dkim.same_key(record.value, value)
    return dmarc.is_dmarc(record.value) and dmarc.is_dmarc(value)  # a policy that exists is respected


def _compare_other(record: Record, answer: Answer) -> Verdict:
    """Compare values of which none is the expected one; TXT values for other purposes are no matter."""
    values = [value for value in answer.values if _same_purpose(record, value)]
    if answer.outcome is Outcome.ABSENT and answer.aliases:
        values = [f"an alias of {_path(answer)}, which leads to nothing. {answer.why}".strip()]
    return Verdict(Status.DIFFERENT, printable_lines(values)) if values else Verdict(Status.MISSING)


def _same_purpose(record: Record, value: str) -> bool:
    """Return whether a value has the same purpose; under a name with an underscore it always has (RFC 8552)."""
    if record.type != Type.TXT or any(label.startswith("_") for label in record.name.split(".")):
        return True
    purpose = _PURPOSE.match(record.value)
    return purpose is None or value.lower().startswith(purpose[0].lower())


def _compare_without_alias(record: Record, resolver: DomainResolver) -> Verdict:
    """Compare a name that should be an alias and is none: DNS hosts that flatten or proxy answer in its place."""
    kind = Type.TXT if dkim.is_key_name(record.name) else "A"
    there = resolver(record.name, kind)
    if there.is_unknown:
        return Verdict(Status.UNKNOWN, printable_lines([there.why]))
    if there.outcome is Outcome.ABSENT:
        return Verdict(Status.MISSING)
    if kind == "A":
        return Verdict(
            Status.DIFFERENT,
            printable_lines(_in_place_of_alias(there.values, outside=resolver.alias_leaves_domain(there))),
        )
    behind = resolver(record.value, kind)
    if behind.is_unknown:
        return Verdict(Status.UNKNOWN, printable_lines([behind.why]))
    same = any(dkim.same_key(key, value) for key in behind.values for value in there.values)
    hidden = resolver.alias_leaves_domain(there)
    return Verdict(Status.OK if same else Status.DIFFERENT, printable_lines([_path(there)] if hidden else there.values))


def _in_place_of_alias(addresses: Sequence[str], *, outside: bool) -> Iterator[str]:
    """Say what to do; an address inside of a network is nobody's business."""
    for address in addresses:
        hidden = outside or kind_of(ip_address(address))
        yield f"{'an address' if hidden else address} instead of an alias. {PROXIED}"


def _compare_spf(record: Record, answer: Answer, resolver: DomainResolver) -> Verdict:
    """Compare what the published record allows; a replacement is always one whole record, never a second one."""
    evaluation = spf_evaluation.evaluate_answer(record.name, answer, resolver)
    outside = resolver.alias_leaves_domain(answer)
    published = printable_lines([f"an alias of {_path(answer)}"] if outside else evaluation.published)
    if not evaluation.published:
        return Verdict(Status.MISSING)
    refused = spf_evaluation.not_allowed(record.value, evaluation, record.name)
    if not refused and not evaluation.errors:
        return Verdict(Status.OK, published, "" if outside else _replacement(evaluation.published[0], record.value))
    merged = spf.merge(evaluation.published, record.value, record.name)
    replacement = "" if outside or merged in evaluation.published else _replacement(merged, record.value)
    if evaluation.unknown and not evaluation.errors:
        return Verdict(Status.UNKNOWN, "\n".join((published, printable_lines(evaluation.unknown))), replacement)
    return Verdict(Status.DIFFERENT, published, replacement)


def _replacement(whole: str, expected: str) -> str:
    """Return the SPF record of the domain where it differs from the expected one and is fit to be stored and shown."""
    fits = len(whole) <= spf_evaluation.RECORD_READ_MAX_CHARS and printable(whole) == whole
    return whole if fits and whole != expected else ""
