"""Check every domain that is due, a few at a time; one run at a time in the whole installation.

A run keeps one thread of the worker, and threads of its own that only ask DNS; each asks one question at a time. So
`CHECKS_AT_ONCE` questions are under way, and mail never waits behind name servers that hang.
"""

import secrets
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from itertools import islice

from django.core.cache import cache
from django.utils import timezone

from tables.one_by_one import do_for_each
from whitelabel.dns.check import CheckResult, check_records
from whitelabel.domains.check import store
from whitelabel.models import DnsRecord, SendingDomain

CHECKS_AT_ONCE = 16
DOMAINS_FETCHED = 100
CLAIM_SECONDS = 40.0  # and the last ones claimed end within `resolver.DOMAIN_SECONDS`: a run ends within a minute
LOCK_SECONDS = 60
LOCK = "whitelabel.domains.check_due"

Claimed = tuple[SendingDomain, list[DnsRecord]]


def check_due() -> None:
    """Check what is due, as much as there is time for; the next run goes on. Does nothing beside another run."""
    token = secrets.token_urlsafe()
    if not cache.add(LOCK, token, LOCK_SECONDS):
        return
    try:
        _check_until(time.monotonic() + CLAIM_SECONDS)
    finally:
        if cache.get(LOCK) == token:  # one that took too long leaves the lock of the next run alone
            cache.delete(LOCK)


def _check_until(until: float) -> None:
    """Keep the threads busy; results are stored here, in the thread that has the database."""
    due, running = _claim_due(), dict[Future[CheckResult], Claimed]()
    with ThreadPoolExecutor(CHECKS_AT_ONCE, thread_name_prefix="dns") as pool, _rescheduled_on_error(running):
        while True:
            free = CHECKS_AT_ONCE - len(running) if time.monotonic() < until else 0
            for domain, rows in islice(due, free):
                running[pool.submit(check_records, domain.domain, [row.expected for row in rows])] = domain, rows
            if not running:
                return
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            do_for_each(done, lambda future: store(*running.pop(future), future.result()))


@contextmanager
def _rescheduled_on_error(running: dict[Future[CheckResult], Claimed]) -> Iterator[None]:
    """Make what a run leaves unfinished due at once, so that the next one takes it."""
    try:
        yield
    finally:
        for domain, _ in running.values():
            domain.plan_check(timezone.now())


def _claim_due() -> Iterator[Claimed]:
    """Claim one domain after the other; each claim is written at once, so that nobody else takes the same."""
    while True:
        due = SendingDomain.objects.due(timezone.now()).select_related("white_label__mailbox", "thread")
        domains = list(due.prefetch_related("records")[:DOMAINS_FETCHED])
        for domain in domains:
            if domain.claim_check(timezone.now()):
                yield domain, list(domain.records.all())
        if not domains:
            return
