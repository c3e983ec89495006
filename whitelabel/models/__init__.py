from whitelabel.models.application import Application
from whitelabel.models.domain import DnsRecord, SendingDomain
from whitelabel.models.white_label import WhiteLabel

__all__ = ["Application", "DnsRecord", "SendingDomain", "WhiteLabel"]
