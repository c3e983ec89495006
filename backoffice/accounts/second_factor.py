"""Where the installation demands it, an owner without a second factor sets one up before any owner page works."""

from collections.abc import Callable
from typing import Any

from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages as flash
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from people.models import User
from people.roles import Right, may

View = Callable[[HttpRequest], HttpResponse]
FACTOR_PAGES = ("mfa_activate", "mfa_deactivate", "mfa_generate")


class SecondFactorMiddleware:
    """Guard the owner's site, and keep the one session alive in which a person changed their own factor.

    A person's sessions are bound to their factors (`User.get_session_auth_hash`), so every other session ends.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.method == "POST" and self._is_factor_page(request) and isinstance(request.user, User):
            update_session_auth_hash(request, request.user)
        return response

    def process_view(
        self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        if not settings.OWNER_SECOND_FACTOR or not self._is_owners_page(request):
            return None
        person = request.user
        if not may(person, Right.SEE):
            return None
        if is_mfa_enabled(person, [Authenticator.Type.TOTP]):
            return None
        flash.info(request, "Set up a second factor first: owners sign in with one.")
        return redirect("mfa_activate_totp")

    def _is_owners_page(self, request: HttpRequest) -> bool:
        return request.resolver_match is not None and "owner" in request.resolver_match.namespaces

    def _is_factor_page(self, request: HttpRequest) -> bool:
        name = request.resolver_match.url_name if request.resolver_match else None
        return (name or "").startswith(FACTOR_PAGES)
