"""Where everything is."""

from django.urls import URLPattern, URLResolver, include, path

from backoffice.accounts.adapter import absent, home
from backoffice.owner_console.site import owner_console
from backoffice.public import records_page
from backoffice.public.health import healthz
from backoffice.public.palette import palette_css
from backoffice.whitelabel_console.site import whitelabel_console
from gateway.http.api import urlpatterns as api_pages

urlpatterns: list[URLPattern | URLResolver] = [
    path("", home, name="home"),
    path("healthz", healthz, name="healthz"),
    path("palette/<slug:brand>.css", palette_css, name="palette"),
    path("dns/<str:token>/", records_page.page, name="dns_records"),
    path("dns/<str:token>/status/", records_page.status, name="dns_status"),
    path("dns/<str:token>/check/", records_page.check, name="dns_check"),
    path("accounts/email/", absent),
    path("accounts/", include("allauth.urls")),
    path("api/", api_pages),
    path("backoffice/", owner_console.urls),
    path("whitelabel/", whitelabel_console.urls),
]
