"""allauth's seams, and where people land: nobody signs up by themselves, links point at the configured site."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm, ResetPasswordForm
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from backoffice.console.scope import white_labels_of
from delivery.models import Delivery
from people.client_address import client_address
from people.invitations import password_link
from people.roles import Right, may

ADDRESS_LABEL = "E-mail address"
RESET_MAIL = "account/email/password_reset_key"


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def get_reset_password_from_key_url(self, key: str) -> str:
        return password_link(key)

    def render_mail(self, template_prefix: str, *args: Any, **kwargs: Any) -> EmailMessage:
        message: EmailMessage = super().render_mail(template_prefix, *args, **kwargs)
        if template_prefix == RESET_MAIL:
            message.connection = urgent_connection()
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


def urgent_connection() -> BaseEmailBackend:
    """Return the connection for mail with such a link: it goes first, and its content is forgotten once it is sent."""
    backend: BaseEmailBackend = get_connection(priority=Delivery.Priority.URGENT)
    return backend


def home(request: HttpRequest) -> HttpResponse:
    """Send people to the console that is theirs; those without one read why."""
    if may(request.user, Right.SEE):
        return redirect("owner:index")
    if white_labels_of(request.user).exists():
        return redirect("whitelabel:index")
    return render(request, "console/no_console.html")
