from whitelabel.models.application import Application
from whitelabel.models.domain import SendingDomain
from whitelabel.models.record import DnsRecord
from whitelabel.models.white_label import WhiteLabel

__all__ = ["Application", "DnsRecord", "SendingDomain", "WhiteLabel"]
