"""How sending domains and their records are shown: colours, and what a state means for those who asked."""

from dataclasses import dataclass

from whitelabel.models import DnsRecord, SendingDomain

State = SendingDomain.State
Status = DnsRecord.Status

LABELS = {
    State.REQUESTED: "info",
    State.APPROVED: "info",
    State.VERIFYING: "warning",
    State.ACTIVE: "success",
    State.DEGRADED: "warning",
    State.REFUSED: "danger",
    State.SUSPENDED: "danger",
}
MEANINGS = {
    State.REQUESTED: "Your request was sent. The answer comes here, as a message and by e-mail.",
    State.APPROVED: "Publish the records below where the DNS of the domain is managed.",
    State.VERIFYING: "We look for the records every few minutes; new ones can take some hours to be seen.",
    State.ACTIVE: "Mail of the applications that your admins own leaves from this domain.",
    State.DEGRADED: "Mail still leaves from this domain, but a record is no longer found.",
    State.REFUSED: "The request was refused.",
    State.EXPIRED: "The records were not published in time. You can ask again.",
    State.SUSPENDED: "The platform stopped sending from this domain.",
}
STATUS_LABELS = {
    Status.OK: "success",
    Status.MISSING: "danger",
    Status.DIFFERENT: "danger",
    Status.UNKNOWN: "warning",
}


@dataclass(frozen=True)
class ShownRecord:
    record: DnsRecord
    variant: str


@dataclass(frozen=True)
class ShownDomain:
    """A domain as a page shows it; `variant` names the colour of its label."""

    domain: SendingDomain
    variant: str
    meaning: str
    records: list[ShownRecord]


def shown(domain: SendingDomain) -> ShownDomain:
    state = State(domain.state)
    records = [ShownRecord(row, STATUS_LABELS.get(Status(row.status), "")) for row in domain.records.all()]
    return ShownDomain(domain, LABELS.get(state, ""), MEANINGS.get(state, ""), records)
