"""Let time pass for what DNS was seen to say, without waiting for it."""

from datetime import timedelta

from django.db.models import F

from whitelabel.domains.check import check
from whitelabel.models import DnsRecord, SendingDomain


def time_passes(time: timedelta = timedelta(seconds=61)) -> None:
    """Put everything that was seen, asked, given and planned so far back by this time."""
    DnsRecord.objects.update(**{name: F(name) - time for name in ("observed_since", "checked_at", "added_at")})
    SendingDomain.objects.update(**{name: F(name) - time for name in ("checked_at", "next_check_at", "requested_at")})


def check_twice(domain: SendingDomain) -> SendingDomain:
    """CheckResult twice, a minute apart, so that what DNS shows counts; return the domain as it is then."""
    assert check(SendingDomain.objects.get(pk=domain.pk))
    time_passes()
    assert check(SendingDomain.objects.get(pk=domain.pk))
    return SendingDomain.objects.get(pk=domain.pk)
