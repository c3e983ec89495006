"""The platform's second SMTP server, which takes over while the first does not answer."""

from django import forms
from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from backoffice.owner_console.site import owner_console
from backoffice.smtp_form import actions, oauth
from smtp_settings import configuring
from smtp_settings.models import Communication
from smtp_settings.scope import SECOND, load_scope


class NothingElse(forms.ModelForm):  # type: ignore[type-arg]
    """Nothing is saved beside this server."""

    class Meta:
        model = Communication
        fields: tuple[str, ...] = ()


def second_server(request: HttpRequest) -> HttpResponse:
    page = actions.Page(request, SECOND, NothingElse(request.POST if request.method == "POST" else None))
    if request.POST.get("action") == "remove":
        configuring.remove(scope=page.scope())
        flash.success(request, "The second SMTP server was removed, its password with it.")
        return HttpResponseRedirect(reverse("owner:communication"))
    return actions.respond(page, _render)


def signed_in(request: HttpRequest) -> HttpResponse:
    """Take somebody back from a provider's sign-in page."""
    scope = load_scope(SECOND)
    assert scope is not None
    return oauth.finish(request, scope)


def _render(page: actions.Page, shown: actions.Answer | None = None) -> HttpResponse:
    context = actions.context(page, shown)
    context |= {"title": "Second SMTP server", "page_url": reverse("owner:second_server")}
    return owner_console.render(
        page.request, "owner_console/second_server.html", context, status=shown.status if shown else 200
    )
