"""The page of an SMTP server, the same in both consoles: its form, and how far a check of it is."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, Self

from django import forms
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.views import View
from django_htmx.http import HttpResponseClientRedirect, reselect, reswap, retarget

from backoffice.console.scope import current_person
from backoffice.console.site import Console
from backoffice.console.views import INVALID
from backoffice.smtp_form import oauth, outcome, provider
from backoffice.smtp_form.provider import Lookup
from people.models import User
from smtp_settings.choices import State
from smtp_settings.forms import SmtpServerForm
from smtp_settings.models import SmtpCheck
from smtp_settings.providers import lookup as providers
from smtp_settings.scope import Scope, load_scope

NOTHING: Mapping[str, Any] = MappingProxyType({})

Button = Callable[["SmtpFormView"], HttpResponse]


class SmtpFormView(View):
    """The page of one scope's SMTP server; a console says which scope, where, and what stands beside the server.

    `buttons` maps the value of each button to its action (see `actions`); a POST that names none of them saves.
    The address `<url_name>_signed_in` is the one that providers send people back to.
    """

    console: Console
    url_name: str
    title: str
    template: str
    buttons: Mapping[str, Button]
    data: QueryDict | None = None  # the SMTP form as it was posted

    @property
    def scope_key(self) -> str:
        raise NotImplementedError

    @cached_property
    def extra_form(self) -> forms.BaseForm:
        """What is saved along with the server's switch; nothing, unless a console has something."""
        return forms.Form(self.data)

    @classmethod
    def of(cls, request: HttpRequest, **attributes: Any) -> Self:
        """Return the page for another view of the same console, with nothing posted."""
        page = cls(**attributes)
        page.setup(request)
        return page

    @classmethod
    def signed_in(cls, request: HttpRequest) -> HttpResponse:
        """Take somebody back from a provider's sign-in page."""
        page = cls.of(request)
        oauth.finish(request, page.scope())
        return HttpResponseRedirect(page.url)

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """End the checks that nobody will end any more, before one of them is shown as under way."""
        super().setup(request, *args, **kwargs)
        SmtpCheck.objects.give_up_overdue()

    def get(self, request: HttpRequest) -> HttpResponse:
        """Show the page; to an open page that polls a check, only the check."""
        if self.check and self.is_htmx and request.GET.get("look") == "1":
            return self.show_check(self.check)
        if self.check and self.check.applied:
            oauth.forget(request)
        return self.show()

    def post(self, request: HttpRequest) -> HttpResponse:
        """Do what the pressed button asks for."""
        self.data = request.POST
        press = self.buttons.get(request.POST.get("action", ""), self.buttons["save"])
        return press(self)

    @property
    def url(self) -> str:
        return reverse(self.url_name)

    @property
    def redirect_uri(self) -> str:
        """The address that a provider sends people back to; its host is one of ALLOWED_HOSTS."""
        return self.request.build_absolute_uri(reverse(f"{self.url_name}_signed_in"))

    @property
    def is_htmx(self) -> bool:
        return bool(self.request.htmx)  # type: ignore[attr-defined]

    @property
    def person(self) -> User:
        return current_person(self.request)

    @cached_property
    def check(self) -> SmtpCheck | None:
        """The check that the address names, None where it is nobody's or another scope's."""
        return outcome.check_of(self.scope_key, self.request.GET.get("check", ""))

    @property
    def beside(self) -> Mapping[str, Any]:
        """What was typed beside the server, empty where it is mistaken."""
        return self.extra_form.cleaned_data if self.extra_form.is_valid() else NOTHING

    def scope(self, beside: Mapping[str, Any] = NOTHING) -> Scope:
        """Return the scope as it is stored now; `beside` is saved along with its switch."""
        scope = load_scope(self.scope_key, beside)
        assert scope is not None
        return replace(scope, sign_in=oauth.sealed_credential(self.request, self.scope_key))

    def stored_form(self) -> SmtpServerForm:
        """Return the form as it is stored; after a check that stored nothing, as the person had typed it."""
        if self.check and not self.check.applied and self.check.person_id == self.person.pk:
            return outcome.form_of(self.check, self.scope())
        return SmtpServerForm(scope=self.scope(), initial=oauth.typed_values(self.request, self.scope_key))

    def typed_form(self, changes: Mapping[str, Any] = NOTHING) -> SmtpServerForm:
        """Return the form as it was typed, but for `changes`, with no word about its mistakes."""
        scope = self.scope()
        values = {name: self.request.POST.get(name, "") for name in SmtpServerForm.Meta.fields}
        return SmtpServerForm(scope=scope, initial={**values, "switched_on": scope.in_use, **changes})

    def show(
        self, form: SmtpServerForm | None = None, *, lookup: Lookup | None = None, status: int = 200
    ) -> HttpResponse:
        """Render the whole page."""
        context = self.get_context_data(form or self.stored_form(), lookup)
        return self.console.render(self.request, self.template, context, status=status)

    def show_form(self, form: SmtpServerForm, *, lookup: Lookup | None = None, status: int = 200) -> HttpResponse:
        """Show the form once more: the whole page, of which htmx takes the form."""
        if not self.is_htmx:
            return self.show(form, lookup=lookup, status=status)
        page = self.show(form, lookup=lookup, status=status)
        return reselect(reswap(retarget(page, "#smtp-form"), "outerHTML"), "#form-mistakes, #smtp-form")

    def show_check(self, check: SmtpCheck) -> HttpResponse:
        """Show how far `check` is; the page is loaded anew where htmx does not ask, or all is stored."""
        if self.is_htmx and not check.applied:
            return outcome.render_alone(self.request, check, self.scope(), self.url)
        return self.load(outcome.address_of(check, self.url))

    def refuse(self, form: SmtpServerForm) -> HttpResponse:
        """Show the form with its mistakes."""
        return self.show_form(form, status=INVALID)

    def load(self, address: str) -> HttpResponse:
        """Have the browser load `address`, from a form or from htmx."""
        return HttpResponseClientRedirect(address) if self.is_htmx else HttpResponseRedirect(address)

    def get_context_data(self, form: SmtpServerForm, lookup: Lookup | None) -> dict[str, Any]:
        """Return what the template shows; a console adds what stands beside the form."""
        scope = self.scope()
        return {
            "title": self.title,
            "page_url": self.url,
            "smtp_form": form,
            "extra_form": self.extra_form,
            "scope": scope,
            "server_warnings": providers.warnings_of(scope.server),
            "is_draft": scope.server is not None and scope.server.state == State.DRAFT,
            **outcome.context(self.check, self.scope_key, self.url),
            **oauth.context(self.request, self.scope_key, self.redirect_uri),
            **provider.context(form, lookup, self.data),
        }
