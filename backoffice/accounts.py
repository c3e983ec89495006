"""allauth's seams, and where people land: nobody signs up by themselves, links point at the configured site."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm, ResetPasswordForm
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from backoffice.whitelabel_console.scope import administered_by

ADDRESS_LABEL = "E-mail address"


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        return password_link(key)


class SignInForm(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = ADDRESS_LABEL
        self.fields["login"].widget.attrs["placeholder"] = ""
        self.fields["password"].widget.attrs["placeholder"] = ""


class ForgottenForm(ResetPasswordForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].label = ADDRESS_LABEL
        self.fields["email"].widget.attrs["placeholder"] = ""


def password_link(key: str) -> str:
    """Return the address at which the holder of `key` sets a password; never built from a request's host name."""
    user, _, token = key.partition("-")
    return settings.SITE_URL + reverse("account_reset_password_from_key", kwargs={"uidb36": user, "key": token})


@login_required
def home(request: HttpRequest) -> HttpResponse:
    """Send people to the console that is theirs; those without one read why."""
    if getattr(request.user, "is_owner", False):
        return redirect("owner:index")
    if administered_by(request.user).exists():
        return redirect("whitelabel:index")
    return render(request, "console/no_console.html")


def absent(request: HttpRequest) -> HttpResponse:
    """Answer for allauth's page of e-mail addresses: an address is the owner's to change."""
    raise Http404
