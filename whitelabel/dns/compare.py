"""Compare one record to publish with what DNS says of its name: OK, missing, different, or unknown.

Two servers of a domain that say different things prove nothing and count against nobody: the verdict is UNKNOWN until
they agree, because receivers ask either of them.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from ipaddress import ip_address

from smtp_settings.network.special_addresses import kind_of
from whitelabel.dns import dkim, dmarc
from whitelabel.dns.answers import Answer, Outcome, printable_lines
from whitelabel.dns.dkim_compare import compare_key_alias
from whitelabel.dns.record import PROOF_LABEL, Record, Status, Type, Verdict
from whitelabel.dns.resolver import DomainResolver, View
from whitelabel.dns.spf.compare import compare_spf
from whitelabel.dns.spf.terms import is_spf
from whitelabel.records import comparable

DISAGREE = "The domain's name servers do not say the same: a change is still spreading, wait an hour."
PROXIED = "Switch off proxying for this name (at Cloudflare: DNS only)."
_PURPOSE = re.compile(r"[\w.-]{1,60}[=:]")
_WRAPPING = "\"'`\\ \u200b\ufeff\u201c\u201d\u201e"


def compare(record: Record, resolver: DomainResolver) -> Verdict:
    """Ask for the record and compare; raises nothing for what DNS says or does not say."""
    kind = Type.TXT if _is_key_alias(record) else record.type
    verdicts = [_compare_view(record, view, resolver) for view in resolver.ask_each_server(record.name, kind)]
    known = [verdict for verdict in verdicts if verdict.status != Status.UNKNOWN]
    if len({verdict.status for verdict in known}) <= 1:
        return (known or verdicts)[0]
    each = "\n".join(verdict.published or "nothing" for verdict in known)
    return Verdict(Status.UNKNOWN, f"{DISAGREE}\n{each}")


def _is_key_alias(record: Record) -> bool:
    return record.type == Type.CNAME and dkim.is_key_name(record.name)


def _compare_view(record: Record, view: View, resolver: DomainResolver) -> Verdict:
    answer = view.answer
    if answer.is_unknown:
        return Verdict(Status.UNKNOWN, printable_lines([answer.why]))
    if _is_key_alias(record):
        verdict = compare_key_alias(record, view, resolver)
        return verdict or _compare_without_alias(record, view, resolver)
    if record.type == Type.TXT and is_spf(record.value):
        return _hidden(compare_spf(record, answer, view.lookup), answer, resolver)
    if record.type == Type.CNAME:
        return _compare_alias(record, view, resolver)
    rivals = _rivals(record, answer.values)
    if answer.values and resolver.alias_leaves_domain(answer):
        return _compare_outside_domain(record, answer, rivals)
    if len(rivals) > 1:
        return Verdict(Status.DIFFERENT, printable_lines(rivals), _one_policy(record, rivals))
    if any(_is_same(record, value) for value in answer.values):
        return Verdict(Status.OK, printable_lines(answer.values))
    return _compare_other(record, answer)


def _hidden(verdict: Verdict, answer: Answer, resolver: DomainResolver) -> Verdict:
    """Return a verdict without what stands under other people's names: the resolver may know internal ones."""
    if verdict.status is Status.MISSING or not resolver.alias_leaves_domain(answer):
        return verdict
    return replace(verdict, published=printable_lines([f"an alias of {answer.path}"]), replacement="")


def _compare_outside_domain(record: Record, answer: Answer, rivals: Sequence[str]) -> Verdict:
    """Compare what is under other people's names without showing it: the resolver may know internal ones."""
    where = f"an alias of {answer.path}"
    if len(rivals) <= 1 and any(_is_same(record, value) for value in answer.values):
        return Verdict(Status.OK, printable_lines([where]))
    return Verdict(Status.DIFFERENT, printable_lines([f"{where}, which holds something else"]))


