"""Where everything is."""

from django.urls import URLPattern, URLResolver, include, path

from backoffice.accounts import hand_over, organisation
from backoffice.accounts.adapter import absent, home
from backoffice.accounts.passkeys import add_passkey
from backoffice.accounts.sign_in import second_step, sign_in
from backoffice.owner_console.site import owner_console
from backoffice.public import records_page
from backoffice.public.health import healthz
from backoffice.whitelabel_console.site import whitelabel_console
from gateway.http.api import urlpatterns as api_pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("healthz", healthz, name="healthz"),
    path("dns/<str:token>/", records_page.page, name="dns_records"),
    path("dns/<str:token>/status/", records_page.status, name="dns_status"),
    path("dns/<str:token>/check/", records_page.check, name="dns_check"),
    path("accounts/email/", absent),
    path("accounts/console/<str:host>/", hand_over.leave, name="console_leave"),
    path("accounts/arrive/", hand_over.arrive, name="console_arrive"),
    path("accounts/login/", sign_in, name="account_login"),
    path("accounts/2fa/authenticate/", second_step, name="mfa_authenticate"),
    path("accounts/2fa/webauthn/add/", add_passkey, name="mfa_add_webauthn"),
    path("accounts/organisation/", organisation.start, name="organisation"),
    path("accounts/organisation/callback/", organisation.callback, name="organisation_callback"),
    path("accounts/2fa/", include("allauth.mfa.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("api/", api_pages),
    path("backoffice/", owner_console.urls),
    path("whitelabel/", whitelabel_console.urls),
]
