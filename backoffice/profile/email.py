"""The pages of a change of address: to ask for it, to cancel it, and where the links in both e-mails lead."""

from typing import Any

from allauth.account.decorators import reauthentication_required
from django.contrib import messages as flash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST
from django.views.generic import FormView

from backoffice.audit.middleware import record
from backoffice.console.scope import current_person
from backoffice.console.views import INVALID
from backoffice.profile import email_changes
from backoffice.profile.email_changes import Outcome
from backoffice.profile.forms import EmailForm
from backoffice.profile.page import ProfileMixin, back_to
from people.audit import Change, name_of
from people.models import EmailChange, User
from people.throttling import exceeded
from people.tokens import NEW_ADDRESS, EmailChangeTokens

PART = "account"
MOST_AN_HOUR, HOUR_SECONDS = 5, 3600
TOO_MANY = "You asked for this often within an hour. Try again later."
SESSION_KEY = "email_change"
GONE = 404
ACTS = {True: "email_change.confirm", False: "email_change.agree"}  # by whether it was at the new address
CANCEL = "email_change.cancel"


@method_decorator([never_cache, reauthentication_required], name="dispatch")
class EmailView(ProfileMixin, FormView):  # type: ignore[type-arg]
    """Ask for another address; the password is asked for again first."""

    template_name = "profile/email.html"
    form_class = EmailForm
    title = "Change your e-mail address"
    http_method_names = ["get", "post"]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "person": self.person}

    def form_valid(self, form: EmailForm) -> HttpResponse:
        if exceeded(f"email-change:{self.person.pk}", most=MOST_AN_HOUR, seconds=HOUR_SECONDS):
            form.add_error("email", TOO_MANY)
            return self.form_invalid(form)
        email = form.cleaned_data["email"]
        email_changes.ask(self.person, email)
        record(self.request, "email_change.ask", person=self.person, changes=[_change(self.person, "", email)])
        said = f"Nothing is changed yet: open the links that we sent to {email} and to {self.person.email}."
        return back_to(self.request, PART, said, flash.INFO)

    def form_invalid(self, form: EmailForm) -> HttpResponse:
        return self.render_to_response(self.get_context_data(form=form), status=INVALID)


@require_POST
def cancel(request: HttpRequest) -> HttpResponse:
    person = current_person(request)
    change = EmailChange.objects.filter(person=person).first()
    if change:
        _cancel(request, change)
    return back_to(request, PART, f"You go on signing in with {person.email}.")


@require_GET
@never_cache
def open_link(request: HttpRequest, key: str) -> HttpResponse:
    """Take the key out of the address, so that no other site, log or history learns it."""
    if email_changes.find(key) is None:
        return _gone(request)
    request.session[SESSION_KEY] = key
    return redirect("profile_email_confirm")


@require_http_methods(["GET", "POST"])
@never_cache
def confirm(request: HttpRequest) -> HttpResponse:
    """Show what the link is about, and do it at the press of a button: programs that look into mail open links too."""
    key = str(request.session.get(SESSION_KEY, ""))
    found = email_changes.find(key)
    if found is None:
        return _gone(request)
    change, tokens = found
    if request.method == "GET":
        return render(request, "profile/email_confirm.html", {"change": change, "at_new": tokens is NEW_ADDRESS})
    del request.session[SESSION_KEY]
    if "cancel" in request.POST:
        _cancel(request, change)
        return _said(request, f"Cancelled. {_goes_on(change, tokens)}")
    return _accept(request, key, tokens, former=change.person.email)


def _accept(request: HttpRequest, key: str, tokens: EmailChangeTokens, *, former: str) -> HttpResponse:
    accepted = email_changes.accept(key)
    if accepted is None:
        return _gone(request)
    change, outcome = accepted
    record(request, ACTS[tokens is NEW_ADDRESS], person=change.person)
    if outcome is Outcome.DONE:
        changes = [_change(change.person, former, change.email)]
        record(request, "email_change.complete", person=change.person, changes=changes)
        return _said(request, f"Done. You sign in with {change.email} from now on.")
    if outcome is Outcome.TAKEN:
        return _said(request, f"{change.email} cannot be used. {_goes_on(change, tokens)}")
    other = "the other e-mail, at your present address" if tokens is NEW_ADDRESS else f"the e-mail at {change.email}"
    return _said(request, f"Thank you. Now open the link in {other}: then the address is changed.")


def _goes_on(change: EmailChange, tokens: EmailChangeTokens) -> str:
    """Say what stays; who reads mail at the new address may be a stranger, and learns no other address."""
    if tokens is NEW_ADDRESS:
        return f"Nobody signs in with {change.email} by this link."
    return f"You go on signing in with {change.person.email}."


def _cancel(request: HttpRequest, change: EmailChange) -> None:
    change.delete()
    record(request, CANCEL, person=change.person, changes=[_change(change.person, change.email, "")])


def _change(person: User, before: str, after: str) -> Change:
    return {"thing": name_of(person), "field": "email", "before": before, "after": after}


def _said(request: HttpRequest, said: str) -> HttpResponse:
    return render(request, "profile/email_said.html", {"said": said})


def _gone(request: HttpRequest) -> HttpResponse:
    return render(request, "profile/link_gone.html", status=GONE)
