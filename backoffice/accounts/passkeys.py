"""Passkeys (WebAuthn): made for the host of SITE_URL, always with user verification, so that each is both factors."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter, get_adapter
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.forms import (
    AddWebAuthnForm,
    AuthenticateWebAuthnForm,
    EditWebAuthnForm,
    LoginWebAuthnForm,
    ReauthenticateWebAuthnForm,
)
from allauth.mfa.webauthn.internal import auth
from allauth.mfa.webauthn.views import AddWebAuthnView, edit_webauthn, remove_webauthn
from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from fido2.utils import websafe_decode
from fido2.webauthn import CollectedClientData

from phrases.names import one_line

NAME_CHARS = 60
UNREADABLE = (AttributeError, KeyError, RecursionError, TypeError, ValueError)  # what parsing nonsense raises


class FactorAdapter(DefaultMFAAdapter):
    """What allauth asks about second factors."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": "This code is not right. Type the one that your app shows now.",
        "incorrect_passkey": "This passkey is not known here any more. Choose another way.",
    }

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": urlsplit(settings.SITE_URL).hostname or "", "name": settings.MFA_TOTP_ISSUER}

    def generate_authenticator_name(self, user: Any, type: Any) -> str:  # noqa: A002
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return "Passkey" if number == 1 else f"Passkey {number}"


def can_be_used(request: HttpRequest) -> bool:
    """Return whether a browser that is here would find the passkeys of the site."""
    return request.get_host() == urlsplit(settings.SITE_URL).netloc


def _name_field() -> forms.CharField:
    return forms.CharField(
        label="Name",
        max_length=NAME_CHARS,
        validators=[one_line],
        help_text="So that you know it again, such as the device that keeps it.",
    )


class CredentialField(forms.JSONField):
    """What a browser answers; JSON that is nested too deep or has too large a number is no answer either."""

    widget = forms.HiddenInput

    def to_python(self, value: Any) -> Any:
        try:
            return super().to_python(value)
        except UNREADABLE as error:
            raise get_adapter().validation_error("incorrect_passkey") from error

    def bound_data(self, data: Any, initial: Any) -> Any:
        """Show nothing of it again: the browser answers another question next time."""
        return None


class AddPasskeyForm(AddWebAuthnForm):
    name = _name_field()
    credential = CredentialField()
    passwordless = forms.BooleanField(widget=forms.HiddenInput, required=False)

    def clean_passwordless(self) -> bool:
        return True

    def clean_credential(self) -> Any:
        _refuse_of_other_sites(self.cleaned_data["credential"])
        return self.cleaned_data["credential"]

    def clean(self) -> dict[str, Any]:
        try:
            return super().clean()
        except UNREADABLE as error:
            raise get_adapter().validation_error("incorrect_passkey") from error


class RenamePasskeyForm(EditWebAuthnForm):
    name = _name_field()


class OfThisSiteMixin(forms.Form):
    """Take no answer that a browser gave to another origin: an RP ID alone lets every subdomain in."""

    credential = CredentialField()

    def clean_credential(self) -> Authenticator:
        _refuse_of_other_sites(self.cleaned_data["credential"])
        try:
            return super().clean_credential()  # type: ignore[misc]
        except (forms.ValidationError, *UNREADABLE) as error:
            raise get_adapter().validation_error("incorrect_passkey") from error


class PasskeyAsSecondFactorForm(OfThisSiteMixin, AuthenticateWebAuthnForm):
    pass


class SignInByPasskeyForm(OfThisSiteMixin, LoginWebAuthnForm):
    pass


class PasskeyAgainForm(OfThisSiteMixin, ReauthenticateWebAuthnForm):
    pass


class AddPasskeyView(AddWebAuthnView):
    """As allauth's, but it asks the browser for nothing less than a passkey."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        options = auth.begin_registration(self.request.user, passwordless=True)
        return super(AddWebAuthnView, self).get_context_data(**kwargs) | {"js_data": {"creation_options": options}}


add_passkey = AddPasskeyView.as_view()


def of_ones_own(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
    """Let `view` be about a passkey of the person's own; another one is as absent, before anything else is asked."""

    @wraps(view)
    def guarded(request: HttpRequest, pk: int) -> HttpResponse:
        get_object_or_404(Authenticator, pk=pk, user=request.user, type=Authenticator.Type.WEBAUTHN)
        return view(request, pk=pk)

    return guarded


rename_passkey, remove_passkey = of_ones_own(edit_webauthn), of_ones_own(remove_webauthn)


def _refuse_of_other_sites(credential: object) -> None:
    """Raise `ValidationError` unless the browser signed this site's origin into its answer."""
    try:
        origin = CollectedClientData(websafe_decode(credential["response"]["clientDataJSON"])).origin  # type: ignore[index]
    except UNREADABLE as error:
        raise get_adapter().validation_error("incorrect_passkey") from error
    if origin != settings.SITE_URL:
        raise forms.ValidationError("This passkey was used on another site.")
