"""What a domain's DNS means for mail, in sentences: SPF, DMARC, alignment, and advice on each."""

from collections.abc import Iterator, Sequence

from whitelabel.dns import dkim, dmarc, spf, spf_evaluation
from whitelabel.dns.answers import printable
from whitelabel.dns.dmarc import Dmarc
from whitelabel.dns.facts import SHOWN_MAX_CHARS, Advice, DomainFacts
from whitelabel.dns.record import Record, Status, Type, Verdict
from whitelabel.dns.resolver import DomainResolver
from whitelabel.dns.spf_evaluation import Evaluation
from whitelabel.domain_names import registrable

SHOWN_MAX = 12

Compared = Sequence[tuple[Record, Verdict]]


def assess(compared: Compared, resolver: DomainResolver) -> DomainFacts:
    """Return the facts; `compared` are the records to publish with their verdicts."""
    domain = resolver.domain
    evaluation, policy = spf_evaluation.evaluate(domain, resolver), dmarc.find(domain, resolver)
    mail = resolver(domain, "MX")
    resolver.find_servers()
    failed = {
        "spf": bool(evaluation.unknown) and not evaluation.published,
        "dmarc": policy.unknown,
        "dmarc_at": policy.unknown,
        "mx": mail.is_unknown,
        "name_servers": resolver.name_servers_unknown and not resolver.name_servers,
    }
    advice = [*_spf_advice(compared, evaluation, resolver), *dmarc.advice(policy, domain)]
    return DomainFacts(
        spf=_fitted(evaluation.published),
        spf_says=_spf_sentence(evaluation, domain),
        dmarc=policy.record[:SHOWN_MAX_CHARS],
        dmarc_at=policy.at if policy.record else "",
        dmarc_says=dmarc.sentence(policy, domain),
        mx=() if resolver.alias_leaves_domain(mail) else _fitted(sorted(mail.values, key=_preference)),
        name_servers=_fitted(resolver.name_servers),
        advice=tuple(dict.fromkeys(advice)),
        alignment=_alignment(compared, policy, resolver),
        unknown=tuple(name for name, has_failed in failed.items() if has_failed),
    )


def _spf_sentence(evaluation: Evaluation, domain: str) -> str:
    if evaluation.errors:
        return f"{evaluation.errors[0]} Other mail servers would ignore the whole record."
    if not evaluation.published:
        return evaluation.unknown[0] if evaluation.unknown else f"{domain} has no SPF record."
    count = f"The SPF record needs {evaluation.lookups} of the {spf.LOOKUPS_MAX} DNS lookups that are allowed."
    return " ".join((count, *evaluation.unknown[:1]))


def _spf_advice(compared: Compared, evaluation: Evaluation, resolver: DomainResolver) -> Iterator[Advice]:
    """Give the exact record to publish in place of what is there, what it would cost, and what is wrong anyway."""
    failing = [(record, verdict) for record, verdict in compared if verdict.status != Status.OK]
    merged = {record.name: verdict.replacement for record, verdict in failing if verdict.replacement}
    for name, value in merged.items():
        sentence = f"{name} has an SPF record already. Do not add a second one; replace what is there by this one."
        yield Advice(sentence, name, value, "SPF record")
        yield from _over_lookup_limit(spf_evaluation.evaluate_record(name, value, resolver), name)
    one = spf.merge(evaluation.published, spf.VERSION, resolver.domain)
    if len(evaluation.published) > 1 and resolver.domain not in merged and len(one) <= SHOWN_MAX_CHARS:
        sentence = f"{resolver.domain} must have one SPF record. Replace those that are there by this one."
        yield Advice(sentence, resolver.domain, one, "SPF record")
    yield from map(Advice, (*evaluation.errors[:SHOWN_MAX], *evaluation.warnings[:SHOWN_MAX]))


def _over_lookup_limit(evaluation: Evaluation, name: str) -> Iterator[Advice]:
    if evaluation.lookups <= spf.LOOKUPS_MAX:
        return
    terms = ", ".join(term.text for term in spf.terms_of(evaluation.record) if term.name in spf.COSTS_A_LOOKUP)
    yield Advice(
        f"That record would need {evaluation.lookups} DNS lookups of {spf.LOOKUPS_MAX}, so other mail servers would "
        f"ignore it: take out what does not send for {name} any more, of {printable(terms)[:SHOWN_MAX_CHARS]}."
    )


def _alignment(compared: Compared, policy: Dmarc, resolver: DomainResolver) -> str:
    """Say whether DMARC passes by DKIM (d=) and by SPF (the return path), each aligned with the From address."""
    domain = resolver.domain
    keys = sorted({dkim.signing_domain(record.name) for record, _ in compared if dkim.is_key_name(record.name)})
    aliases = {record for record, _ in compared if _may_be_return_path(record)}
    carrying = {record.name for record in aliases if _carries_spf(record, resolver)}
    paths = sorted(carrying or {record.name for record, _ in compared if spf.is_spf(record.value)})
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
    return record.type == Type.CNAME and not dkim.is_key_name(record.name)


def _carries_spf(record: Record, resolver: DomainResolver) -> bool:
    """Return whether bounces go there: an alias for clicks or pictures leads to no SPF record."""
    return any(spf.is_spf(value) for value in resolver(record.value, "TXT").values)


def _aligned(name: str, domain: str, *, strict: bool) -> bool:
    """Compare as DMARC does (RFC 7489 3.1): the same name, or relaxed the same organisational domain."""
    return name == domain if strict else registrable(name) == registrable(domain)


def _fitted(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(printable(value)[:SHOWN_MAX_CHARS] for value in values[:SHOWN_MAX])


def _preference(value: str) -> int:
    return int(value.partition(" ")[0])
