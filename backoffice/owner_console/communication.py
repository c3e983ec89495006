"""Settings > Communication: the SMTP server of the platform, and who answers for its mail."""

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from backoffice.owner_console.site import owner_console
from backoffice.smtp_form import actions, oauth
from smtp_settings.forms import SupportForm
from smtp_settings.models import Communication
from smtp_settings.scope import PLATFORM, load_scope
from whitelabel.routing import route_for


def communication(request: HttpRequest) -> HttpResponse:
    posted = request.POST if request.method == "POST" else None
    extra = SupportForm(posted, instance=Communication.current())
    return actions.respond(actions.Page(request, PLATFORM, extra), _render)


def signed_in(request: HttpRequest) -> HttpResponse:
    """Take somebody back from a provider's sign-in page."""
    scope = load_scope(PLATFORM)
    assert scope is not None
    return oauth.finish(request, scope)


def _render(page: actions.Page, shown: actions.Answer | None = None) -> HttpResponse:
    context = actions.context(page, shown)
    now = Communication.current()
    context["second_takes_over"] = route_for(None).server == now.standby
    context |= {"title": "Communication", "page_url": reverse("owner:communication"), "communication": now}
    return owner_console.render(
        page.request, "owner_console/communication.html", context, status=shown.status if shown else 200
    )
