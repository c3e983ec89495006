"""Say in sentences what a domain's DNS means for mail: SPF, DMARC, alignment, and what to do about them."""

from collections.abc import Iterator, Sequence

from whitelabel.dns import dkim, dmarc, spf, spf_evaluation
from whitelabel.dns.answers import printable
from whitelabel.dns.compare import Verdict
from whitelabel.dns.dmarc import Dmarc
from whitelabel.dns.facts import SHOWN_MAX_CHARS, Advice, DomainFacts
from whitelabel.dns.resolver import Asking
from whitelabel.dns.spf_evaluation import Evaluation
from whitelabel.domain_names import registrable
from whitelabel.models import DnsRecord
from whitelabel.models.record import Record

SHOWN_MAX = 12

Judged = Sequence[tuple[Record, Verdict]]


def describe(judged: Judged, asking: Asking) -> DomainFacts:
    """Return the facts; `judged` are the records to publish with their verdicts."""
    domain = asking.domain
    evaluation, policy = spf_evaluation.evaluate(domain, asking), dmarc.find(domain, asking)
    mail = asking(domain, "MX")
    asking.find_servers()
    failed = {
        "spf": bool(evaluation.unknown) and not evaluation.published,
        "dmarc": policy.unknown,
        "dmarc_at": policy.unknown,
        "mx": mail.is_unknown,
        "name_servers": asking.name_servers_unknown and not asking.name_servers,
    }
    advice = [*_spf_advice(judged, evaluation, asking), *dmarc.advice(policy, domain)]
    return DomainFacts(
        spf=_fit(evaluation.published),
        spf_says=_spf_sentence(evaluation, domain),
        dmarc=policy.record[:SHOWN_MAX_CHARS],
        dmarc_at=policy.at if policy.record else "",
        dmarc_says=dmarc.sentence(policy, domain),
        mx=() if asking.leads_away(mail) else _fit(sorted(mail.values, key=_preference)),
        name_servers=_fit(asking.name_servers),
        advice=tuple(dict.fromkeys(advice)),
        alignment=_alignment(judged, policy, asking),
        unknown=tuple(name for name, has_failed in failed.items() if has_failed),
    )


def _spf_sentence(evaluation: Evaluation, domain: str) -> str:
    if evaluation.errors:
        return f"{evaluation.errors[0]} Other mail servers would ignore the whole record."
    if not evaluation.published:
        return evaluation.unknown[0] if evaluation.unknown else f"{domain} has no SPF record."
    count = f"The SPF record needs {evaluation.lookups} of the {spf.LOOKUPS_MAX} DNS lookups that are allowed."
    return " ".join((count, *evaluation.unknown[:1]))


def _spf_advice(judged: Judged, evaluation: Evaluation, asking: Asking) -> Iterator[Advice]:
    """Give the exact record to publish in place of what is there, what it would cost, and what is wrong anyway."""
    lacking = [(record, verdict) for record, verdict in judged if verdict.status != DnsRecord.Status.OK]
    merged = {record.name: verdict.instead for record, verdict in lacking if verdict.instead}
    for name, value in merged.items():
        sentence = f"{name} has an SPF record already. Do not add a second one; replace what is there by this one."
        yield Advice(sentence, name, value, "SPF record")
        yield from _too_dear(spf_evaluation.evaluate_record(name, value, asking), name)
    one = spf.merge(evaluation.published, spf.VERSION, asking.domain)
    if len(evaluation.published) > 1 and asking.domain not in merged and len(one) <= SHOWN_MAX_CHARS:
        sentence = f"{asking.domain} must have one SPF record. Replace those that are there by this one."
        yield Advice(sentence, asking.domain, one, "SPF record")
    yield from map(Advice, (*evaluation.errors[:SHOWN_MAX], *evaluation.doubts[:SHOWN_MAX]))


def _too_dear(evaluation: Evaluation, name: str) -> Iterator[Advice]:
    if evaluation.lookups <= spf.LOOKUPS_MAX:
        return
    terms = ", ".join(term.text for term in spf.terms_of(evaluation.record) if term.name in spf.COSTS_A_LOOKUP)
    yield Advice(
        f"That record would need {evaluation.lookups} DNS lookups of {spf.LOOKUPS_MAX}, so other mail servers would "
        f"ignore it: take out what does not send for {name} any more, of {printable(terms)[:SHOWN_MAX_CHARS]}."
    )


def _alignment(judged: Judged, policy: Dmarc, asking: Asking) -> str:
    """Say whether DMARC passes by DKIM (d=) and by SPF (the return path), each aligned with the From address."""
    domain = asking.domain
    keys = sorted({dkim.signing_domain(record.name) for record, _ in judged if dkim.is_key_name(record.name)})
    aliases = {record for record, _ in judged if _may_be_return_path(record)}
    carrying = {record.name for record in aliases if _carries_spf(record, asking)}
    paths = sorted(carrying or {record.name for record, _ in judged if spf.is_spf(record.value)})
    if not keys and not paths and not aliases:
        return ""
    by_dkim = [name for name in keys if _aligned(name, domain, strict=policy.strict_dkim)]
    by_spf = [name for name in paths if _aligned(name, domain, strict=policy.strict_spf)]
    ways = [f"DKIM (d={by_dkim[0]})"] if by_dkim else []
    ways += [f"SPF (return path {by_spf[0]})"] if by_spf else []
    if ways:
        passes = ", so DMARC passes" if policy.record else ""
        genuine = f"With these records, mail from {domain} will be accepted as genuine"
        return f"{genuine}: it is aligned with {' and with '.join(ways)}{passes}."
    if aliases and not carrying:
        return f"With these records, mail from {domain} can be aligned with SPF, if bounces go to one of these names."
    fails = ", so DMARC does not pass" if policy.record else ""
    doubted = f"With these records, mail from {domain} may not be accepted as genuine"
    return f"{doubted}: it is aligned neither with DKIM nor with SPF{fails}."


def _may_be_return_path(record: Record) -> bool:
    return record.type == DnsRecord.Type.CNAME and not dkim.is_key_name(record.name)


def _carries_spf(record: Record, asking: Asking) -> bool:
    """Return whether bounces go there: an alias for clicks or pictures leads to no SPF record."""
    return any(spf.is_spf(value) for value in asking(record.value, "TXT").values)


def _aligned(name: str, domain: str, *, strict: bool) -> bool:
    """Compare as DMARC does (RFC 7489 3.1): the same name, or relaxed the same organisational domain."""
    return name == domain if strict else registrable(name) == registrable(domain)


def _fit(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(printable(value)[:SHOWN_MAX_CHARS] for value in values[:SHOWN_MAX])


def _preference(value: str) -> int:
    return int(value.partition(" ")[0])
