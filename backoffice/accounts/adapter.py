"""allauth's seams, and where people land: nobody signs up by themselves, links point at the configured site."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm, ResetPasswordForm
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from backoffice.console.scope import administered_by
from delivery.models import Delivery

ADDRESS_LABEL = "E-mail address"
RESET_MAIL = "account/email/password_reset_key"


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_reset_password_from_key_url(self, key: str) -> str:
        return password_link(key)

    def render_mail(self, template_prefix: str, *args: Any, **kwargs: Any) -> EmailMessage:
        message: EmailMessage = super().render_mail(template_prefix, *args, **kwargs)
        if template_prefix == RESET_MAIL:
            message.connection = urgently()
        return message


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


def urgently() -> BaseEmailBackend:
    """Return the way out for mail with such a link: it goes first, and its content is forgotten once it is sent."""
    backend: BaseEmailBackend = get_connection(priority=Delivery.Priority.URGENT)
    return backend


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
