"""The form of an SMTP server: the same for the platform and for white-labels. Needs no network to be valid."""

import unicodedata
from typing import Any

import idna
from django import forms
from django.core.exceptions import ValidationError
from unfold.widgets import (
    UnfoldAdminEmailInputWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanSwitchWidget,
)

from smtp_settings import pasted, sealing
from smtp_settings.choices import Auth, Policy, Security, State
from smtp_settings.models import Communication, SmtpServer
from smtp_settings.network import address_policy
from smtp_settings.oauth import form as oauth
from smtp_settings.providers import lookup
from smtp_settings.scope import Scope

SEALED_FOR = ("host", "port", "security", "auth", "username", *oauth.DESTINATION)
PASTED = ("host", "username", "password", "sender_address", "client_secret", *oauth.TEXTS)
NO_AUTOFILL = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}
SECRET_MAX_CHARS = 1000
MOST_CONNECTIONS = 100
MOST_A_MINUTE = 1_000_000
LIMITS = ("max_connections", "messages_per_minute")
IF_SURE = {
    "username": "If you are sure, press the button once more.",
    "password": "If you are sure, type it once more and press the button again.",
}


def refuse_control_characters(text: str) -> None:
    """Refuse what could end a line or a command somewhere on the way: Cc, and the separators U+2028 and U+2029."""
    if any(unicodedata.category(character) in ("Cc", "Zl", "Zp") for character in text):
        raise ValidationError("This contains a line break or another invisible character: type it again.")


