"""The DMARC policy of a domain, found by a walk up the tree of names (RFC 9989; before 2026 RFC 7489)."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from whitelabel.dns.answers import Lookup, printable
from whitelabel.dns.facts import Advice

LABEL = "_dmarc"
POLICIES = {"none": "is only watched", "quarantine": "is treated as suspicious", "reject": "is refused"}
REQUESTS: tuple[str, ...] = ("p", "sp", "np")
STRICTEST_LAST = tuple(POLICIES)
SUGGESTED = "v=DMARC1; p=none"
LOOKUPS_MAX = 8  # RFC 9989 4.10
_VERSION = re.compile(r"v[ \t]*=[ \t]*(?-i:DMARC1)[ \t]*(?:;|\Z)", re.IGNORECASE)
_TAG = re.compile(r"[ \t]*([A-Za-z]+)[ \t]*=[ \t]*([ -:<-~]*?)[ \t]*", re.ASCII)
_REPORT_ADDRESS = re.compile(r"[a-z][a-z0-9+.-]*:[^\s,!]+", re.IGNORECASE)


@dataclass(frozen=True)
class Policy:
    """The record of one name, as receivers read it. `requests` are the policies by their tags: p, sp, np."""

    record: str
    domain: str
    requests: dict[str, str] = field(default_factory=dict)
    psd: str = "u"
    is_test: bool = False
    strict_dkim: bool = False
    strict_spf: bool = False

    @property
    def at(self) -> str:
        return f"{LABEL}.{self.domain}"


@dataclass(frozen=True)
class Dmarc:
    """What the walk from `domain` found: the policies on the way, and which of them is followed for mail from there.

    `several` are the names with more than one record, `ignored` those with something else where a policy should be.
    """

    domain: str
    policies: tuple[Policy, ...] = ()
    several: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    unknown: bool = False
    exists: bool = True

    @property
    def organizational(self) -> str:
        """The domain that everything below shares its name with (RFC 9989 4.10.2)."""
        for policy in self.policies:
            if policy.psd == "n":
                return policy.domain
            if policy.psd == "y" and policy.domain != self.domain:
                return _one_label_below(policy.domain, self.domain)
        return self.policies[-1].domain if self.policies else self.domain

    @property
    def applied(self) -> Policy | None:
        """The policy for mail from the domain: its own, else of the organisation, else of the registry (4.10.1)."""
        own = [policy for policy in self.policies if policy.domain in (self.domain, self.organizational)]
        registry = [policy for policy in self.policies if policy.psd == "y"]
        return next(iter((*own, *registry)), None)

    @property
    def request(self) -> str:
        """What is asked for mail that fails, a key of `POLICIES`; "" where there is no policy that counts."""
        policy = self.applied
        if policy is None:
            return ""
        wanted = ("p",) if policy.domain == self.domain else ("sp", "p") if self.exists else ("np", "sp", "p")
        return next((policy.requests[tag] for tag in wanted if tag in policy.requests), "")


def find(domain: str, lookup: Lookup, *, exists: bool = True) -> Dmarc:
    """Walk from the domain to the top; `exists` is false where there is no such name yet (RFC 9989 4.10, 4.7 np)."""
    policies: list[Policy] = []
    several: list[str] = []
    ignored: list[str] = []
    for name in walk(domain):
        answer = lookup(f"{LABEL}.{name}", "TXT")
        if answer.is_unknown:
            return Dmarc(domain, tuple(policies), tuple(several), tuple(ignored), unknown=True)
        records = [value for value in answer.values if has_version(value)]
        if len(records) == 1:
            policies.append(read(records[0], name))
        several += [name] if len(records) > 1 else []
        ignored += [name] if answer.values and not records else []
        if policies and policies[-1].domain == name and policies[-1].psd != "u":
            break
    return Dmarc(domain, tuple(policies), tuple(several), tuple(ignored), exists=exists)


def walk(domain: str) -> Iterator[str]:
    """Give the names that are asked about, at most eight: a long name is cut to seven labels after the first step."""
    yield domain
    labels = domain.split(".")
    for count in range(min(len(labels), LOOKUPS_MAX) - 1, 0, -1):
        yield ".".join(labels[-count:])


def has_version(text: str) -> bool:
    """Return whether receivers count a TXT value as a DMARC record: the version comes first (RFC 9989 4.7)."""
    return _VERSION.match(text) is not None


def is_policy(text: str) -> bool:
    """Return whether a TXT value is a DMARC record that asks for something."""
    return has_version(text) and bool(read(text, "").requests)


def read(record: str, domain: str) -> Policy:
    """Read a record that has the version. What makes no sense is passed over, as if it were not there (RFC 9989 4.8).

    Without a policy that makes sense, or with a broken one for subdomains, only a reporting address saves it, as
    p=none (4.10.1).
    """
    tags = _tags(record)
    requests = {tag: tags[tag].lower() for tag in REQUESTS if tag in tags}
    if "p" not in requests or not set(requests.values()) <= POLICIES.keys():
        has_address = any(_REPORT_ADDRESS.fullmatch(one.strip()) for one in tags.get("rua", "").split(","))
        requests = {"p": "none"} if has_address else {}
    chosen = {tag: tags.get(tag, "").lower() for tag in ("psd", "t", "adkim", "aspf")}
    return Policy(
        record=printable(record),
        domain=domain,
        requests=requests,
        psd=chosen["psd"] if chosen["psd"] in {"y", "n"} else "u",
        is_test=chosen["t"] == "y",
        strict_dkim=chosen["adkim"] == "s",
        strict_spf=chosen["aspf"] == "s",
    )


def _tags(record: str) -> dict[str, str]:
    """Return the tags that can be read, names in lower case; of one that is there twice nobody knows which counts."""
    matches = [match for part in record.split(";") if (match := _TAG.fullmatch(part))]
    names = [match[1].lower() for match in matches]
    return {name: match[2] for name, match in zip(names, matches, strict=True) if names.count(name) == 1}


def sentence(dmarc: Dmarc) -> str:
    """Say what receivers do about mail in the domain's name that fails."""
    if dmarc.unknown:
        return "The DMARC policy could not be looked up."
    policy, parts = dmarc.applied, []
    if dmarc.domain in dmarc.several:
        parts.append(f"There are several DMARC records at {LABEL}.{dmarc.domain}; receivers then take none of them.")
    if policy and dmarc.request:
        where = "" if policy.domain == dmarc.domain else f", taken from {policy.at}"
        from_others = f"mail from others in the domain's name {POLICIES[dmarc.request]}"
        parts.append(f"The DMARC policy is “{dmarc.request}”{where}: {from_others}.")
        if policy.is_test and dmarc.request != "none":
            parts.append("It is in test mode (t=y): receivers go one step less far.")
    elif policy:
        parts.append(f"The DMARC record at {policy.at} asks for nothing that receivers know, so they follow none.")
    return " ".join(parts) or f"{dmarc.domain} has no DMARC policy."


