"""What may be typed where an SMTP server is signed in to by OAuth 2.0, and what becomes of the secrets."""

from datetime import date
from typing import Any

import pytest

from smtp_settings.forms import SmtpServerForm
from smtp_settings.models import Credential, SmtpServer
from smtp_settings.oauth import sign_in
from smtp_settings.scope import Scope
from whitelabel.own_server import WhiteLabelScope

pytestmark = pytest.mark.django_db
SERVER = {
    "host": "smtp.office365.com",
    "port": "587",
    "security": "STARTTLS",
    "auth": "XOAUTH2",
    "username": "mail@acme.example",
    "sender_name": "Acme",
    "sender_address": "mail@acme.example",
    "client_id": "client-1",
    "client_secret": "canary-881",
}
APPLICATION = SERVER | {"token_source": "MICROSOFT_APPLICATION", "directory": "acme.example"}
GOOGLE = SERVER | {"token_source": "GOOGLE_SIGN_IN"}
OTHER = SERVER | {
    "token_source": "OTHER_APPLICATION",
    "token_endpoint": "https://login.example/token",
    "oauth_scope": "mail",
}


def scope(server: SmtpServer | None = None, signed_in: str = "") -> Scope:
    return WhiteLabelScope(key="white-label:1", server=server, in_use=True, sign_in=signed_in)


def form(values: dict[str, str], server: SmtpServer | None = None, signed_in: str = "", **how: Any) -> SmtpServerForm:
    return SmtpServerForm(values, scope=scope(server, signed_in), **how)


def stored(values: dict[str, str], credential: Credential) -> SmtpServer:
    filled = form(values, signing_in=True)
    assert filled.is_valid(), filled.errors
    server = filled.instance
    server.seal_secret(credential.pack())
    server.save()
    return server


def signed_in(values: dict[str, str]) -> str:
    filled = form(values, signing_in=True)
    assert filled.is_valid(), filled.errors
    return sign_in.seal(filled.instance, Credential("canary-881", "refresh-1"))


def test_microsofts_endpoints_are_filled_in() -> None:
    filled = form(APPLICATION)
    assert filled.is_valid()
    assert filled.instance.token_endpoint == "https://login.microsoftonline.com/acme.example/oauth2/v2.0/token"
    assert filled.instance.oauth_scope == "https://outlook.office.com/.default"
    assert Credential.unpack(filled.secret).client_secret == "canary-881"


def test_what_was_typed_for_a_password_is_forgotten() -> None:
    filled = form(APPLICATION | {"password": "x"})
    assert filled.is_valid()
    assert filled.cleaned_data["password"] == ""


def test_without_oauth_nothing_of_it_is_kept() -> None:
    filled = form(APPLICATION | {"auth": "PASSWORD", "password": "x", "client_secret_expires_on": "2030-01-01"})
    assert filled.is_valid()
    assert (filled.instance.client_id, filled.instance.token_endpoint, filled.secret) == ("", "", "x")
    assert filled.instance.client_secret_expires_on is None


@pytest.mark.parametrize(
    ("values", "name", "value"),
    [
        (APPLICATION, "token_source", ""),
        (APPLICATION, "directory", ""),
        (APPLICATION, "directory", "acme/../x"),
        (APPLICATION, "client_id", ""),
        (APPLICATION, "client_id", "a\x00b"),
        (APPLICATION, "client_secret", ""),
        (APPLICATION, "client_secret", "a\u2028b"),
        (APPLICATION, "client_secret_expires_on", "soon"),
        (APPLICATION, "username", ""),
        (OTHER, "token_endpoint", ""),
        (OTHER, "token_endpoint", "http://login.example/token"),
        (OTHER, "token_endpoint", "https://user:word@login.example/"),
        (OTHER, "token_endpoint", "https://login.example:0/"),
        (OTHER, "token_endpoint", "https://login.example/a b"),
        (OTHER, "token_endpoint", "file:///etc/passwd"),
        (OTHER | {"token_source": "OTHER_SIGN_IN"}, "authorization_endpoint", ""),
    ],
)
def test_what_is_wrong_is_said_at_its_field(values: dict[str, str], name: str, value: str) -> None:
    wrong = form(values | {name: value}, signing_in=True)
    assert list(wrong.errors) == [name]
    assert form(values | {name: value}, draft=True).is_valid() == (value == "")


