"""Settings > Communication: the SMTP server of the platform, and who answers for its mail."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from backoffice import smtp_page
from backoffice.owner_console.site import owner_console
from messages.models import PLATFORM
from smtp_settings.choices import Policy
from smtp_settings.forms import SupportForm
from smtp_settings.models import Communication, SmtpServer
from smtp_settings.place import Place


def communication(request: HttpRequest) -> HttpResponse:
    page = _page(request)
    if request.method != "POST":
        return _render(page)
    shown = smtp_page.answer(page)
    if shown.done:
        return HttpResponseRedirect(request.path)
    if request.htmx:  # type: ignore[attr-defined]
        return smtp_page.render_outcome(page, shown)
    return _render(page, shown)


def _page(request: HttpRequest) -> smtp_page.Page:
    stored = Communication.get_solo()
    extra = SupportForm(request.POST if request.method == "POST" else None, instance=stored)
    return smtp_page.Page(request, lambda: _place(extra.instance), extra)


def _place(stored: Communication) -> Place:
    """Return what is stored now, with a switch that saves `stored` as the form has filled it."""
    now = Communication.objects.select_related("server").get(pk=stored.pk)

    def attach(server: SmtpServer | None, on: bool) -> None:
        stored.server, stored.custom_smtp = server, on and server is not None
        stored.save(update_fields=["server", "custom_smtp", "support_name", "support_address"])

    return Place(Policy.PLATFORM, PLATFORM, now.server, now.custom_smtp, attach)


def _render(page: smtp_page.Page, shown: smtp_page.Answer | None = None) -> HttpResponse:
    context = smtp_page.context(page, shown)
    now = Communication.objects.select_related("server").get(pk=page.extra.instance.pk)
    context |= {"title": "Communication", "page_url": reverse("owner:communication"), "communication": now}
    return owner_console.render(
        page.request, "owner_console/communication.html", context, status=shown.status if shown else 200
    )
