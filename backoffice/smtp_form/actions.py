"""The buttons of the SMTP form, which stands in both consoles, and what each of them answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any

from django.contrib import messages as flash
from django.contrib.auth.models import AbstractBaseUser
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse

from backoffice.smtp_form import oauth, outcome, provider
from backoffice.smtp_form.provider import Lookup
from smtp_settings import configuring, sealing
from smtp_settings.checks import request as checks
from smtp_settings.choices import State
from smtp_settings.forms import SmtpServerForm
from smtp_settings.models import SmtpCheck
from smtp_settings.providers import lookup as providers
from smtp_settings.scope import Scope, load_scope

INVALID = 422
UNCHECKED = " The server itself is as it was, so it was not checked again."

Render = Callable[["Page", "Answer | None"], HttpResponse]


@dataclass(frozen=True)
class Answer:
    """The form as it is to be shown again; `done` says that everything is stored and the page may be loaded anew."""

    form: SmtpServerForm
    check: SmtpCheck | None = None
    lookup: Lookup | None = None
    done: bool = False
    mistaken: bool = False

    @property
    def status(self) -> int:
        return INVALID if self.mistaken else 200


@dataclass(frozen=True)
class Page:
    """One of the two pages. `extra` is what else is saved with the server of the scope."""

    request: HttpRequest
    scope_key: str
    extra: "ModelForm[Any]"

    @property
    def person(self) -> AbstractBaseUser:
        assert isinstance(self.request.user, AbstractBaseUser)
        return self.request.user

    def scope(self) -> Scope:
        """Return the scope as it is stored now; what stands beside the server is saved with its switch."""
        beside = self.extra.cleaned_data if self.extra.is_bound and self.extra.is_valid() else {}
        scope = load_scope(self.scope_key, beside)
        assert scope is not None
        return replace(scope, sign_in=oauth.sealed(self.request, self.scope_key))

    def typed(self, changes: Mapping[str, str] = MappingProxyType({})) -> SmtpServerForm:
        """Return the form as it was typed, but for `changes`, with no word about its mistakes."""
        scope = self.scope()
        fields = {name: self.request.POST.get(name, "") for name in SmtpServerForm.Meta.fields}
        return SmtpServerForm(scope=scope, initial={**fields, "switched_on": scope.in_use, **changes})


def respond(page: Page, render: Render) -> HttpResponse:
    """Do what the pressed button asks for, or show the page, or only how far a check is."""
    if page.request.method != "POST":
        return outcome.show(page, render)
    shown = ACTIONS.get(page.request.POST.get("action", ""), save)(page)
    if shown.lookup and outcome.is_htmx(page.request):
        return provider.render_alone(page, shown.lookup)
    if shown.done:
        return outcome.go_to(page.request, page.request.path)
    if shown.check:
        return outcome.show_begun(page, shown.check)
    return outcome.replace_form(page.request, render(page, shown))


def save(page: Page) -> Answer:
    """Have what was typed checked, and stored when it passes; until then nothing of what is in use changes."""
    scope = page.scope()
    form = SmtpServerForm(page.request.POST, scope=scope)
    if not (form.is_valid() & page.extra.is_valid()):
        return Answer(form, mistaken=True)
    if not form.needs_check:
        scope.save_choice(scope.server, bool(form.cleaned_data.get("switched_on")))
        flash.success(page.request, "Saved." + (UNCHECKED if scope.server else ""))
        return Answer(form, done=True)
    return _begin(
        form,
        lambda: checks.check_and_store(
            scope=scope,
            candidate=form.instance,
            secret=form.secret,
            switched_on=form.cleaned_data["switched_on"],
            person=page.person,
        ),
    )


def keep_as_draft(page: Page) -> Answer:
    scope = page.scope()
    form = SmtpServerForm(page.request.POST, scope=scope, draft=True)
    if not (form.is_valid() & page.extra.is_valid()):
        return Answer(form, mistaken=True)
    configuring.keep_as_draft(scope=scope, candidate=form.instance, secret=form.secret)
    without = "" if form.secret else " No password is stored with it."
    flash.warning(page.request, f"Kept as a draft: no mail leaves through it until it passes its check.{without}")
    return Answer(form, done=True)


def check(page: Page) -> Answer:
    """Check the values in the form; nothing is stored."""
    return _try(page, SmtpCheck.Kind.PREFLIGHT)


def test(page: Page) -> Answer:
    """Send a test e-mail by the values in the form, saved or not."""
    return _try(page, SmtpCheck.Kind.TEST)


def check_again(page: Page) -> Answer:
    """Check the stored server; what was typed stays as it is."""
    scope, form = page.scope(), page.typed()
    if scope.server is None:
        return Answer(form)
    try:
        secret = scope.server.open_secret()
    except sealing.CannotOpen as error:
        form.errors["password"] = form.error_class([str(error)])
        return Answer(form, mistaken=True)
    return _begin(form, lambda: checks.check_again(scope=scope, secret=secret, person=page.person))


def forget_secret(page: Page) -> Answer:
    """Clear the stored password; what was typed stays as it is."""
    configuring.forget_secret(scope=page.scope())
    flash.warning(page.request, "The stored password was forgotten. The server is a draft now, and switched off.")
    return Answer(page.typed())


def sign_in(page: Page) -> Answer:
    """Begin the way to the provider's sign-in page; what was typed waits in the session, nothing is stored."""
    form = SmtpServerForm(page.request.POST, scope=page.scope(), signing_in=True)
    form.empty_permitted = False
    if not form.is_valid():
        return Answer(form, mistaken=True)
    oauth.begin(page.request, page.scope(), form)
    flash.info(page.request, "Not signed in yet: go on to the provider with the button below, under OAuth 2.0.")
    return Answer(form, done=True)


