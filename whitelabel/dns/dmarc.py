"""The DMARC policy of a domain: its own, or that of its organisational domain (RFC 7489 6.6.3)."""

from collections.abc import Iterator
from dataclasses import dataclass

from whitelabel.dns.answers import Answer, Lookup, printable
from whitelabel.dns.facts import Advice
from whitelabel.dns.tags import tags_of
from whitelabel.domain_names import registrable

LABEL = "_dmarc"
POLICIES = {"none": "is only watched", "quarantine": "is treated as suspicious", "reject": "is refused"}
SUGGESTED = "v=DMARC1; p=none"


@dataclass(frozen=True)
class Dmarc:
    """`at` is the name of the record, `policy` what it asks for mail from the domain; all "" where there is none."""

    record: str = ""
    at: str = ""
    policy: str = ""
    strict_dkim: bool = False
    strict_spf: bool = False
    unknown: bool = False
    several: bool = False


def find(domain: str, lookup: Lookup) -> Dmarc:
    """Look up the policy of the domain, then of its organisational domain."""
    for owner in dict.fromkeys((domain, registrable(domain))):
        policy = _read(f"{LABEL}.{owner}", lookup(f"{LABEL}.{owner}", "TXT"), below=owner != domain)
        if policy.record or policy.unknown or policy.several:
            return policy
    return Dmarc()


def is_dmarc(text: str) -> bool:
    """Return whether a TXT value is a policy that receivers follow (RFC 7489 6.3): the version first, and a policy."""
    tags = tags_of(text)
    known = tags.get("p", "none" if "rua" in tags else "").lower() in POLICIES
    return known and next(iter(tags)) == "v" and tags["v"] == "DMARC1"


def sentence(dmarc: Dmarc, domain: str) -> str:
    if dmarc.unknown:
        return "The DMARC policy could not be looked up."
    if dmarc.several:
        return f"There are several DMARC records at {dmarc.at}; receivers then take none of them."
    if not dmarc.record:
        return f"{domain} has no DMARC policy."
    where = "" if dmarc.at == f"{LABEL}.{domain}" else f", taken from {dmarc.at}"
    return (
        f"The DMARC policy is “{dmarc.policy}”{where}: mail from others in the domain's name {POLICIES[dmarc.policy]}."
    )


def advice(dmarc: Dmarc, domain: str) -> Iterator[Advice]:
    """Advise only where there is nothing: a policy that exists is respected."""
    if dmarc.several:
        yield Advice(f"Keep one of the DMARC records at {dmarc.at}.")
    elif not (dmarc.record or dmarc.unknown):
        sentence = "Recommended, not needed: a DMARC policy. Publish this TXT record."
        yield Advice(sentence, f"{LABEL}.{domain}", SUGGESTED, "DMARC record")


def _read(name: str, answer: Answer, *, below: bool) -> Dmarc:
    """Read the record at `name`; for a domain `below` its owner, the policy for subdomains counts."""
    if answer.is_unknown:
        return Dmarc(at=name, unknown=True)
    records = [value for value in answer.values if is_dmarc(value)]
    if len(records) != 1:
        return Dmarc(at=name, several=True) if records else Dmarc()
    tags = tags_of(records[0])
    policy = tags.get("p", "none").lower()
    if below and tags.get("sp", "").lower() in POLICIES:
        policy = tags["sp"].lower()
    strict = {tag: tags.get(tag, "r").lower() == "s" for tag in ("adkim", "aspf")}
    return Dmarc(printable(records[0]), name, policy, strict_dkim=strict["adkim"], strict_spf=strict["aspf"])
