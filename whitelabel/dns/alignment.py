"""Whether From, DKIM and SPF will agree once the records are there: DMARC's identifier alignment (RFC 9989 4.4)."""

from collections.abc import Sequence

from whitelabel.dns import dkim, dmarc
from whitelabel.dns.dmarc import Dmarc
from whitelabel.dns.record import Record, Type, Verdict
from whitelabel.dns.resolver import DomainResolver
from whitelabel.dns.spf.terms import is_spf
from whitelabel.domain_names import registrable


def sentence(compared: Sequence[tuple[Record, Verdict]], policies: Dmarc, resolver: DomainResolver) -> str:
    """Say whether DMARC passes by DKIM (d=) and by SPF (the return path), each aligned with the From address."""
    records = [record for record, _ in compared]
    aliases = {record for record in records if _may_be_return_path(record)}
    carrying = {record.name for record in aliases if _carries_spf(record, resolver)}
    keys = sorted({dkim.signing_domain(record.name) for record in records if dkim.is_key_name(record.name)})
    paths = sorted(carrying or {record.name for record in records if is_spf(record.value)})
    if not keys and not paths and not aliases:
        return ""
    policy = policies.applied
    by_dkim = _aligned(keys, policies, resolver, strict=bool(policy and policy.strict_dkim))
    by_spf = _aligned(paths, policies, resolver, strict=bool(policy and policy.strict_spf))
    ways = [f"DKIM (d={name})" for name in by_dkim[:1]] + [f"SPF (return path {name})" for name in by_spf[:1]]
    mail = f"With these records, mail from {policies.domain}"
    if ways:
        passes = ", so DMARC passes" if policy else ""
        return f"{mail} will be accepted as genuine: it is aligned with {' and with '.join(ways)}{passes}."
    if aliases and not carrying:
        return f"{mail} can be aligned with SPF, if bounces go to one of these names."
    fails = ", so DMARC does not pass" if policy else ""
    doubted = f"{mail} may not be accepted as genuine: it is aligned neither with DKIM nor with SPF{fails}."
    return " ".join(filter(None, (doubted, _once_aligned(keys, paths, policies))))


def _aligned(names: Sequence[str], policies: Dmarc, resolver: DomainResolver, *, strict: bool) -> list[str]:
    """Return the names that are aligned: the same, or relaxed of the same organisational domain (RFC 9989 4.10.2).

    Where there is no policy, nobody evaluates DMARC, and what somebody registered is what belongs together.
    """
    if strict:
        return [name for name in names if name == policies.domain]
    if policies.applied is None:
        return [name for name in names if registrable(name) == registrable(policies.domain)]
    return [name for name in names if _organizational(name, policies, resolver) == policies.organizational]


def _organizational(name: str, policies: Dmarc, resolver: DomainResolver) -> str:
    return policies.organizational if name == policies.domain else dmarc.find(name, resolver).organizational


def _once_aligned(keys: Sequence[str], paths: Sequence[str], policies: Dmarc) -> str:
    """Say what makes them aligned by the walk as they were by the list of public suffixes (RFC 7489 3.2)."""
    policy, registered = policies.applied, registrable(policies.domain)
    if policy is None:
        return ""
    relaxed = [*(() if policy.strict_dkim else keys), *(() if policy.strict_spf else paths)]
    if not any(registrable(name) == registered for name in relaxed):
        return ""
    where = f"a DMARC policy at {dmarc.LABEL}.{registered} makes it so for all"
    return f"Mail servers that still follow RFC 7489 take it as aligned; {where}."


def _may_be_return_path(record: Record) -> bool:
    return record.type == Type.CNAME and not dkim.is_key_name(record.name)


def _carries_spf(record: Record, resolver: DomainResolver) -> bool:
    """Return whether bounces go there: an alias for clicks or pictures leads to no SPF record."""
    return any(is_spf(value) for value in resolver(record.value, "TXT").values)
