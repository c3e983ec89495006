"""Mail for tests: accepted, made due, drained as a worker would."""

import re
from datetime import timedelta

from django.utils import timezone

from delivery.api import send
from delivery.models import Delivery
from delivery.outbox.recovery import take_back
from delivery.outbox.route_cache import clear_routes
from delivery.worker.queue_run import QueueRun
from whitelabel.models import Application


def accept(
    *recipients: str, application: Application | None = None, priority: int = Delivery.Priority.NORMAL
) -> list[Delivery]:
    """Put one mail into the outbox; return its deliveries."""
    email = send(application, to=recipients or ["eve@users.test"], subject="Hi", text="Text", priority=priority)
    return list(email.deliveries.order_by("id"))


def drain(delivery: Delivery) -> Delivery:
    """Run a worker over the server that `delivery` waits for, some seconds later; return the delivery as it is then."""
    clear_routes()
    QueueRun(delivery.server_key).run()
    delivery.refresh_from_db()
    return delivery


def make_due(*deliveries: Delivery) -> None:
    Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries]).update(due_at=timezone.now())


def worker_died() -> None:
    """Let every lease expire, and sweep."""
    long_ago = timezone.now() - timedelta(seconds=1)
    Delivery.objects.filter(status="SENDING").update(leased_until=long_ago)
    take_back()


def link_in(text: str) -> str:
    """Return the link of an e-mail's button, which stands on a line of its own."""
    found = re.search(r"^(https?://\S+)\s*$", text, re.MULTILINE)
    assert found is not None
    return found[1]
