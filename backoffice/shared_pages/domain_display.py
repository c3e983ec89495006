"""How sending domains and their records are shown: colours, what a state means, what comes next."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.formats import date_format
from django.utils.timezone import localtime

from whitelabel import dns_hosts
from whitelabel.dns.record import Status
from whitelabel.models import DnsRecord, SendingDomain
from whitelabel.models.transitions import Actor

State = SendingDomain.State

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
    State.REQUESTED: "Your request was sent; the platform has to answer it.",
    State.APPROVED: "The platform approved the domain and sent the DNS records.",
    State.VERIFYING: "The platform approved the domain; DNS does not show all of its records yet.",
    State.ACTIVE: "What your admins' applications send through the platform's own SMTP server leaves from this domain.",
    State.DEGRADED: "DNS does not show every record any more. Mail still leaves from this domain.",
    State.REFUSED: "The platform refused the request.",
    State.WITHDRAWN: "You took the request back. Mail does not leave from this domain.",
    State.EXPIRED: "The request has expired, because nothing moved in it for 30 days.",
    State.SUSPENDED: "Mail no longer leaves from this domain, but from the platform's own sender.",
}
BY_OWNER = "Ask the platform below when the suspension can be lifted."
ASKED = ("The platform asked you something and waits for your answer.", "Answer in the conversation below.")
NEXT = {
    State.REQUESTED: "The answer comes here, as a message and by e-mail. You can add the record below now: it proves "
    "that the domain is yours.",
    State.APPROVED: "Add the records below where the domain is managed. Once all of them are found, it becomes active "
    "automatically.",
    State.VERIFYING: "New records can take some hours to be seen. Once all are found, the domain becomes active "
    "automatically; without them the request expires after 30 days.",
    State.ACTIVE: "Leave the records where they are: we keep checking them.",
    State.DEGRADED: "Put the records back. If they are not found in time, the domain is suspended.",
    State.REFUSED: "Write to the platform below, or send a new request.",
    State.WITHDRAWN: "You can send a new request at any time.",
    State.EXPIRED: "You can send a new request at any time.",
    State.SUSPENDED: "Put the records back: the domain becomes active again automatically once all of them are found.",
}
UNVERIFIED = (
    "What your admins' applications send through the platform's SMTP server leaves from it, as the platform decided.",
    "DNS has not shown the records yet: publish them, so that nobody takes the mail for forged.",
)
UNRESOLVED = (
    "Mail still leaves from this domain, but DNS has given no clear answer about its records since {since}.",
    "Ask whoever manages the DNS whether its name servers answer and agree. Silence does not suspend the domain.",
)
STATUS_LABELS = {
    Status.OK: "success",
    Status.MISSING: "danger",
    Status.DIFFERENT: "danger",
    Status.UNKNOWN: "warning",
}


@dataclass(frozen=True)
class RecordDisplay:
    """`proves` is true where it is the record that proves ownership; `typed_name` is typed in at the DNS host."""

    record: DnsRecord
    variant: str
    proves: bool
    typed_name: str


@dataclass(frozen=True)
class DomainDisplay:
    """A domain as a page shows it, loaded `with_turn`; `variant` names the colour of its label.

    `turn` is a `Actor` or "". `meaning` and `next` speak to the white-label.
    """

    domain: SendingDomain
    variant: str
    meaning: str
    next: str
    turn: str
    records: list[RecordDisplay]


def display_of(domain: SendingDomain) -> DomainDisplay:
    state, turn = State(domain.state), vars(domain)["turn"]
    meaning, following = MEANINGS[state], NEXT[state]
    if state == State.REQUESTED and turn == Actor.WHITE_LABEL:
        meaning, following = ASKED
    elif domain.suspension and state == State.SUSPENDED:
        following = BY_OWNER
    elif domain.is_live and domain.unresolved_since and not domain.missing:
        meaning, following = UNRESOLVED[0].format(since=_moment(domain.unresolved_since)), UNRESOLVED[1]
    elif state == State.ACTIVE and not domain.verified:
        meaning, following = UNVERIFIED
    return DomainDisplay(domain, variant_of(domain), meaning, following, turn, _records(domain))


def variant_of(domain: SendingDomain) -> str:
    """Return the colour of its label: only what DNS proves is green."""
    return "warning" if domain.is_unproven else LABELS.get(State(domain.state), "")


def _moment(at: datetime) -> str:
    return date_format(localtime(at), "j F Y, H:i T")


def _records(domain: SendingDomain) -> list[RecordDisplay]:
    proof, host = domain.ownership_record, dns_hosts.of(domain.dns_facts.name_servers)
    return [
        RecordDisplay(
            row,
            STATUS_LABELS.get(Status(row.status), ""),
            row.expected == proof,
            dns_hosts.typed_name(row.expected, domain.domain, host),
        )
        for row in domain.records.all()
    ]
