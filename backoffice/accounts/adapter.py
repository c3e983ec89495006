"""allauth's seams, and where people land: nobody signs up by themselves, links point at the configured site."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.forms import LoginForm
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.core.mail import get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.http import url_has_allowed_host_and_scheme

from backoffice.accounts import hand_over, known_device, notifications, sessions, throttle
from backoffice.accounts.second_factor import SecondFactorStage
from backoffice.console.scope import current_person, white_labels_of
from backoffice.profile.devices import device
from delivery.models import Delivery
from notifications.notification import Link
from notifications.sending import send
from people.account_mail import about_account
from people.client_address import client_address
from people.models import User
from people.reading import as_read_by
from people.roles import Right, may

ADDRESS_LABEL = "E-mail address"
ALLAUTHS_STAGE = "allauth.mfa.stages.AuthenticateStage"
REAUTHENTICATION = {
    "reauthenticate": "Use your password",
    "mfa_reauthenticate": "Use a code of your app or a recovery code",
    "mfa_reauthenticate:webauthn": "Use a passkey",
}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "The e-mail address or the password is not right.",
        "enter_current_password": "This is not your present password.",
        "incorrect_password": "This is not your password.",
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        return client_address(request)

    def is_safe_url(self, url: str) -> bool:
        """Return whether people may be sent there after they signed in: to an address on the host where they are."""
        return url_has_allowed_host_and_scheme(url, allowed_hosts={self.request.get_host()})

    def authenticate(self, request: HttpRequest, **credentials: Any) -> AbstractBaseUser | None:
        """Check the password; raises `throttle.SlowDown`."""
        lanes = throttle.for_password(request, str(credentials.get("email", "")))
        throttle.enter(lanes)
        person: AbstractBaseUser | None = super().authenticate(request, **credentials)
        if person is not None:
            throttle.succeed(lanes)
        return person

    def login(self, request: HttpRequest, user: AbstractBaseUser) -> None:
        super().login(request, user)
        sessions.start(request)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, str]]:
        return [
            method | {"description": REAUTHENTICATION[method["id"]]}
            for method in super().get_reauthentication_methods(user)
        ]

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        return reverse("profile")

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell people what was done to their account, from which device, and what to do if it was not them."""
        subject, what = notifications.CHANGES[template_prefix]
        with as_read_by(user):
            text = notifications.TEXT.format(
                what=what,
                when=date_format(timezone.localtime(), "j F Y, H:i T"),
                device=device(self.request.headers.get("User-Agent", "")),
                address=self.get_client_ip(self.request),
            )
            button = Link("Choose a new password", settings.SITE_URL + reverse("account_reset_password"))
            send(about_account(user, subject=subject, text=text, button=button), email or user.email)

    def logout(self, request: HttpRequest) -> None:
        hand_over.end_at_site(request)
        super().logout(request)

    def get_login_stages(self) -> list[str]:
        own = f"{SecondFactorStage.__module__}.{SecondFactorStage.__qualname__}"
        return [own if stage == ALLAUTHS_STAGE else stage for stage in super().get_login_stages()]

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().post_login(request, user, **kwargs)
        known_device.remember(request, response, user)
        return response


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
    person = current_person(request)
    if person.invitations.open() or person.suspensions.exists():
        return redirect("memberships")
    return render(request, "console/no_console.html")
