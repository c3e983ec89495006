"""What the worker does for sending domains: look whether their records are published."""

from celery import shared_task

from whitelabel.checking import check
from whitelabel.models import SendingDomain

DOMAINS_A_ROUND = 50


@shared_task
def check_waiting_domains() -> None:
    """Have the approved domains checked that were not for the longest time."""
    for pk in SendingDomain.objects.waiting_for_dns().values_list("pk", flat=True)[:DOMAINS_A_ROUND]:
        check_domain.delay(pk)


@shared_task
def check_domain(pk: int) -> None:
    """Check one domain; may run twice, and does nothing for one that is gone."""
    domain = SendingDomain.objects.filter(pk=pk).first()
    if domain is not None:
        check(domain)