def test_a_sign_in_is_asked_for() -> None:
    missing = form(GOOGLE)
    assert "press “Sign in”" in missing.errors["token_source"][0]
    assert form(GOOGLE, signed_in=signed_in(GOOGLE)).is_valid()


def test_what_somebody_signed_in_for_is_used_for_these_very_values_only() -> None:
    sealed = signed_in(GOOGLE)
    filled = form(GOOGLE | {"client_secret": ""}, signed_in=sealed)
    assert filled.is_valid()
    assert Credential.unpack(filled.secret).refresh_token == "refresh-1"
    assert filled.needs_check
    for change in ({"username": "other@acme.example"}, {"client_id": "client-2"}, {"host": "evil.example"}):
        assert not form(GOOGLE | change, signed_in=sealed).is_valid()


def test_blank_keeps_the_stored_secret() -> None:
    server = stored(APPLICATION, Credential("kept-1"))
    unchanged = form(APPLICATION | {"client_secret": ""}, server)
    assert unchanged.is_valid()
    assert Credential.unpack(unchanged.secret).client_secret == "kept-1"


def test_a_new_client_secret_keeps_the_sign_in() -> None:
    credential = Credential("kept-1", "refresh-1")
    renewed = form(GOOGLE, stored(GOOGLE, credential))
    assert renewed.is_valid()
    assert Credential.unpack(renewed.secret) == Credential("canary-881", "refresh-1", credential.id)


@pytest.mark.parametrize(
    "change",
    [
        {"host": "evil.example"},
        {"port": "465"},
        {"username": "other"},
        {"client_id": "client-2"},
        {"directory": "evil.example"},
        {"token_source": "OTHER_APPLICATION", "token_endpoint": "https://evil.example/"},
    ],
)
def test_a_stored_secret_does_not_follow_elsewhere(change: dict[str, str]) -> None:
    moved = form(APPLICATION | {"client_secret": ""} | change, stored(APPLICATION, Credential("kept-1")))
    assert "Type the client secret again" in moved.errors["client_secret"][0]
    draft = form(APPLICATION | {"client_secret": ""} | change, moved.scope.server, draft=True)
    assert draft.is_valid()
    assert draft.secret == ""


def test_secrets_are_never_rendered() -> None:
    server = stored(GOOGLE, Credential("kept-1", "refresh-1"))
    for bound in (form(GOOGLE | {"host": ""}, server), SmtpServerForm(scope=scope(server, signed_in(GOOGLE)))):
        html = bound.as_div()
        assert 'type="password"' in html
        assert not any(secret in html for secret in ("canary-881", "kept-1", "refresh-1"))


def test_a_new_date_is_told_again() -> None:
    server = stored(APPLICATION, Credential("kept-1"))
    server.expiry_notified = 7
    changed = form(APPLICATION | {"client_secret_expires_on": "2030-01-01"}, server)
    assert changed.is_valid()
    assert (changed.instance.client_secret_expires_on, changed.instance.expiry_notified) == (date(2030, 1, 1), None)


def test_a_secret_cannot_be_opened_for_another_token_endpoint() -> None:
    server = stored(OTHER, Credential("kept-1"))
    SmtpServer.objects.update(token_endpoint="https://evil.example/token")
    server.refresh_from_db()
    edited = OTHER | {"client_secret": "", "token_endpoint": "https://evil.example/token"}
    assert "Type the client secret" in form(edited, server).errors["client_secret"][0]
