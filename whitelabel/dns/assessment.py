"""What a domain's DNS means for mail, in sentences: SPF, DMARC, alignment, and advice on each."""

from collections.abc import Iterator, Sequence

from whitelabel.dns import dkim, dmarc
from whitelabel.dns.alignment import sentence
from whitelabel.dns.answers import printable
from whitelabel.dns.facts import SHOWN_MAX_CHARS, Advice, DomainFacts
from whitelabel.dns.record import Record, Status, Type, Verdict
from whitelabel.dns.resolver import DomainResolver
from whitelabel.dns.spf import evaluation
from whitelabel.dns.spf.check import RECORD_READ_MAX_CHARS
from whitelabel.dns.spf.compare import is_followed
from whitelabel.dns.spf.evaluation import Evaluation
from whitelabel.dns.spf.merge import merged
from whitelabel.dns.spf.terms import COSTS_A_LOOKUP, LOOKUPS_MAX, VERSION, is_spf, terms_of

SHOWN_MAX = 12

Compared = Sequence[tuple[Record, Verdict]]


def assess(compared: Compared, resolver: DomainResolver) -> DomainFacts:
    """Return the facts; `compared` are the records to publish with their verdicts."""
    domain = resolver.domain
    spf, mail = evaluation.evaluate(domain, resolver), resolver(domain, "MX")
    policies = dmarc.find(domain, resolver, exists=not mail.no_such_name)
    policy = policies.applied
    resolver.find_servers()
    failed = {
        "spf": bool(spf.unknown) and not spf.published,
        "dmarc": policies.unknown,
        "dmarc_at": policies.unknown,
        "mx": mail.is_unknown,
        "name_servers": resolver.name_servers_unknown and not resolver.name_servers,
    }
    advice = [*_spf_advice(compared, spf, resolver), *dmarc.advice(policies), *_dangling(compared, resolver)]
    return DomainFacts(
        spf=tuple(printable(record)[:RECORD_READ_MAX_CHARS] for record in spf.published[:SHOWN_MAX]),
        spf_says=_spf_sentence(spf, domain),
        dmarc=policy.record[:SHOWN_MAX_CHARS] if policy else "",
        dmarc_at=policy.at if policy else "",
        dmarc_says=dmarc.sentence(policies),
        mx=() if resolver.alias_leaves_domain(mail) else _fitted(sorted(mail.values, key=_preference)),
        name_servers=_fitted(resolver.name_servers),
        advice=tuple(dict.fromkeys(advice)),
        alignment=sentence(compared, policies, resolver),
        unknown=tuple(name for name, has_failed in failed.items() if has_failed),
    )


def _spf_sentence(spf: Evaluation, domain: str) -> str:
    if spf.errors:
        return f"{spf.errors[0]} Mail servers that come to this ignore the whole record."
    if not spf.published:
        return spf.unknown[0] if spf.unknown else f"{domain} has no SPF record."
    count = f"The SPF record needs {spf.lookups} of the {LOOKUPS_MAX} DNS lookups that are allowed."
    return " ".join((count, *spf.unknown[:1]))


def _spf_advice(compared: Compared, spf: Evaluation, resolver: DomainResolver) -> Iterator[Advice]:
    """Give the exact record to publish in place of what is there, or why there is none, and what is wrong anyway."""
    asked = [(record, verdict) for record, verdict in compared if is_spf(record.value) and verdict.replacement]
    failing = {record.name: (record, verdict) for record, verdict in asked if verdict.status != Status.OK}
    for name, (record, verdict) in failing.items():
        if verdict.stays:
            yield _why_it_stays(record, verdict.replacement, resolver)
            continue
        there = "an SPF record already" if is_spf(verdict.published) else "what no mail server takes for an SPF record"
        sentence = f"{name} has {there}. Do not add a second one; replace what is there by this one."
        yield Advice(sentence, name, verdict.replacement, "SPF record")
        yield from _over_limit(evaluation.evaluate_record(name, verdict.replacement, resolver), name)
    one = merged(spf.published, VERSION, resolver.domain)
    if spf.published and not is_followed(spf.published) and resolver.domain not in failing and printable(one) == one:
        fault = (
            "must have one SPF record" if len(spf.published) > 1 else "has an SPF record that no mail server follows"
        )
        sentence = f"{resolver.domain} {fault}. Replace those that are there by this one."
        yield Advice(sentence, resolver.domain, one[:RECORD_READ_MAX_CHARS], "SPF record")
    yield from map(Advice, (*spf.errors[:SHOWN_MAX], *spf.warnings[:SHOWN_MAX]))


def _dangling(compared: Compared, resolver: DomainResolver) -> Iterator[Advice]:
    """Name the aliases that are right and lead to nothing, which only the platform can mend."""
    for record, verdict in compared:
        if record.type == Type.CNAME and _is_dangling(record, verdict, resolver):
            yield Advice(
                f"{record.name} is an alias of {record.value}, which leads to nothing. Ask the platform about it."
            )


def _is_dangling(record: Record, verdict: Verdict, resolver: DomainResolver) -> bool:
    if dkim.is_key_name(record.name):
        return verdict.status == Status.MISSING and bool(verdict.published)
    return verdict.status == Status.OK and resolver(record.value, "TXT").no_such_name


def _why_it_stays(record: Record, published: str, resolver: DomainResolver) -> Advice:
    """Say what would be wrong with the whole record, and what could be done about it."""
    whole = evaluation.evaluate_record(record.name, merged([published], record.value, record.name), resolver)
    stays = f"Leave the SPF record of {record.name} as it is for now"
    if whole.is_within_limits:
        return Advice(" ".join((f"{stays}, and ask the platform about the one to publish.", *whole.errors[:1])))
    return Advice(" ".join((f"{stays}.", *(one.sentence for one in _over_limit(whole, record.name)))))


def _over_limit(whole: Evaluation, name: str) -> Iterator[Advice]:
    """Say what a record would cost where that is too much, and what could be taken out."""
    if whole.is_within_limits:
        return
    terms = ", ".join(term.text for term in terms_of(whole.record) if term.name in COSTS_A_LOOKUP)
    yield Advice(
        f"The whole record would need {whole.lookups} DNS lookups of {LOOKUPS_MAX}, {whole.voids} of which find "
        f"nothing, so other mail servers would ignore it: take out what does not send for {name} any more, of "
        f"{printable(terms)[:SHOWN_MAX_CHARS]}."
    )


def _fitted(values: Sequence[str]) -> tuple[str, ...]:
    return tuple(printable(value)[:SHOWN_MAX_CHARS] for value in values[:SHOWN_MAX])


def _preference(value: str) -> int:
    return int(value.partition(" ")[0])