def drop_sign_in(page: Page) -> Answer:
    """Forget a way to the provider that was begun; what was typed stays as it is."""
    oauth.forget(page.request)
    return Answer(page.typed())


def find_provider(page: Page) -> Answer:
    """Fill in what is known of the provider; asks DNS, stores nothing."""
    lookup = provider.find(page)
    return Answer(page.typed(lookup.autofill.changes if lookup.autofill else {}), lookup=lookup)


ACTIONS: Mapping[str, Callable[[Page], Answer]] = {
    "find": find_provider,
    "replace": find_provider,
    "save": save,
    "draft": keep_as_draft,
    "check": check,
    "test": test,
    "again": check_again,
    "forget": forget_secret,
    "sign_in": sign_in,
    "drop_sign_in": drop_sign_in,
}


def context(page: Page, shown: Answer | None = None) -> dict[str, object]:
    """Return what the templates of the form show."""
    scope = page.scope()
    found = outcome.asked_for(page)
    form = shown.form if shown else outcome.form_of(page, scope, found)
    lookup = shown.lookup if shown and shown.lookup else provider.of_form(page, form)
    return (
        outcome.context(page, found)
        | oauth.context(page.request, scope)
        | provider.context(page, lookup)
        | {
            "smtp_form": form,
            "extra_form": page.extra,
            "scope": scope,
            "server_warnings": providers.warnings_of(scope.server),
            "is_draft": scope.server is not None and scope.server.state == State.DRAFT,
        }
    )


def _try(page: Page, kind: SmtpCheck.Kind) -> Answer:
    form = SmtpServerForm(page.request.POST, scope=page.scope())
    form.empty_permitted = False
    if not form.is_valid():
        return Answer(form, mistaken=True)
    return _begin(form, lambda: checks.start(kind, form.instance, form.secret, page.person))


def _begin(form: SmtpServerForm, start: Callable[[], SmtpCheck]) -> Answer:
    try:
        return Answer(form, start())
    except checks.TooMany as error:
        form.errors["__all__"] = form.error_class([str(error)])
        return Answer(form, mistaken=True)
