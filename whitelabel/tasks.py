"""What the worker does for white-labels: look whether DNS records are published, and tell of what waits too long."""

from celery import shared_task
from django.utils import timezone

from whitelabel import expiring
from whitelabel.domains import overdue
from whitelabel.domains.check import check
from whitelabel.domains.check_due import run_round
from whitelabel.models import RecordsLink, SendingDomain


@shared_task
def check_due_domains() -> None:
    """Look at the domains whose time has come, for less than a minute."""
    run_round()


@shared_task
def check_domain(pk: int) -> None:
    """Check one domain; may run twice, and does nothing for one that is gone."""
    domain = SendingDomain.objects.filter(pk=pk).first()
    if domain is not None:
        check(domain)


@shared_task
def tell_of_expiring_secrets() -> None:
    """Remind people of client secrets that expire soon; may run twice, and tells once."""
    expiring.tell_of_expiring_secrets()


@shared_task
def expire_requests() -> None:
    """End the domain requests that nobody went on with; may run twice, and tells once."""
    overdue.expire_requests()


@shared_task
def watch_degraded_domains() -> None:
    """Warn of domains whose DNS records are gone or not known, suspend the gone in the end; may run twice."""
    overdue.watch_degraded()
    overdue.report_silence()


@shared_task
def forget_old_links() -> None:
    """Delete links that ended some time ago, with the addresses they were sent to; may run twice."""
    RecordsLink.objects.ended_long_ago(timezone.now()).delete()
