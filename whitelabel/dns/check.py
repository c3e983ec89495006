"""One check of the DNS of a domain: every record to publish, and what DNS says of the domain as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass

from whitelabel.dns.assessment import assess
from whitelabel.dns.compare import compare
from whitelabel.dns.facts import DomainFacts
from whitelabel.dns.record import Record, Verdict
from whitelabel.dns.resolver import DomainResolver


@dataclass(frozen=True)
class CheckResult:
    """`verdicts` are in the order of the records."""

    verdicts: tuple[Verdict, ...]
    facts: DomainFacts


def check_records(domain: str, records: Sequence[Record]) -> CheckResult:
    """Ask DNS, within `resolver.DOMAIN_SECONDS`; raises nothing for the network or for what DNS says."""
    resolver = DomainResolver(domain)
    verdicts = tuple(compare(record, resolver) for record in records)
    return CheckResult(verdicts, assess(tuple(zip(records, verdicts, strict=True)), resolver))
