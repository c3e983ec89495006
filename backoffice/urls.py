"""Where everything is."""

from django.contrib.auth.decorators import login_required
from django.urls import URLPattern, URLResolver, include, path
from django.views.generic import RedirectView

from backoffice.accounts.adapter import home
from backoffice.owner_console.site import owner_console
from backoffice.public import records_page
from backoffice.public.health import healthz
from backoffice.whitelabel_console.site import whitelabel_console
from gateway.http.api import urlpatterns as api_pages

to_profile = login_required(RedirectView.as_view(pattern_name="profile"))  # in place of pages that allauth has for it

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("healthz", healthz, name="healthz"),
    path("dns/<str:token>/", records_page.page, name="dns_records"),
    path("dns/<str:token>/status/", records_page.status, name="dns_status"),
    path("dns/<str:token>/check/", records_page.check, name="dns_check"),
    path("accounts/profile/", include("backoffice.profile.urls")),
    path("accounts/email/", to_profile),
    path("accounts/sessions/", to_profile),
    path("accounts/", include("allauth.urls")),
    path("api/", api_pages),
    path("backoffice/", owner_console.urls),
    path("whitelabel/", whitelabel_console.urls),
]
