"""One look at the DNS of a domain: every record to publish, and what DNS says of the domain as a whole."""

from collections.abc import Sequence
from dataclasses import dataclass

from whitelabel.dns.compare import Verdict, judge
from whitelabel.dns.describing import describe
from whitelabel.dns.facts import DomainFacts
from whitelabel.dns.resolver import Asking
from whitelabel.models.record import Record


@dataclass(frozen=True)
class Look:
    """`verdicts` are in the order of the records."""

    verdicts: tuple[Verdict, ...]
    facts: DomainFacts


def look(domain: str, records: Sequence[Record]) -> Look:
    """Ask DNS, within `asking.DOMAIN_SECONDS`; raises nothing for the network or for what DNS says."""
    asking = Asking(domain)
    verdicts = tuple(judge(record, asking) for record in records)
    return Look(verdicts, describe(tuple(zip(records, verdicts, strict=True)), asking))
