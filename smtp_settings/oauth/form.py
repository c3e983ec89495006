"""The part of the SMTP form that says where tokens come from. The client secret is write-only, like the password."""

from dataclasses import replace
from typing import Any

from django import forms
from unfold.widgets import INPUT_CLASSES, UnfoldAdminPasswordWidget, UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from smtp_settings import sealing
from smtp_settings.choices import Auth
from smtp_settings.models import Credential
from smtp_settings.oauth.sign_in import unseal
from smtp_settings.oauth.sources import ANY_DIRECTORY, DIRECTORY, SOURCES, Source, is_endpoint
from smtp_settings.scope import Scope

FIELDS = [
    "token_source",
    "directory",
    "client_id",
    "client_secret_expires_on",
    "authorization_endpoint",
    "token_endpoint",
    "oauth_scope",
]
TEXTS = [name for name in FIELDS if name not in ("token_source", "client_secret_expires_on")]
DESTINATION = ("token_source", "directory", "authorization_endpoint", "token_endpoint", "client_id", "oauth_scope")
NO_AUTOFILL = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
NOT_AN_ENDPOINT = "Type an address that begins with https://, as the provider's instructions give it."


def address_widget() -> forms.Widget:
    return UnfoldAdminTextInputWidget(attrs={**NO_AUTOFILL, "inputmode": "url", "placeholder": "https://"})


WIDGETS: dict[str, forms.Widget] = {
    "token_source": UnfoldAdminSelectWidget(),
    "directory": UnfoldAdminTextInputWidget(attrs=NO_AUTOFILL),
    "client_id": UnfoldAdminTextInputWidget(attrs=NO_AUTOFILL),
    "client_secret_expires_on": forms.DateInput(
        format="%Y-%m-%d", attrs={"type": "date", "class": " ".join(INPUT_CLASSES)}
    ),
    "authorization_endpoint": address_widget(),
    "token_endpoint": address_widget(),
    "oauth_scope": UnfoldAdminTextInputWidget(attrs=NO_AUTOFILL),
}
HELP = {
    "directory": "The directory (tenant) ID of the app registration. A person's sign-in may leave it empty.",
    "client_secret_expires_on": "If you type it, you are reminded 30, 7 and 1 days before.",
}


MISSING = {
    "username": "Type the address of the mailbox that is signed in to.",
    "client_id": "Type the client ID of the application that is registered at the provider.",
    "directory": "Type the directory (tenant) ID of the app registration.",
    "token_endpoint": NOT_AN_ENDPOINT,
    "authorization_endpoint": NOT_AN_ENDPOINT,
}


class OAuthForm(forms.Form):
    """Mixed into the form of an SMTP server; `credential` is what was typed, signed in for, or is stored."""

    client_secret = forms.CharField(
        required=False,
        strip=True,
        max_length=1000,
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )
    scope: Scope
    draft: bool
    signing_in = False
    credential: Credential | None = None
    newly_signed_in = False

    def describe_client_secret(self) -> None:
        stored = self.scope.server
        has_one = stored is not None and stored.has_secret and stored.auth == Auth.XOAUTH2
        about = "One is stored. Leave this empty to keep it; it is never shown." if has_one else "None is stored yet."
        if self.scope.sign_in:
            about = "The one that was signed in with is kept until you save."
        self.fields["client_secret"].help_text = about

    def clean_oauth(self, values: dict[str, Any]) -> None:
        """Fill in what the provider determines, and say at its field what is missing."""
        if "client_secret_expires_on" in self.changed_data:
            self.instance.expiry_notified = None  # type: ignore[attr-defined]
        if values.get("auth") != Auth.XOAUTH2:
            values.update(dict.fromkeys(FIELDS, ""), client_secret="", client_secret_expires_on=None)
            return
        values["password"] = ""
        source = SOURCES.get(values.get("token_source") or "")
        if source is None:
            self._demand("token_source", "Choose where the tokens come from.")
            return
        self._fill_in(source, values)
        self.credential = self._find_credential(source, values)
        self._demand_all(source, values)

    def _fill_in(self, source: Source, values: dict[str, Any]) -> None:
        if not source.directory:
            values["directory"] = ""
        elif values.get("directory") or source.signs_in:
            values["directory"] = values.get("directory") or ANY_DIRECTORY
        if not source.typed:
            directory = values.get("directory") or ""
            values["authorization_endpoint"] = source.authorization_endpoint.format(directory=directory)
            values["token_endpoint"] = source.token_endpoint.format(directory=directory)
            values["oauth_scope"] = source.scope
        elif not source.signs_in:
            values["authorization_endpoint"] = ""

    def _find_credential(self, source: Source, values: dict[str, Any]) -> Credential | None:
        """A refresh token stays when only the client secret is renewed."""
        signed_in = self._signed_in(values) if source.signs_in else None
        self.newly_signed_in = signed_in is not None
        credential, client_secret = signed_in or self._stored(values), values.get("client_secret")
        if not client_secret:
            return credential
        if credential and source.signs_in:
            return replace(credential, client_secret=client_secret)
        return Credential(client_secret)

    def _signed_in(self, values: dict[str, Any]) -> Credential | None:
        """Return what somebody has just signed in for, where it is for the values typed now."""
        server = self.scope.candidate()
        for name in ("host", "port", "security", "auth", "username", *DESTINATION):
            setattr(server, name, values.get(name) or "")
        return unseal(self.scope.sign_in, server)

    def _stored(self, values: dict[str, Any]) -> Credential | None:
        stored = self.scope.server
        if stored is None or not stored.has_secret or self.goes_elsewhere(values):
            return None
        try:
            return Credential.unpack(stored.open_secret())
        except sealing.CannotOpen:
            return None

    def goes_elsewhere(self, values: dict[str, Any]) -> bool:
        raise NotImplementedError

    def _demand_all(self, source: Source, values: dict[str, Any]) -> None:
        required = ["username", "client_id", *(["directory"] if source.directory else [])]
        if source.typed:
            required += ["token_endpoint", *(["authorization_endpoint"] if source.signs_in else [])]
        missing = [name for name in required if not values.get(name)]
        for name in missing:
            self._demand(name, MISSING[name])
        if "directory" not in missing and source.directory and not DIRECTORY.fullmatch(values.get("directory") or ""):
            self.add_error("directory", "Type the ID of the directory, such as 0a1b2c3d-…, or its domain.")
        for name in ("token_endpoint", "authorization_endpoint"):
            if values.get(name) and not is_endpoint(values[name]):
                self.add_error(name, NOT_AN_ENDPOINT)
        if self.credential is None:
            self._demand("client_secret", self._missing_client_secret())
        elif source.signs_in and not self.credential.refresh_token and not self.signing_in:
            self._demand(
                "token_source", f"Nobody has signed in at {source.name} for these values yet: press “Sign in”."
            )

    def _missing_client_secret(self) -> str:
        stored = self.scope.server
        if stored is None or not stored.has_secret or stored.auth != Auth.XOAUTH2:
            return "Type the client secret of the application."
        return "Type the client secret again: it was stored for another server, provider or client ID."

    def _demand(self, name: str, sentence: str) -> None:
        """A draft may lack what only a check needs."""
        if not self.draft and name not in self.errors:
            self.add_error(name, sentence)
