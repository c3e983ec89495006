"""The owner's first page: what waits for a person, what became of mail, and how the servers do."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from backoffice.console import navigation
from backoffice.owner_console.server_health import server_rows
from backoffice.owner_console.site import owner_console
from backoffice.owner_console.volumes import volumes
from backoffice.shared_pages.delivery_log import latest_problems
from backoffice.shared_pages.figures import figures_for
from delivery.models import Delivery
from messages.models import Mailbox
from people.roles import Right
from smtp_settings.choices import State
from smtp_settings.models import Communication, SmtpServer
from smtp_settings.providers import lookup
from whitelabel.models import Application, WhiteLabel


@owner_console.page("", name="index", get=Right.SEE)
def dashboard(request: HttpRequest) -> HttpResponse:
    figures, servers = figures_for(request, owner_console), server_rows()
    context = {
        "title": "Dashboard",
        "figures": figures,
        "volumes": volumes(figures.chosen, figures.whole),
        "problems": latest_problems(Delivery.objects.all()),
        "warnings": _warnings(),
        "servers": servers,
        "troubled": servers.troubled,
        "requests": navigation.open_requests(),
        "unread": navigation.unread_threads(request, Mailbox.platform()),
        "next_steps": _next_steps(request),
        "in_development": settings.DEBUG,
    }
    return owner_console.render(request, "owner_console/dashboard.html", context)


def _warnings() -> list[tuple[SmtpServer, str]]:
    """Return the servers in use that a provider's dated warning concerns, each with its sentence."""
    servers = SmtpServer.objects.exclude(state=State.DRAFT).select_related("white_label")
    return [(server, sentence) for server in servers for sentence in lookup.warnings_of(server)]


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
