"""Where it is demanded, of owners or by a white-label, people set up a second factor before any page there works."""

from collections.abc import Callable
from typing import Any

from allauth.account.internal.flows.login import get_authentication_records
from allauth.account.internal.stagekit import clear_login
from allauth.mfa.models import Authenticator
from allauth.mfa.stages import AuthenticateStage
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages as flash
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from backoffice.accounts import known_device
from backoffice.accounts.sealed_factors import FactorRefused
from backoffice.console import look
from backoffice.console.scope import white_label_here
from people.models import User
from people.roles import Right, may
from whitelabel.models import WhiteLabel

View = Callable[[HttpRequest], HttpResponse]
FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)
FACTOR_PAGES = ("mfa_activate", "mfa_deactivate", "mfa_generate", "mfa_add", "mfa_remove")
BY_ORGANISATION = "socialaccount"
OF_PLATFORM = "Set up a second step first: here everybody signs in with one."
OF_WHITE_LABEL = "Set up a second step first: {white_label} asks for one."


class SecondFactorMiddleware:
    """Guard the consoles, and keep the one session alive in which a person changed their own factor.

    A person's sessions are bound to their factors (`User.get_session_auth_hash`), so every other session ends.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "POST" and self._is_factor_page(request) and isinstance(request.user, User):
            update_session_auth_hash(request, request.user)
            known_device.remember(request, response, request.user)
        return response

    def process_view(
        self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        why = _demanded(request)
        if not why or has_one(request):
            return None
        flash.info(request, why)
        return redirect("mfa_index")

    def process_exception(self, request: HttpRequest, exception: Exception) -> None:
        """Begin anew behind a factor that was refused, instead of asking for it again and again."""
        if isinstance(exception, FactorRefused):
            clear_login(request)

    def _is_factor_page(self, request: HttpRequest) -> bool:
        name = request.resolver_match.url_name if request.resolver_match else None
        return (name or "").startswith(FACTOR_PAGES)


class SecondFactorStage(AuthenticateStage):
    """allauth's step of the sign-in, without those who come from an organisation whose own steps are trusted."""

    def _should_handle(self, request: HttpRequest) -> bool:
        return not by_trusted_organisation(request, self.login.user) and super()._should_handle(request)


def has_one(request: HttpRequest) -> bool:
    """Return whether the person has a second factor; whoever has one has signed in with it."""
    return is_mfa_enabled(request.user, FACTORS) or by_trusted_organisation(request, request.user)


def by_trusted_organisation(request: HttpRequest, person: object) -> bool:
    """Return whether the person came to this session from an organisation that asks for a second step itself."""
    if not settings.OIDC_SECOND_FACTOR_TRUSTED:
        return False
    return any(record["method"] == BY_ORGANISATION for record in get_authentication_records(request, person))


def _demanded(request: HttpRequest) -> str:
    """Return the sentence that demands a second factor of who asks for the page, "" where nothing does."""
    namespaces = request.resolver_match.namespaces if request.resolver_match else []
    person = request.user
    if "owner" in namespaces and settings.OWNER_SECOND_FACTOR and may(person, Right.SEE):
        return OF_PLATFORM
    if "whitelabel" not in namespaces or look.current(request):
        return ""
    white_label = white_label_here(request)
    return demanded_in(white_label) if white_label else ""


def demanded_in(white_label: WhiteLabel) -> str:
    """Return the sentence with which a white-label demands a second factor of its people, "" where it does not."""
    return OF_WHITE_LABEL.format(white_label=white_label.name) if white_label.second_factor_required else ""
