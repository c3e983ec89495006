"""The buttons of the SMTP form, which stands in both consoles, and what each of them answers."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.contrib import messages as flash
from django.contrib.auth.models import AbstractBaseUser
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from smtp_settings import configuring, preflight, sealing, trial
from smtp_settings.choices import State
from smtp_settings.forms import SmtpServerForm
from smtp_settings.models import SmtpCheck
from smtp_settings.place import Place
from smtp_settings.preflight import Step
from whitelabel.domain_names import FREE_MAIL, domain_of

INVALID = 422
UNCHECKED = " The server itself is as it was, so it was not checked again."


@dataclass(frozen=True)
class Outcome:
    """What a button found, shown below the form; `kept_back` offers to keep the values as a draft."""

    title: str
    ok: bool
    steps: tuple[Step, ...] = ()
    notes: tuple[str, ...] = ()
    kept_back: bool = False


@dataclass(frozen=True)
class Answer:
    """The form as it is to be shown again; `done` says that everything is stored and the page may be loaded anew."""

    form: SmtpServerForm
    outcome: Outcome | None = None
    done: bool = False

    @property
    def status(self) -> int:
        return INVALID if self.form.errors else 200


@dataclass(frozen=True)
class Page:
    """One of the two pages. `place` reads what is stored; `extra` is what else is saved with the server."""

    request: HttpRequest
    place: Callable[[], Place]
    extra: "ModelForm[Any]"

    @property
    def person(self) -> AbstractBaseUser:
        assert isinstance(self.request.user, AbstractBaseUser)
        return self.request.user

    def typed(self) -> SmtpServerForm:
        """Return the form as it was typed, with no word about its mistakes."""
        place = self.place()
        fields = {name: self.request.POST.get(name, "") for name in SmtpServerForm.Meta.fields}
        return SmtpServerForm(place=place, initial=fields | {"switched_on": place.in_use})


def answer(page: Page) -> Answer:
    """Do what the pressed button asks for."""
    return ACTIONS.get(page.request.POST.get("action", ""), save)(page)


def save(page: Page) -> Answer:
    """Check what was typed and store it when it passes; otherwise nothing of what is in use changes."""
    place = page.place()
    form = SmtpServerForm(page.request.POST, place=place)
    if not (form.is_valid() & page.extra.is_valid()):
        return Answer(form)
    if not form.needs_check:
        place.attach(place.server, bool(form.cleaned_data.get("switched_on")))
        flash.success(page.request, "Saved." + (UNCHECKED if place.server else ""))
        return Answer(form, done=True)
    checked = configuring.check_and_store(
        place=place,
        candidate=form.instance,
        secret=form.secret,
        switched_on=form.cleaned_data["switched_on"],
        person=page.person,
    )
    if checked.stored:
        off = "" if form.cleaned_data["switched_on"] else " It is switched off, so no mail leaves through it."
        flash.success(page.request, f"Saved. The server passed its check.{off}")
        _warn(page.request, form)
        return Answer(form, done=True)
    return _refused(form, checked)


def keep_as_draft(page: Page) -> Answer:
    place = page.place()
    form = SmtpServerForm(page.request.POST, place=place, draft=True)
    if not (form.is_valid() & page.extra.is_valid()):
        return Answer(form)
    configuring.keep_as_draft(place=place, candidate=form.instance, secret=form.secret)
    without = "" if form.secret else " No password is stored with it."
    flash.warning(page.request, f"Kept as a draft: no mail leaves through it until it passes its check.{without}")
    return Answer(form, done=True)


def test(page: Page) -> Answer:
    """Send a test e-mail by the values in the form, saved or not."""
    form = SmtpServerForm(page.request.POST, place=page.place())
    form.empty_permitted = False
    if not form.is_valid():
        return Answer(form, Outcome("No test e-mail was sent", ok=False, notes=_mistakes(form)))
    try:
        steps = trial.send(server=form.instance, secret=form.secret, person=page.person)
    except trial.TooManyTests as error:
        return Answer(form, Outcome("No test e-mail was sent", ok=False, notes=(str(error),)))
    passed = preflight.passed(steps)
    title = "The test e-mail was sent" if passed else "The test e-mail was not sent"
    return Answer(form, Outcome(title, passed, tuple(steps)))


def check_again(page: Page) -> Answer:
    """Check the stored server; what was typed stays as it is."""
    place = page.place()
    if place.server is None:
        return Answer(page.typed())
    try:
        secret = place.server.open_secret()
    except sealing.CannotOpen as error:
        return Answer(page.typed(), Outcome("The server was not checked", ok=False, notes=(str(error),)))
    released = ("Mail that waited for it leaves within a minute.",) if place.server.state == State.PAUSED else ()
    checked = configuring.check_again(place=place, secret=secret, person=page.person)
    title = f"{place.server} passed its check" if checked.stored else f"{place.server} did not pass its check"
    return Answer(page.typed(), Outcome(title, checked.stored, checked.steps, released if checked.stored else ()))


def forget_secret(page: Page) -> Answer:
    """Clear the stored password; what was typed stays as it is."""
    configuring.forget_secret(place=page.place())
    flash.warning(page.request, "The stored password was forgotten. The server is a draft now, and switched off.")
    return Answer(page.typed())


ACTIONS: Mapping[str, Callable[[Page], Answer]] = {
    "save": save,
    "draft": keep_as_draft,
    "test": test,
    "check": check_again,
    "forget": forget_secret,
}


def context(page: Page, shown: Answer | None = None) -> dict[str, object]:
    """Return what the templates of the form show."""
    place = page.place()
    return {
        "smtp_form": shown.form if shown else SmtpServerForm(place=place),
        "extra_form": page.extra,
        "outcome": shown.outcome if shown else None,
        "place": place,
        "is_draft": place.server is not None and place.server.state == State.DRAFT,
        "last_check": SmtpCheck.objects.latest_of(place.tenant),
    }


def render_outcome(page: Page, shown: Answer) -> HttpResponse:
    """Render only what a test found, for a page that is already open."""
    last_check = SmtpCheck.objects.latest_of(page.place().tenant)
    found = {"outcome": shown.outcome, "last_check": last_check, "swap": True}
    return render(page.request, "console/smtp_found.html", found)


def _refused(form: SmtpServerForm, checked: configuring.Checked) -> Answer:
    failed = checked.failed_step
    assert failed is not None
    form.add_error(failed.field or None, " ".join(filter(None, (failed.sentence, failed.fix))))
    return Answer(form, Outcome("Not saved: the server did not pass its check", False, checked.steps, kept_back=True))


def _mistakes(form: SmtpServerForm) -> tuple[str, ...]:
    return tuple(
        f"{form.fields[name].label}: {error}" if name in form.fields else str(error)
        for name, errors in form.errors.items()
        for error in errors
    )


def _warn(request: HttpRequest, form: SmtpServerForm) -> None:
    domain = domain_of(form.instance.sender_address)
    if domain in FREE_MAIL:
        flash.warning(
            request,
            f"{domain} belongs to a mail provider. Unless this server is that provider's own, receivers will take "
            "mail from this sender for forged; an address on a domain of your own is better.",
        )
