from whitelabel.models.application import Application, Side
from whitelabel.models.digest_item import DigestItem
from whitelabel.models.domain import SendingDomain
from whitelabel.models.event import DomainEvent
from whitelabel.models.invitation import Invitation
from whitelabel.models.record import DnsRecord
from whitelabel.models.record_set import RecordSet
from whitelabel.models.records_link import RecordsLink
from whitelabel.models.suspension import Suspension
from whitelabel.models.white_label import WhiteLabel

__all__ = [
    "Application",
    "DigestItem",
    "DnsRecord",
    "DomainEvent",
    "Invitation",
    "RecordSet",
    "RecordsLink",
    "SendingDomain",
    "Side",
    "Suspension",
    "WhiteLabel",
]
