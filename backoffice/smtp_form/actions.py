"""The buttons of the SMTP form: each does its work and answers with what the person sees next."""

from collections.abc import Callable, Mapping, Sequence

from django.contrib import messages as flash
from django.http import HttpResponse

from backoffice.smtp_form import oauth, provider
from backoffice.smtp_form.page import Button, SmtpFormView
from smtp_settings import configuring, sealing
from smtp_settings.checks import request as checks
from smtp_settings.forms import SmtpServerForm
from smtp_settings.models import SmtpCheck

UNCHECKED = " The server itself is as it was, so it was not checked again."
CHOOSE_OAUTH = "Choose OAuth 2.0 to sign in at a provider."


def save(page: SmtpFormView) -> HttpResponse:
    """Have what was typed checked, and stored when it passes; until then nothing of what is in use changes."""
    scope = page.scope(page.beside)
    form = SmtpServerForm(page.data, scope=scope)
    if not (form.is_valid() & page.extra_form.is_valid()):
        return page.refuse(form)
    if not form.needs_check:
        scope.save_choice(scope.server, bool(form.cleaned_data.get("switched_on")))
        flash.success(page.request, "Saved." + (UNCHECKED if scope.server else ""))
        return page.load(page.url)
    return _begin(
        page,
        form,
        lambda: checks.check_and_store(
            scope=scope,
            candidate=form.instance,
            secret=form.secret,
            switched_on=form.cleaned_data["switched_on"],
            person=page.person,
            remarks=form.remarks,
        ),
    )


def keep_as_draft(page: SmtpFormView) -> HttpResponse:
    """Store what was typed unchecked, and switched off."""
    scope = page.scope(page.beside)
    form = SmtpServerForm(page.data, scope=scope, draft=True)
    if not (form.is_valid() & page.extra_form.is_valid()):
        return page.refuse(form)
    configuring.keep_as_draft(scope=scope, candidate=form.instance, secret=form.secret)
    without = "" if form.secret else " No password is stored with it."
    flash.warning(page.request, f"Kept as a draft: no mail leaves through it until it passes its check.{without}")
    _tell_of(form.remarks, page)
    return page.load(page.url)


def check(page: SmtpFormView) -> HttpResponse:
    """Check the values in the form; nothing is stored."""
    return _check_typed(page, SmtpCheck.Kind.PREFLIGHT)


def send_test(page: SmtpFormView) -> HttpResponse:
    """Send a test e-mail by the values in the form, saved or not."""
    return _check_typed(page, SmtpCheck.Kind.TEST)


def check_again(page: SmtpFormView) -> HttpResponse:
    """Check the stored server; what was typed stays as it is."""
    scope, form = page.scope(), page.typed_form()
    if scope.server is None:
        return page.show_form(form)
    try:
        secret = scope.server.open_secret()
    except sealing.CannotOpen as error:
        form.errors["password"] = form.error_class([str(error)])
        return page.refuse(form)
    return _begin(page, form, lambda: checks.check_again(scope=scope, secret=secret, person=page.person))


def forget_secret(page: SmtpFormView) -> HttpResponse:
    """Clear the stored password; what was typed stays as it is."""
    configuring.forget_secret(scope=page.scope(page.beside))
    flash.warning(page.request, "The stored password was forgotten. The server is a draft now, and switched off.")
    return page.show_form(page.typed_form())


def sign_in(page: SmtpFormView) -> HttpResponse:
    """Begin the sign-in at the provider; what was typed waits in the session, nothing is stored."""
    form = SmtpServerForm(page.data, scope=page.scope(), signing_in=True)
    form.empty_permitted = False
    if form.is_valid() and form.credential is None:
        form.add_error("auth", CHOOSE_OAUTH)
    if not form.is_valid():
        return page.refuse(form)
    oauth.begin(page.request, page.scope(), form, page.redirect_uri)
    _tell_of(form.remarks, page)
    flash.info(page.request, "Not signed in yet: go on to the provider with the button below, under OAuth 2.0.")
    return page.load(page.url)


def drop_sign_in(page: SmtpFormView) -> HttpResponse:
    """Forget a sign-in that was begun; what was typed stays as it is."""
    oauth.forget(page.request)
    return page.show_form(page.typed_form())


def find_provider(page: SmtpFormView) -> HttpResponse:
    """Fill in what is known of the provider; asks DNS, stores nothing."""
    lookup = provider.find(page.request, page.scope().policy)
    if page.is_htmx:
        return provider.render_alone(page.request, lookup, page.url)
    return page.show(page.typed_form(lookup.changes), lookup=lookup)


BUTTONS: Mapping[str, Button] = {
    "find": find_provider,
    "replace": find_provider,
    "save": save,
    "draft": keep_as_draft,
    "check": check,
    "test": send_test,
    "again": check_again,
    "forget": forget_secret,
    "sign_in": sign_in,
    "drop_sign_in": drop_sign_in,
}


def _tell_of(remarks: Sequence[str], page: SmtpFormView) -> None:
    for remark in remarks:
        flash.info(page.request, remark)


def _check_typed(page: SmtpFormView, kind: SmtpCheck.Kind) -> HttpResponse:
    form = SmtpServerForm(page.data, scope=page.scope())
    form.empty_permitted = False
    if not form.is_valid():
        return page.refuse(form)
    return _begin(page, form, lambda: checks.start(kind, form.instance, form.secret, page.person, remarks=form.remarks))


def _begin(page: SmtpFormView, form: SmtpServerForm, start: Callable[[], SmtpCheck]) -> HttpResponse:
    """Begin a check and show it; the form says where the person has had too many."""
    try:
        return page.show_check(start())
    except checks.TooMany as error:
        form.errors["__all__"] = form.error_class([str(error)])
        return page.refuse(form)
