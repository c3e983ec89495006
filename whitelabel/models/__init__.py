from whitelabel.models.application import Application
from whitelabel.models.domain import SendingDomain
from whitelabel.models.event import DomainEvent
from whitelabel.models.record import DnsRecord
from whitelabel.models.white_label import WhiteLabel

__all__ = ["Application", "DnsRecord", "DomainEvent", "SendingDomain", "WhiteLabel"]