def _rivals(record: Record, values: Sequence[str]) -> list[str]:
    """Return the values of which there must be only one, or receivers may take any or none (RFC 6376 3.6.2.2)."""
    if record.type == Type.TXT and dkim.is_key_name(record.name):
        return [value for value in values if dkim.is_like_key(value)]
    return [value for value in values if dmarc.has_version(value)] if dmarc.has_version(record.value) else []


def _one_policy(record: Record, rivals: Sequence[str]) -> str:
    """Return which of several policies to keep; "" where they are none."""
    return (dmarc.softest(rivals) or record.value) if dmarc.has_version(record.value) else ""


def _is_same(record: Record, value: str) -> bool:
    """Return whether a value does what the record to publish does."""
    if record.type == Type.MX:  # in which order several are tried makes no difference to what the provider needs
        return _exchange(record.value) == _exchange(value)
    if comparable(record.type, record.value) == comparable(record.type, value):
        return True
    if dkim.is_key_name(record.name):
        return dkim.same_key(record.value, value)
    return dmarc.has_version(record.value) and dmarc.is_policy(value)  # a policy that exists is respected


def _exchange(value: str) -> str:
    return comparable(Type.MX, value).partition(" ")[2]


def _compare_other(record: Record, answer: Answer) -> Verdict:
    """Compare values of which none is the expected one; TXT values for other purposes are no matter."""
    values = [value for value in answer.values if _same_purpose(record, value)]
    if answer.outcome is Outcome.ABSENT and answer.aliases:
        values = [answer.leads_to_nothing]
    if not values:
        return Verdict(Status.MISSING)
    in_place = record.value if dmarc.has_version(record.value) and answer.values else ""
    return Verdict(Status.DIFFERENT, printable_lines(values), in_place)


def _same_purpose(record: Record, value: str) -> bool:
    """Return whether a value has the same purpose; under a name with an underscore it always has (RFC 8552)."""
    if record.type != Type.TXT:
        return True
    if record.name.startswith(f"{PROOF_LABEL}."):
        return _is_like_proof(record.value, value)
    if any(label.startswith("_") for label in record.name.split(".")):
        return True
    purpose = _PURPOSE.match(record.value)
    return purpose is None or value.strip(_WRAPPING).lower().startswith(purpose[0].lower())


def _is_like_proof(proof: str, value: str) -> bool:
    """Return whether a value was meant as this proof: what others prove under the same name is beside the point."""
    bare = value.strip(_WRAPPING).lower()
    return bool(bare) and (proof.lower() in bare or bare in proof.lower())


def _compare_alias(record: Record, view: View, resolver: DomainResolver) -> Verdict:
    """Compare an alias for something else than a key; what leads to its target by way of others is as good."""
    answer = view.answer
    if answer.outcome is Outcome.ABSENT:
        return _compare_without_alias(record, view, resolver)
    there, wanted = comparable(record.type, answer.values[0]), comparable(record.type, record.value)
    way = (there,) if there == wanted else view.lookup(record.name, "A").aliases
    if wanted not in way:
        return Verdict(Status.DIFFERENT, printable_lines(answer.values))
    return Verdict(Status.OK, printable_lines(answer.values))


def _compare_without_alias(record: Record, view: View, resolver: DomainResolver) -> Verdict:
    """Compare a name that should be an alias and is none: DNS hosts that flatten or proxy answer in its place."""
    there = view.lookup(record.name, "A")
    if there.is_unknown:
        return Verdict(Status.UNKNOWN, printable_lines([there.why]))
    if there.aliases:
        return Verdict(Status.UNKNOWN, DISAGREE)
    if there.outcome is Outcome.ABSENT:
        return Verdict(Status.MISSING)
    outside = resolver.alias_leaves_domain(there)
    lines = [f"{_shown(address, outside=outside)} instead of an alias. {PROXIED}" for address in there.values]
    return Verdict(Status.DIFFERENT, printable_lines(lines))


def _shown(address: str, *, outside: bool) -> str:
    return "an address" if outside or kind_of(ip_address(address)) else address