class LimitField(forms.IntegerField):
    """A number that stays as it is where nothing is typed."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(required=False, widget=UnfoldAdminIntegerFieldWidget, **kwargs)

    def has_changed(self, initial: Any, data: Any) -> bool:
        return data not in self.empty_values and super().has_changed(initial, data)


class SmtpServerForm(oauth.OAuthForm, forms.ModelForm):  # type: ignore[type-arg]
    """Edits a copy of the server of `scope`. With `draft`, what only a check needs may be missing.

    With `signing_in`, nobody needs to have signed in at a provider yet. `remarks` say what was cleaned.
    """

    switched_on = forms.BooleanField(required=False, widget=UnfoldBooleanSwitchWidget)
    password = forms.CharField(
        required=False,
        strip=False,
        max_length=SECRET_MAX_CHARS,
        validators=[refuse_control_characters],
        widget=UnfoldAdminPasswordWidget(attrs={"autocomplete": "new-password"}),
    )
    max_connections = LimitField(label="Connections at once, at most", min_value=1, max_value=MOST_CONNECTIONS)
    messages_per_minute = LimitField(
        label="Messages a minute, at most",
        min_value=0,
        max_value=MOST_A_MINUTE,
        help_text="0 means no limit; over it mail waits.",
    )

    class Meta:
        model = SmtpServer
        fields = [
            "host",
            "port",
            "security",
            "auth",
            "username",
            "sender_name",
            "sender_address",
            *LIMITS,
            *oauth.FIELDS,
        ]
        widgets = oauth.WIDGETS | {
            "host": UnfoldAdminTextInputWidget(attrs={**NO_AUTOFILL, "placeholder": "smtp.example.com"}),
            "port": UnfoldAdminIntegerFieldWidget(attrs={"min": 1, "max": 65535}),
            "security": UnfoldAdminSelectWidget,
            "auth": UnfoldAdminSelectWidget,
            "username": UnfoldAdminTextInputWidget(attrs=NO_AUTOFILL),
            "sender_name": UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
            "sender_address": UnfoldAdminEmailInputWidget(attrs={"autocomplete": "off"}),
        }
        help_texts = oauth.HELP | {"host": ""}
        error_messages = {
            "host": {"required": "Type the host name of the server, such as smtp.example.com."},
            "port": {"required": "Type the port, usually 587."},
            "sender_address": {"required": "Type the address that mail leaves from."},
            "security": {"invalid_choice": "Choose STARTTLS or implicit TLS: mail is sent encrypted only."},
        }

    def __init__(
        self, data: Any = None, *, scope: Scope, draft: bool = False, signing_in: bool = False, **kwargs: Any
    ) -> None:
        self.remarks: list[str] = []
        if data is not None:
            data, self.remarks = pasted.clean(data, PASTED)
        super().__init__(
            data,
            instance=scope.candidate(),
            initial={"switched_on": scope.in_use, **kwargs.pop("initial", {})},
            empty_permitted=scope.server is None,
            use_required_attribute=False,
            **kwargs,
        )
        self.scope, self.draft, self.signing_in = scope, draft, signing_in
        self.insisted: list[str] = self.data.get("insisted", "").split()
        for name in ("host", "username", "sender_name", "sender_address", "client_secret", *oauth.TEXTS):
            self.fields[name].validators.append(refuse_control_characters)
        if scope.policy == Policy.WHITE_LABEL:
            encrypted = [choice for choice in Security.choices if choice[0] != Security.NONE]
            self.fields["security"].choices = encrypted  # type: ignore[attr-defined]
        self.fields["password"].help_text = self._about_the_password()
        self.describe_client_secret()

    def _about_the_password(self) -> str:
        stored = self.scope.server
        if stored and stored.has_secret and stored.auth == Auth.PASSWORD:
            return "A password is stored. Leave this empty to keep it; it is never shown."
        return "No password is stored yet."

    def clean_host(self) -> str:
        try:
            return address_policy.canonical_host(self.cleaned_data["host"], self.scope.policy)
        except address_policy.Forbidden as refused:
            raise ValidationError(refused.sentence) from refused

    def clean_sender_address(self) -> str:
        """Return the address with its domain as an A-label; characters beyond ASCII before the @ need SMTPUTF8."""
        local, _, domain = self.cleaned_data["sender_address"].rpartition("@")
        try:
            return f"{local.encode('ascii').decode()}@{idna.encode(domain, uts46=True).decode()}"
        except UnicodeError as error:
            raise ValidationError("Type an address without special characters, such as mail@example.com.") from error

    def clean(self) -> dict[str, Any]:
        values = super().clean() or self.cleaned_data
        self.clean_oauth(values)
        self._keep_limits(values)
        if values.get("auth") == Auth.NONE:
            values["username"] = values["password"] = ""
        elif (
            values.get("auth") == Auth.PASSWORD and not self.draft and not self.errors.keys() & {"username", "password"}
        ):
            self._demand_sign_in(values)
            self._give_hints(values)
        return values

    def _demand_sign_in(self, values: dict[str, Any]) -> None:
        stored = self.scope.server
        if not values["username"]:
            self.add_error("username", "Type the username of the account at the provider.")
        if values["password"]:
            return
        if not (stored and stored.has_secret):
            self.add_error("password", "Type the password of the account.")
        elif self.goes_elsewhere(values):
            self.add_error(
                "password", "Type the password again: it was stored for another host, port, encryption or username."
            )
        elif not _opens(stored):
            self.add_error("password", "The stored password cannot be opened any more: type it again.")

    def _keep_limits(self, values: dict[str, Any]) -> None:
        """Keep what was not typed, and to the number of connections that the provider names for one account."""
        for name in LIMITS:
            if values.get(name) is None:
                values[name] = getattr(self.instance, name)
        match, usual = lookup.by_host(values.get("host") or ""), SmtpServer._meta.get_field("max_connections")
        allowed = match[0].connections if match else 0
        if "host" in self.changed_data and "max_connections" not in self.changed_data:
            values["max_connections"] = allowed or usual.get_default()
        elif match and 0 < allowed < values["max_connections"]:
            self.add_error("max_connections", f"{match[0].name} allows {allowed} at once.")

    def _give_hints(self, values: dict[str, Any]) -> None:
        """Say what the shape of a new credential tells: once, or where it certainly cannot work, each time."""
        match = lookup.by_host(values.get("host") or "", values.get("sender_address") or "")
        if match is None:
            return
        for name, if_sure in IF_SURE.items():
            hint, key = match[0].hint_for(name, values[name]) if values[name] else None, f"{match[0].key}.{name}"
            if hint is None or name in self.errors or not {"host", name} & set(self.changed_data):
                continue
            if hint.blocks:
                self.add_error(name, hint.sentence)
            elif key not in self.insisted:
                self.insisted.append(key)
                self.add_error(name, f"{hint.sentence} {if_sure}")

    def goes_elsewhere(self, values: dict[str, Any]) -> bool:
        """Return whether the stored secret was given for another destination than the one typed now."""
        stored = self.scope.server
        return any((values.get(name) or "") != getattr(stored, name) for name in SEALED_FOR)

    @property
    def secret(self) -> str:
        """The secret typed, else the stored one where it was given for this very destination, else ""."""
        if self.credential:
            return self.credential.pack()
        typed: str = self.cleaned_data["password"]
        stored = self.scope.server
        if typed or stored is None or self.goes_elsewhere(self.cleaned_data):
            return typed
        return stored.open_secret() if _opens(stored) else ""

    @property
    def needs_check(self) -> bool:
        """Return whether the server is another one now, is being switched on, or has never passed a check.

        What stands beside it must be storable while a server is paused: consent to fall back, a support address.
        """
        server, changed = self.scope.server, set(self.changed_data)
        if self.newly_signed_in:
            return True
        if server is None or changed - {"switched_on"}:
            return bool(changed)
        if changed:
            return bool(self.cleaned_data["switched_on"])
        return server.state == State.DRAFT


def _opens(server: SmtpServer) -> bool:
    try:
        server.open_secret()
    except sealing.CannotOpen:
        return False
    return True


class SupportForm(forms.ModelForm):  # type: ignore[type-arg]
    """Who answers for the platform's mail."""

    class Meta:
        model = Communication
        fields = ["support_name", "support_address"]
        widgets = {
            "support_name": UnfoldAdminTextInputWidget(attrs={"autocomplete": "off"}),
            "support_address": UnfoldAdminEmailInputWidget(attrs={"autocomplete": "off"}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["support_name"].validators.append(refuse_control_characters)
