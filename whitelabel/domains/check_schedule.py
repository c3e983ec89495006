"""When the DNS of a domain is checked again: soon while somebody waits for it, daily once all is well."""

import random
from collections.abc import Iterable
from datetime import datetime, timedelta

from whitelabel.dns.record import Status
from whitelabel.models import DnsRecord, SendingDomain

State = SendingDomain.State

AT_FIRST = timedelta(minutes=3)
HOURLY = timedelta(hours=1)
WHILE_DEGRADED = timedelta(minutes=10)
DAILY = timedelta(days=1)
AGE_PARTS = 20  # a domain that has waited for ten hours is checked every half hour
SPREAD = 0.1  # so that what was begun together does not stay together


def next_check(domain: SendingDomain, records: Iterable[DnsRecord], at: datetime) -> datetime:
    """Return when to check again after the check at `at`: as soon as a new status can be confirmed, where one waits."""
    rows = list(records)
    regular = at + _pause(domain, rows, at) * random.uniform(1 - SPREAD, 1 + SPREAD)  # noqa: S311
    return min([regular, *(max(row.confirm_at, at) for row in rows if row.confirm_at)])


def _pause(domain: SendingDomain, rows: list[DnsRecord], at: datetime) -> timedelta:
    if domain.state == State.DEGRADED:
        return WHILE_DEGRADED
    if domain.state in (State.REQUESTED, *SendingDomain.WAITING_FOR_DNS):
        return _while_waiting([domain.requested_at, *(row.added_at for row in rows)], at)
    if new := [row.added_at for row in rows if row.status == Status.PENDING]:
        return _while_waiting(new, at)
    suspended_by_itself = domain.state == State.SUSPENDED and not domain.suspension
    failed = any(row.status == Status.UNKNOWN for row in rows)
    return HOURLY if failed or suspended_by_itself else DAILY


def _while_waiting(since: list[datetime], at: datetime) -> timedelta:
    return min(max((at - max(since)) / AGE_PARTS, AT_FIRST), HOURLY)
