from whitelabel.models.application import Application
from whitelabel.models.domain import DnsRecord, SendingDomain
from whitelabel.models.record_set import RecordSet
from whitelabel.models.records_link import RecordsLink
from whitelabel.models.white_label import WhiteLabel

__all__ = ["Application", "DnsRecord", "RecordSet", "RecordsLink", "SendingDomain", "WhiteLabel"]
