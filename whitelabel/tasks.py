"""What the worker does for white-labels: look for DNS records, remind of expiring secrets, forget old links."""

from celery import shared_task
from django.utils import timezone

from whitelabel import expiring
from whitelabel.checking import check
from whitelabel.models import RecordsLink, SendingDomain

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


@shared_task
def tell_of_expiring_secrets() -> None:
    """Remind people of client secrets that expire soon; may run twice, and tells once."""
    expiring.tell_of_expiring_secrets()


@shared_task
def forget_old_links() -> None:
    """Delete links that ended some time ago, with the addresses they were sent to; may run twice."""
    RecordsLink.objects.ended_long_ago(timezone.now()).delete()
