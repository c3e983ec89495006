"""What the worker does for white-labels: look whether DNS records are published, and remind of expiring secrets."""

from celery import shared_task

from whitelabel import expiring
from whitelabel.checking import check
from whitelabel.models import SendingDomain
from whitelabel.rounds import run_round


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
