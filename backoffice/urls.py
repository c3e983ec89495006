"""Where everything is, and for whom what stands outside the consoles is: each of these has a name here.

The consoles' pages say themselves which right they need, the calls of the API which scope.
"""

from django.urls import URLPattern, URLResolver, include, path

from backoffice.accounts.adapter import home
from backoffice.owner_console.site import owner_console
from backoffice.public import records_page
from backoffice.public.health import healthz
from backoffice.public.palette import palette_css
from backoffice.whitelabel_console.site import whitelabel_console
from gateway.http.api import urlpatterns as api_pages
from people.access import Audience, declare

AUDIENCES: dict[str, Audience] = {
    "home": Audience.SIGNED_IN,
    "healthz": Audience.ANYBODY,
    "palette": Audience.ANYBODY,
    "dns_records": Audience.ANYBODY,  # whoever holds the link
    "dns_status": Audience.ANYBODY,
    "dns_check": Audience.ANYBODY,
    "account_login": Audience.ANYBODY,
    "account_logout": Audience.ANYBODY,
    "account_inactive": Audience.ANYBODY,
    "account_signup": Audience.ANYBODY,  # it says that it is closed
    "account_reauthenticate": Audience.SIGNED_IN,
    "account_email": Audience.NOBODY,  # in the profile
    "profile": Audience.SIGNED_IN,
    "profile_name": Audience.SIGNED_IN,
    "profile_locale": Audience.SIGNED_IN,
    "profile_notices": Audience.SIGNED_IN,
    "profile_email": Audience.SIGNED_IN,
    "profile_email_cancel": Audience.SIGNED_IN,
    "profile_email_confirm": Audience.ANYBODY,  # whoever holds the link
    "profile_email_link": Audience.ANYBODY,
    "profile_sessions_end": Audience.SIGNED_IN,
    "profile_session_end": Audience.SIGNED_IN,
    "account_email_verification_sent": Audience.NOBODY,  # an invitation proves the address
    "account_confirm_email": Audience.NOBODY,
    "account_change_password": Audience.SIGNED_IN,
    "account_set_password": Audience.SIGNED_IN,
    "account_reset_password": Audience.ANYBODY,
    "account_reset_password_done": Audience.ANYBODY,
    "account_reset_password_from_key": Audience.ANYBODY,
    "account_reset_password_from_key_done": Audience.ANYBODY,
    "account_confirm_login_code": Audience.ANYBODY,
    **dict.fromkeys(("memberships", "membership_leave", "invitation_accept", "invitation_decline"), Audience.SIGNED_IN),
    "mfa_index": Audience.SIGNED_IN,
    "mfa_authenticate": Audience.ANYBODY,  # in the middle of a sign-in
    "mfa_reauthenticate": Audience.SIGNED_IN,
    "mfa_activate_totp": Audience.SIGNED_IN,
    "mfa_deactivate_totp": Audience.SIGNED_IN,
    "mfa_view_recovery_codes": Audience.SIGNED_IN,
    "mfa_generate_recovery_codes": Audience.SIGNED_IN,
    "mfa_download_recovery_codes": Audience.SIGNED_IN,
    "mfa_list_webauthn": Audience.SIGNED_IN,
    "mfa_add_webauthn": Audience.SIGNED_IN,
    "mfa_edit_webauthn": Audience.SIGNED_IN,
    "mfa_remove_webauthn": Audience.SIGNED_IN,
    "mfa_reauthenticate_webauthn": Audience.SIGNED_IN,
    "mfa_login_webauthn": Audience.ANYBODY,
    "organisation": Audience.ANYBODY,  # where the settings name a provider
    "organisation_callback": Audience.ANYBODY,
    "console_leave": Audience.ANYBODY,  # it has them sign in
    "console_arrive": Audience.ANYBODY,  # whoever holds a code
}


def declared(pages: list[URLPattern | URLResolver]) -> list[URLPattern | URLResolver]:
    """Return `pages`, each of which is for whom the table says; what is not in it is shut."""
    for page in pages:
        if isinstance(page, URLResolver):
            declared(page.url_patterns)
        elif page.name in AUDIENCES:
            declare(page.callback, AUDIENCES[page.name])
    return pages


urlpatterns: list[URLPattern | URLResolver] = [
    *declared(
        [
            path("", home, name="home"),
            path("healthz", healthz, name="healthz"),
            path("palette/<slug:brand>.css", palette_css, name="palette"),
            path("dns/<str:token>/", records_page.page, name="dns_records"),
            path("dns/<str:token>/status/", records_page.status, name="dns_status"),
            path("dns/<str:token>/check/", records_page.check, name="dns_check"),
            path("accounts/profile/", include("backoffice.profile.urls")),
            path("accounts/white-labels/", include("backoffice.memberships.urls")),
            path("accounts/", include("backoffice.accounts.urls")),
        ]
    ),
    path("api/", api_pages),
    path("backoffice/", owner_console.urls),
    path("whitelabel/", whitelabel_console.urls),
]
