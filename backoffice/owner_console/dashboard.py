"""The owner's first page: today's mail, what is wrong, who waits for an answer, and what to do next."""

from datetime import datetime

from django.conf import settings
from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone

from backoffice.console import navigation
from backoffice.owner_console.site import owner_console
from backoffice.shared_pages.delivery_log import latest_problems
from delivery.models import Delivery
from messages.models import Mailbox
from people.roles import Right
from smtp_settings.choices import State
from smtp_settings.models import Communication, ServerHealth, SmtpServer
from smtp_settings.models.server import DEFAULT_KEY
from smtp_settings.providers import lookup
from whitelabel.models import Application, WhiteLabel


@owner_console.page("", name="index", get=Right.SEE)
def dashboard(request: HttpRequest) -> HttpResponse:
    context = {
        "title": "Dashboard",
        "today": by_status(Delivery.objects.filter(email__accepted_at__gte=start_of_today())),
        "problems": latest_problems(Delivery.objects.all()),
        "warnings": _warnings(),
        "troubled": _servers_in_trouble(),
        "requests": navigation.open_requests(),
        "unread": navigation.unread_threads(request, Mailbox.platform()),
        "next_steps": _next_steps(request),
        "in_development": settings.DEBUG,
    }
    return owner_console.render(request, "owner_console/dashboard.html", context)


def start_of_today() -> datetime:
    return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)


def by_status(deliveries: QuerySet[Delivery]) -> list[dict[str, object]]:
    """Return count and label of each status that occurs, in the order a delivery goes through them."""
    counted = deliveries.order_by().values_list("status").annotate(count=Count("pk"))
    counts = dict(counted)
    return [
        {
            "status": status.value,
            "label": status.label,
            "count": counts[status.value],
            "bad": status in Delivery.PROBLEMS,
        }
        for status in Delivery.Status
        if status.value in counts
    ]


def _warnings() -> list[tuple[SmtpServer, str]]:
    """Return the servers in use that a provider's dated warning concerns, each with its sentence."""
    servers = SmtpServer.objects.exclude(state=State.DRAFT).select_related("white_label")
    return [(server, sentence) for server in servers for sentence in lookup.warnings_of(server)]


def _servers_in_trouble() -> list[SmtpServer]:
    """Return the servers that mail waits for: those that are paused, and those whose breaker is open."""
    keys = set(ServerHealth.objects.keeping_back().values_list("key", flat=True))
    default = [SmtpServer.default()] if DEFAULT_KEY in keys else []
    troubled = SmtpServer.objects.filter(Q(state=State.PAUSED) | Q(pk__in=keys - {DEFAULT_KEY}))
    return [*default, *troubled.select_related("white_label")]


def _next_steps(request: HttpRequest) -> list[tuple[str, str]]:
    """Return what a new owner has not done yet, as sentences and the names of the pages to do it on."""
    steps = [
        (Communication.current().custom_smtp, "Set the platform's SMTP server.", "owner:communication"),
        (WhiteLabel.objects.exists(), "Create a white-label.", "owner:whitelabel_whitelabel_add"),
        (Application.objects.exists(), "Create an application.", "owner:whitelabel_application_add"),
    ]
    return [
        (sentence, page) for done, sentence, page in steps if not done and owner_console.opens(request, reverse(page))
    ]
