"""Where the pages of the sign-in and of one's account are: ours, then allauth's."""

from allauth.mfa.webauthn import views as webauthn
from django.urls import include, path, re_path
from django.views.generic import RedirectView

from backoffice.accounts import hand_over, organisation
from backoffice.accounts.passkeys import add_passkey, remove_passkey, rename_passkey
from backoffice.accounts.sign_in import second_step, sign_in
from backoffice.profile import password_links

to_factors = RedirectView.as_view(pattern_name="mfa_index")

urlpatterns = [
    path("console/<str:host>/", hand_over.leave, name="console_leave"),
    path("arrive/", hand_over.arrive, name="console_arrive"),
    path("organisation/", organisation.start, name="organisation"),
    path("organisation/callback/", organisation.callback, name="organisation_callback"),
    path("login/", sign_in, name="account_login"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        password_links.choose,
        name="account_reset_password_from_key",
    ),
    path("2fa/authenticate/", second_step, name="mfa_authenticate"),
    path("2fa/webauthn/", to_factors, name="mfa_list_webauthn"),
    path("2fa/webauthn/add/", add_passkey, name="mfa_add_webauthn"),
    path("2fa/webauthn/login/", webauthn.login_webauthn, name="mfa_login_webauthn"),
    path("2fa/webauthn/reauthenticate/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    path("2fa/webauthn/keys/<int:pk>/edit/", rename_passkey, name="mfa_edit_webauthn"),
    path("2fa/webauthn/keys/<int:pk>/remove/", remove_passkey, name="mfa_remove_webauthn"),
    path("2fa/totp/", include("allauth.mfa.totp.urls")),
    path("2fa/recovery-codes/", include("allauth.mfa.recovery_codes.urls")),
    path("2fa/", include("allauth.mfa.base.urls")),
    path("", include("allauth.account.urls")),
]