def advice(dmarc: Dmarc) -> Iterator[Advice]:
    """Advise only where no policy is followed: one that exists is respected, and a second one would end both."""
    for domain in dmarc.several:
        yield Advice(f"Keep one of the DMARC records at {LABEL}.{domain}, and delete the others.")
    if dmarc.unknown or dmarc.request or dmarc.domain in dmarc.several:
        return
    if policy := dmarc.applied:
        sentence = f"Put this in place of the DMARC record at {policy.at}. Do not add a second one."
        yield Advice(sentence, policy.at, SUGGESTED, "DMARC record")
        return
    sentence = "Recommended, not needed: a DMARC policy. Publish this TXT record."
    if dmarc.domain in dmarc.ignored:
        at = f"{LABEL}.{dmarc.domain}"
        sentence = f"Receivers take what is at {at} for no DMARC policy. Recommended: put this in its place."
    yield Advice(sentence, f"{LABEL}.{dmarc.domain}", SUGGESTED, "DMARC record")


def softest(records: Sequence[str]) -> str:
    """Return of several DMARC records the one that asks for the least, "" where none asks for anything."""
    asking = [record for record in records if is_policy(record)]
    return min(asking, key=lambda record: STRICTEST_LAST.index(read(record, "").requests["p"]), default="")


def _one_label_below(parent: str, domain: str) -> str:
    labels = domain.split(".")
    return ".".join(labels[-parent.count(".") - 2 :])
