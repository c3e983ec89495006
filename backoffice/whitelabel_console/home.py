"""The white-label's first page, and the page on which an admin of several chooses one."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect

from backoffice.console import navigation
from backoffice.console.ids import may_be_id
from backoffice.console.scope import SESSION_KEY, current_white_label, white_labels_here
from backoffice.shared_pages.delivery_log import latest_problems
from backoffice.shared_pages.figures import figures_for
from backoffice.whitelabel_console.site import whitelabel_console
from delivery.models import Delivery
from gateway.choices import State
from gateway.models import Key
from people.roles import Right
from smtp_settings.models import Communication
from whitelabel.models import Application, SendingDomain, WhiteLabel
from whitelabel.models.transitions import Actor
from whitelabel.routing import routes_of

APPLICATIONS_SHOWN = 10


@whitelabel_console.page("", name="index", get=Right.SEE)
def home(request: HttpRequest) -> HttpResponse:
    white_label = current_white_label(request)
    applications = Application.objects.visible_to(request.user).filter(white_label=white_label)
    listed = list(applications.select_related("owner", "white_label__server")[:APPLICATIONS_SHOWN])
    deliveries = Delivery.objects.visible_to(request.user).filter(tenant=white_label.pk)
    context = {
        "title": "Home",
        "white_label": white_label,
        "domains": SendingDomain.objects.filter(white_label=white_label, state__in=SendingDomain.LIVE).prefetch_related(
            "records"
        ),
        "platform_smtp_on": Communication.current().custom_smtp_on,
        "requests": SendingDomain.objects.filter(white_label=white_label).open(),
        "to_do": SendingDomain.objects.waiting_for(Actor.WHITE_LABEL).filter(white_label=white_label),
        "stopped_keys": Key.objects.in_state(State.STOPPED).filter(application__white_label=white_label),
        "routes": [
            {"application": each, "route": route} for each, route in zip(listed, routes_of(listed), strict=True)
        ],
        "application_count": applications.count(),
        "problems": latest_problems(deliveries),
        "figures": figures_for(request, whitelabel_console, tenant=white_label.pk),
        "unread": navigation.unread_threads(request, white_label.mailbox),
        "several": white_labels_here(request).count() > 1,
    }
    return whitelabel_console.render(request, "whitelabel_console/home.html", context)


@whitelabel_console.page("choose/", name="choose", get=Right.SEE, post=Right.SEE)
def choose(request: HttpRequest) -> HttpResponse:
    """Choose the white-label to work in; only one's own can be chosen."""
    mine = white_labels_here(request)
    if request.method == "POST":
        typed = request.POST.get("white_label", "")
        chosen = get_object_or_404(mine, pk=typed if may_be_id(WhiteLabel, typed) else 0)
        request.session[SESSION_KEY] = chosen.pk
        return redirect("whitelabel:index")
    context = {"title": "Change white-label", "mine": mine, "current": current_white_label(request)}
    return whitelabel_console.render(request, "whitelabel_console/choose.html", context)
