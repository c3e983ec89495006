"""Sign in with an organisation's account (OpenID Connect), where the settings name its provider.

It signs in people who are here already, by the address that the provider has verified. Nobody signs up, no account is
linked, and nothing about it is stored: the settings and the provider's signed answer decide alone.
"""

import logging
import secrets
from collections.abc import Callable
from functools import wraps
from typing import Any, NoReturn

from allauth.account.internal.flows.login import record_authentication
from allauth.account.utils import get_login_redirect_url, get_next_redirect_url, perform_login
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.internal import jwtkit
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.contrib.auth.signals import user_login_failed
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET
from requests import RequestException

from backoffice.accounts.second_factor import BY_ORGANISATION
from backoffice.accounts.throttle import SlowDown
from gateway.networks import household_of
from people.client_address import client_address
from people.models import User
from people.throttling import exceeded

PROVIDER_ID = "organisation"
STARTS_A_MINUTE, SECONDS = 60, 60  # an office shares its address
UNKNOWN = "There is no active account here for the address that {name} gave. Ask whoever invited you."
UNVERIFIED = "{name} has not verified your e-mail address, so it cannot sign you in."
FAILED = "The sign-in with {name} did not work. Try again, or sign in another way."
View = Callable[[HttpRequest], HttpResponse]

logger = logging.getLogger(__name__)


class OrganisationOAuth2Adapter(OpenIDConnectOAuth2Adapter):
    """The exchange with the provider: nothing of its answer is taken unsigned, or from another issuer."""

    @property
    def openid_config(self) -> dict[str, Any]:
        """Return the provider's own description; raises `OAuth2Error` (OpenID Connect Discovery 4.3)."""
        config: dict[str, Any] = super().openid_config
        if config.get("issuer") != settings.OIDC_ISSUER:
            raise OAuth2Error("The issuer is another one.")
        return config

    def get_callback_url(self, request: HttpRequest, app: SocialApp) -> str:
        return f"{settings.SITE_URL}{reverse('organisation_callback')}"

    def complete_login(self, request: HttpRequest, app: SocialApp, token: Any, **kwargs: Any) -> SocialLogin:
        claims = self._decode_id_token(app, kwargs["response"].get("id_token") or "")
        user_info = self._fetch_user_info(token.token)
        if user_info.get("sub") != claims.get("sub"):  # OpenID Connect Core 5.3.2
            raise OAuth2Error("Another person's information.")
        return self.get_provider().sociallogin_from_response(request, {"id_token": claims, "userinfo": user_info})

    def _decode_id_token(self, app: SocialApp, id_token: str) -> dict[str, Any]:
        """Return what the token says; raises `OAuth2Error` (OpenID Connect Core 3.1.3.7)."""
        claims: dict[str, Any] = jwtkit.verify_and_decode(
            credential=id_token,
            keys_url=self.openid_config["jwks_uri"],
            issuer=settings.OIDC_ISSUER,
            audience=app.client_id,
            lookup_kid=jwtkit.lookup_kid_jwk,
        )
        if claims["aud"] not in (app.client_id, [app.client_id]) or claims.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("The token was issued to another client.")
        if "exp" not in claims:
            raise OAuth2Error("The token never ends.")
        return claims


class OrganisationProvider(OpenIDConnectProvider):
    pkce_enabled_default = True
    oauth2_adapter_class = OrganisationOAuth2Adapter

    def redirect(self, request: HttpRequest, process: str, next_url: str | None = None, **_: Any) -> HttpResponse:
        """Send the browser to the provider, with a nonce that its answer must carry."""
        nonce = secrets.token_urlsafe(24)
        return super().redirect(request, process, next_url, auth_params={"nonce": nonce}, nonce=nonce)


class OrganisationAdapter(DefaultSocialAccountAdapter):
    """allauth's seams: the one provider is that of the settings, whatever is in the database."""

    def list_apps(self, request: HttpRequest, provider: str | None = None, client_id: str | None = None) -> list[Any]:
        return [_app()] if settings.OIDC_ISSUER else []

    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> OrganisationProvider:
        return OrganisationProvider(request, app=_app())

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return False

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> NoReturn:
        """Sign the person in, or refuse it; allauth's own ways, by linked accounts, are never gone on with."""
        raise ImmediateHttpResponse(_sign_in(request, sociallogin))

    def on_authentication_error(
        self, request: HttpRequest, *args: Any, error: object = None, exception: object = None, **kwargs: Any
    ) -> NoReturn:
        raise ImmediateHttpResponse(_fail(request, exception or error))


def where_configured(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not settings.OIDC_ISSUER:
            raise Http404
        try:
            return view(request)
        except (
            RequestException,
            OAuth2Error,
            AttributeError,
            LookupError,
            RecursionError,
            TypeError,
            ValueError,
        ) as error:  # the provider's answer is nonsense
            return _fail(request, error)

    return guarded


@require_GET
@never_cache
@where_configured
def start(request: HttpRequest) -> HttpResponse:
    """Send the browser to the organisation's provider."""
    if request.user.is_authenticated:
        return HttpResponseRedirect(get_login_redirect_url(request))
    if exceeded(f"organisation:{household_of(client_address(request))}", most=STARTS_A_MINUTE):
        raise SlowDown(SECONDS)  # each stores what the provider's answer is compared with
    return OrganisationProvider(request, app=_app()).redirect(request, "login", get_next_redirect_url(request))


@require_GET
@never_cache
@where_configured
def callback(request: HttpRequest) -> HttpResponse:
    """Take what the provider gave the browser."""
    answer: HttpResponse = OAuth2CallbackView.adapter_view(OrganisationOAuth2Adapter(request, PROVIDER_ID))(request)
    return answer


def _app() -> SocialApp:
    return SocialApp(
        provider=OpenIDConnectProvider.id,
        provider_id=PROVIDER_ID,
        name=settings.OIDC_NAME,
        client_id=settings.OIDC_CLIENT_ID,
        secret=settings.OIDC_CLIENT_SECRET,
        settings={"server_url": settings.OIDC_ISSUER.rstrip("/")},
    )


def _sign_in(request: HttpRequest, sociallogin: SocialLogin) -> HttpResponse:
    claims, user_info = (sociallogin.account.extra_data[part] for part in ("id_token", "userinfo"))
    if not constant_time_compare(str(claims.get("nonce", "")), sociallogin.state["nonce"]):
        return _fail(request, "another nonce")
    source = user_info if "email" in user_info else claims
    if source.get("email_verified") not in (True, "true"):
        return _refuse(request, UNVERIFIED)
    email = str(source.get("email", ""))
    person = User.objects.filter(email=email.lower() if email.isascii() else email, is_active=True).first()
    if person is None:
        return _refuse(request, UNKNOWN, email)
    record_authentication(request, person, BY_ORGANISATION)
    return perform_login(request, person, redirect_url=sociallogin.state.get("next"))


def _fail(request: HttpRequest, why: object) -> HttpResponse:
    """Refuse what does not hold. The log has the kind of failure alone: its text may hold what a visitor sent."""
    kind = why if isinstance(why, str) else type(why).__name__
    logger.warning("A sign-in with %s failed: %s", settings.OIDC_NAME, kind)
    return _refuse(request, FAILED)


def _refuse(request: HttpRequest, why: str, email: str = "") -> HttpResponse:
    user_login_failed.send(__name__, credentials={"email": email}, request=request)
    sentence = why.format(name=settings.OIDC_NAME)
    return render(request, "account/organisation_refused.html", {"sentence": sentence}, status=403)
