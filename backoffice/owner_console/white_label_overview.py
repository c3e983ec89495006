"""What a white-label has, on its page: its mail, domains, messages, and how its own server does."""

from typing import Any

from django.http import HttpRequest

from backoffice.owner_console.server_health import row_of
from backoffice.owner_console.site import owner_console
from backoffice.shared_pages.figures import figures_for
from messages.models import Thread
from whitelabel.models import SendingDomain, WhiteLabel

DOMAINS_SHOWN, THREADS_SHOWN = 20, 5


def overview(request: HttpRequest, white_label: WhiteLabel) -> dict[str, Any]:
    domains = SendingDomain.objects.filter(white_label=white_label)
    threads = Thread.objects.of(white_label.mailbox)
    return {
        "figures": figures_for(request, owner_console, tenant=white_label.pk),
        "domains": domains.prefetch_related("records").order_by("-requested_at", "-pk")[:DOMAINS_SHOWN],
        "domain_count": domains.count(),
        "threads": threads.order_by("-latest_at", "-pk")[:THREADS_SHOWN],
        "thread_count": threads.count(),
        "server_row": row_of(white_label.server) if white_label.server else None,
        "application_count": white_label.applications.count(),
    }
