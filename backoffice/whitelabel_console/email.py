"""A white-label's E-mail page: the platform's SMTP, or a server of its own; and which of them applies now."""

from django import forms
from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from unfold.widgets import UnfoldBooleanSwitchWidget

from backoffice.console.scope import current_white_label
from backoffice.smtp_form import actions, oauth
from backoffice.whitelabel_console.domains import domain_context
from backoffice.whitelabel_console.site import whitelabel_console
from smtp_settings import configuring
from smtp_settings.models import Communication
from smtp_settings.scope import Scope
from whitelabel.forms import DomainRequestForm
from whitelabel.models import Application, SendingDomain, WhiteLabel


class ConsentForm(forms.ModelForm):  # type: ignore[type-arg]
    """Whether mail may leave through the platform's SMTP while the own server is paused."""

    class Meta:
        model = WhiteLabel
        fields = ["fall_back"]
        widgets = {"fall_back": UnfoldBooleanSwitchWidget}


def email(request: HttpRequest) -> HttpResponse:
    white_label = current_white_label(request)
    leave = LEAVING.get(request.POST.get("action", ""))
    if leave is not None:
        flash.success(request, leave(_page(request, white_label, None).scope()))
        return HttpResponseRedirect(request.path)
    page = _page(request, white_label, request.POST if request.method == "POST" else None)
    return actions.respond(page, lambda page, shown: _render(page, white_label, shown))


def signed_in(request: HttpRequest) -> HttpResponse:
    """Take somebody back from a provider's sign-in page."""
    scope = _page(request, current_white_label(request), None).scope()
    return oauth.finish(request, scope)


def render_email_page(
    request: HttpRequest,
    white_label: WhiteLabel,
    *,
    domain_form: DomainRequestForm | None = None,
    status: int = 200,
) -> HttpResponse:
    """Render the whole page as it is stored; `domain_form` as posted."""
    return _render(_page(request, white_label, None), white_label, domain_form=domain_form, status=status)


def use_the_platforms(scope: Scope) -> str:
    """Choose the platform's SMTP; the own server stays stored."""
    scope.save_choice(scope.server, False)
    return "Your mail leaves through the platform's SMTP now."


def remove(scope: Scope) -> str:
    configuring.remove(scope=scope)
    return "Your SMTP server was removed, its password with it. Your mail leaves through the platform's SMTP."


LEAVING = {"use_platform": use_the_platforms, "remove": remove}


def _page(request: HttpRequest, white_label: WhiteLabel, posted: QueryDict | None) -> actions.Page:
    return actions.Page(request, white_label.scope_key, ConsentForm(posted, instance=white_label))


def _render(
    page: actions.Page,
    white_label: WhiteLabel,
    shown: actions.Answer | None = None,
    *,
    domain_form: DomainRequestForm | None = None,
    status: int = 200,
) -> HttpResponse:
    context = actions.context(page, shown) | domain_context(white_label, domain_form)
    live = SendingDomain.objects.live().filter(white_label=white_label)
    context |= {
        "title": "E-mail",
        "page_url": reverse("whitelabel:email"),
        "white_label": WhiteLabel.objects.select_related("server").get(pk=white_label.pk),
        "live_domains": live,
        "platform_smtp_on": Communication.current().custom_smtp_on,
        "live_domains_proven": not live.filter(proven_at=None).exists(),
        "not_covered": _not_covered(white_label),
    }
    return whitelabel_console.render(
        page.request, "whitelabel_console/email.html", context, status=shown.status if shown else status
    )


def _not_covered(white_label: WhiteLabel) -> list[Application]:
    """Return its applications whose owner is no admin of it: neither option applies to them."""
    applications = Application.objects.filter(white_label=white_label).select_related("owner")
    return [application for application in applications if not white_label.is_admin(application.owner)]
