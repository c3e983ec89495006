"""What the worker does for white-labels: check whether DNS records are published, and notify of what waits too long."""

from celery import shared_task
from django.utils import timezone

from whitelabel import digest, expiring
from whitelabel.domains import overdue
from whitelabel.domains.check import check
from whitelabel.domains.check_due import check_due
from whitelabel.models import RecordsLink, SendingDomain


@shared_task
def check_due_domains() -> None:
    """Check the domains that are due, for less than a minute."""
    check_due()


@shared_task
def check_domain(pk: int) -> None:
    """Check one domain; may run twice, and does nothing for one that was deleted."""
    domain = SendingDomain.objects.filter(pk=pk).first()
    if domain is not None:
        check(domain)


@shared_task
def notify_expiring_secrets() -> None:
    """Notify of client secrets that expire soon, once each; may run twice."""
    expiring.notify_expiring_secrets()


@shared_task
def send_digests() -> None:
    """Send the digests of everybody whose morning has come; may run twice, also at the same time."""
    digest.send_due(timezone.now())


@shared_task
def expire_requests() -> None:
    """Expire the domain requests that nobody went on with; may run twice."""
    overdue.expire_requests()


@shared_task
def watch_degraded_domains() -> None:
    """Warn of domains whose records are missing or unresolved, suspend the former in the end; may run twice."""
    overdue.watch_degraded()
    overdue.report_silence()


@shared_task
def forget_old_links() -> None:
    """Delete links that ended some time ago, with the addresses they were sent to; may run twice."""
    RecordsLink.objects.ended_long_ago(timezone.now()).delete()
