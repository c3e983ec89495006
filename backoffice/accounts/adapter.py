"""allauth's seams, and where people land: nobody signs up by themselves, links point at the configured site."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from backoffice.console.scope import white_labels_of
from delivery.models import Delivery
from people.roles import Right, may

ADDRESS_LABEL = "E-mail address"


class AccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SignInForm(LoginForm):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login"].label = ADDRESS_LABEL
        self.fields["login"].widget.attrs["placeholder"] = ""
        self.fields["password"].widget.attrs["placeholder"] = ""


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
