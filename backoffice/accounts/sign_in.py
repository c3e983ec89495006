"""The two pages of the sign-in: as allauth's, with the ways that are open here."""

from typing import Any

from allauth.account.utils import passthrough_next_redirect_url
from allauth.account.views import LoginView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.urls import reverse

from backoffice.accounts import passkeys


class SignInView(LoginView):
    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        context = super().get_context_data(**kwargs) | {"passkeys": passkeys.can_be_used(self.request)}
        if settings.OIDC_ISSUER:
            address = passthrough_next_redirect_url(self.request, reverse("organisation"), REDIRECT_FIELD_NAME)
            context |= {"organisation": settings.OIDC_NAME, "organisation_url": address}
        return context


class SecondStepView(AuthenticateView):
    """Only what the person has set up is offered, and a passkey only where the browser would find it."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        person = self.stage.login.user
        has_passkey = is_mfa_enabled(person, [Authenticator.Type.WEBAUTHN]) and passkeys.can_be_used(self.request)
        return super().get_context_data(**kwargs) | {"has_passkey": has_passkey}


sign_in = SignInView.as_view()
second_step = SecondStepView.as_view()
