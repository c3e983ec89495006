"""A white-label's E-mail page: ask for a domain to send from by the platform's SMTP, or set up a server of its own."""

from functools import cached_property
from typing import Any

from django import forms
from django.contrib import messages as flash
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from unfold.widgets import UnfoldBooleanSwitchWidget

from backoffice.console.scope import current_person, current_white_label
from backoffice.console.views import INVALID
from backoffice.smtp_form.actions import BUTTONS
from backoffice.smtp_form.page import SmtpFormView
from backoffice.smtp_form.provider import Lookup
from backoffice.whitelabel_console.checklist import checklist
from backoffice.whitelabel_console.domain_list import domain_context
from backoffice.whitelabel_console.site import whitelabel_console
from people.roles import Right
from smtp_settings import configuring
from smtp_settings.forms import SmtpServerForm
from smtp_settings.models import Communication
from whitelabel.domain_names import MAX_TYPED_CHARS, readable
from whitelabel.domains import lifecycle
from whitelabel.forms import DomainRequestForm
from whitelabel.models import Application, SendingDomain, WhiteLabel

UNDER_WAY = ("is_draft", "signed_in", "sign_in_address")  # of the own server: what somebody has begun there


class ConsentForm(forms.ModelForm):  # type: ignore[type-arg]
    """Whether mail may leave through the platform's SMTP while the own server is paused."""

    class Meta:
        model = WhiteLabel
        fields = ["fall_back"]
        widgets = {"fall_back": UnfoldBooleanSwitchWidget}


def use_platform(page: SmtpFormView) -> HttpResponse:
    """Choose the platform's SMTP; the own server stays stored."""
    scope = page.scope()
    scope.save_choice(scope.server, False)
    flash.success(page.request, "Your mail leaves through the platform's SMTP now.")
    return HttpResponseRedirect(page.url)


def remove(page: SmtpFormView) -> HttpResponse:
    configuring.remove(scope=page.scope())
    sentence = "Your SMTP server was removed, its password with it. Your mail leaves through the platform's SMTP."
    flash.success(page.request, sentence)
    return HttpResponseRedirect(page.url)


@whitelabel_console.page("email/", name="email", get=Right.SEE, post=Right.CONFIGURE_SERVERS)
class EmailView(SmtpFormView):
    """`domain_form` is the request for a domain as it was posted, where something is wrong with it."""

    console = whitelabel_console
    url_name = "whitelabel:email"
    title = "E-mail"
    template = "whitelabel_console/email.html"
    buttons = {**BUTTONS, "use_platform": use_platform, "remove": remove}
    domain_form: DomainRequestForm | None = None

    @property
    def scope_key(self) -> str:
        return self.white_label.scope_key

    @property
    def white_label(self) -> WhiteLabel:
        return current_white_label(self.request)

    @cached_property
    def extra_form(self) -> ConsentForm:
        return ConsentForm(self.data, instance=self.white_label)

    def get_context_data(self, form: SmtpServerForm, lookup: Lookup | None) -> dict[str, Any]:
        live = list(SendingDomain.objects.live().filter(white_label=self.white_label).prefetch_related("records"))
        white_label = WhiteLabel.objects.select_related("server").get(pk=self.white_label.pk)
        shared = {**super().get_context_data(form, lookup), **domain_context(white_label, self.domain_form)}
        return {
            **shared,
            "white_label": white_label,
            "checklist": checklist(white_label),
            "has_chosen": white_label.server is not None or bool(shared["sending_domains"]),
            "own_first": white_label.own_smtp_on,
            "own_is_shown": any((self.check, lookup, form.errors, *(shared[name] for name in UNDER_WAY))),
            "live_domains": live,
            "live_domains_proven": all(domain.verified for domain in live),
            "platform_smtp_on": Communication.current().custom_smtp_on,
            "not_covered": _not_covered(self.white_label),
        }


whitelabel_console.page("email/signed-in/", name="email_signed_in", get=Right.CONFIGURE_SERVERS)(EmailView.signed_in)


@whitelabel_console.page("email/request/", name="request_domain", get=Right.REQUEST_DOMAINS, post=Right.REQUEST_DOMAINS)
def request_domain(request: HttpRequest) -> HttpResponse:
    """Send the request; the whole page comes back with what was typed where something is wrong."""
    if request.method != "POST":
        return HttpResponseRedirect(reverse("whitelabel:email"))
    form = DomainRequestForm(request.POST)
    domain = _send(request, form) if form.is_valid() else None
    if domain is None:
        return EmailView.of(request, domain_form=form).show(status=INVALID)
    return HttpResponseRedirect(reverse("whitelabel:domain", args=[domain.pk]))


@whitelabel_console.page("email/request/name/", name="domain_name", get=Right.REQUEST_DOMAINS)
def typed_name(request: HttpRequest) -> HttpResponse:
    """Say how a domain that is being typed is written in DNS, or what is wrong with it."""
    typed = request.GET.get("domain", "").strip()[: MAX_TYPED_CHARS + 1]
    context: dict[str, Any] = {"typed": typed}
    white_label = current_white_label(request)
    if typed:
        try:
            context["name"] = lifecycle.acceptable_for(white_label, typed)
            context["letters"] = readable(context["name"])
            context["known"] = _in_use(white_label, context["name"])
        except ValidationError as error:
            context["mistake"] = " ".join(error.messages)
    return render(request, "whitelabel_console/domain/name.html", context)


def _send(request: HttpRequest, form: DomainRequestForm) -> SendingDomain | None:
    """Send the request; where it is refused, the form says why."""
    try:
        domain = lifecycle.request_domain(
            white_label=current_white_label(request),
            person=current_person(request),
            typed=form.cleaned_data["domain"],
            note=form.cleaned_data["note"],
        )
    except ValidationError as error:
        form.add_error("domain", error.messages)
        return None
    flash.success(request, f"The request for {domain} was sent.")
    return domain


def _in_use(white_label: WhiteLabel, name: str) -> SendingDomain | None:
    mine = SendingDomain.objects.filter(white_label=white_label, domain=name)
    return mine.filter(state__in=SendingDomain.IN_USE).first()


def _not_covered(white_label: WhiteLabel) -> list[Application]:
    """Return its applications whose owner is no admin of it: neither option applies to them."""
    admins = white_label.admins.filter(is_active=True)
    applications = Application.objects.filter(white_label=white_label).exclude(owner__in=admins)
    return list(applications.select_related("owner"))
