"""Changing the key that stored secrets are sealed with."""

from io import StringIO

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value, yield_hotp_counters_from_time
from django.conf import LazySettings
from django.core.management import CommandError, call_command
from django.test import Client

from gateway.keys.authentication import authenticate
from people.models import AuditEntry, User
from smtp_settings import rotation
from smtp_settings.choices import Auth
from smtp_settings.models import AccessToken, Credential, SmtpServer
from smtp_settings.models.oauth import Tokens
from smtp_settings.oauth.tokens import binding_of
from smtp_settings.sealing import sealed_with_newest_key
from testing.factories import make_application, make_key, make_key_and_secret, make_server
from whitelabel.models import WhiteLabel

OLD, NEW = b"o" * 32, b"n" * 32
TOTP_SECRET = "JBSWY3DPEHPK3PXP"

pytestmark = pytest.mark.django_db


def rotate() -> None:
    call_command("rotate_secrets", stdout=StringIO(), stderr=StringIO())


def test_every_secret_opens_with_the_new_key_alone_afterwards(settings: LazySettings) -> None:
    settings.SECRETS_KEYS = [OLD]
    server = make_server(secret="hunter2")
    settings.SECRETS_KEYS = [NEW, OLD]
    rotate()
    rotate()
    settings.SECRETS_KEYS = [NEW]
    server.refresh_from_db()
    assert server.open_secret() == "hunter2"
    assert sealed_with_newest_key(server.sealed_secret)


def test_a_secret_that_no_key_opens_is_named_and_left_alone(settings: LazySettings) -> None:
    settings.SECRETS_KEYS = [OLD]
    server = make_server(secret="hunter2", host="lost.example.com")
    kept = server.sealed_secret
    settings.SECRETS_KEYS = [NEW]
    said = StringIO()
    with pytest.raises(CommandError, match="1 could not be opened"):
        call_command("rotate_secrets", stderr=said)
    server.refresh_from_db()
    assert server.sealed_secret == kept
    assert "lost.example.com" in said.getvalue()


def test_each_run_is_in_the_audit_log_with_what_came_of_it(settings: LazySettings, client: Client, owner: User) -> None:
    settings.SECRETS_KEYS = [OLD]
    make_server(secret="hunter2", host="lost.example.com")
    rotate()
    settings.SECRETS_KEYS = [NEW]
    with pytest.raises(CommandError):
        rotate()
    failed, passed = AuditEntry.objects.filter(act="secrets.rotate", who="manage.py rotate_secrets")
    assert str(passed.detail) == "Every stored secret is sealed with the newest key."
    assert str(failed.detail).startswith("1 stored secret could not be opened;")
    client.force_login(owner)
    assert f"<div>{failed.detail}</div>" in client.get("/backoffice/audit/").content.decode()


def test_more_than_one_batch_is_sealed_and_what_is_lost_stops_nothing(
    settings: LazySettings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rotation, "BATCH_ROWS", 2)
    settings.SECRETS_KEYS = [OLD]
    servers = [make_server(secret=f"secret {number}") for number in range(5)]
    SmtpServer.objects.filter(pk=servers[2].pk).update(username="edited")
    settings.SECRETS_KEYS = [NEW, OLD]
    assert len(list(rotation.rotate(rotation.SECRETS))) == 1
    settings.SECRETS_KEYS = [NEW]
    opened = [SmtpServer.objects.get(pk=server.pk).open_secret() for server in servers if server is not servers[2]]
    assert opened == ["secret 0", "secret 1", "secret 3", "secret 4"]


def test_it_goes_on_after_an_interruption(settings: LazySettings) -> None:
    settings.SECRETS_KEYS = [OLD]
    servers = [make_server(secret="hunter2") for _ in range(3)]
    settings.SECRETS_KEYS = [NEW, OLD]
    rotation.SECRETS[0].reseal(servers[1])
    rotate()
    settings.SECRETS_KEYS = [NEW]
    assert [SmtpServer.objects.get(pk=server.pk).open_secret() for server in servers] == ["hunter2"] * 3


def test_a_second_factor_is_kept_sealed_and_survives_another_key(settings: LazySettings, alice: User) -> None:
    settings.SECRETS_KEYS = [OLD]
    TOTP.activate(alice, TOTP_SECRET)
    codes = RecoveryCodes.activate(alice).get_unused_codes()
    assert TOTP_SECRET not in str(list(Authenticator.objects.values_list("data", flat=True)))
    settings.SECRETS_KEYS = [NEW, OLD]
    rotate()
    settings.SECRETS_KEYS = [NEW]
    assert factor(alice, "totp").wrap().validate_code(code_now(TOTP_SECRET))
    assert factor(alice, "recovery_codes").wrap().get_unused_codes() == codes


def test_a_factor_that_no_key_opens_is_named_and_left_alone(settings: LazySettings, alice: User) -> None:
    settings.SECRETS_KEYS = [OLD]
    TOTP.activate(alice, TOTP_SECRET)
    kept = Authenticator.objects.values_list("data", flat=True).get()
    settings.SECRETS_KEYS = [NEW]
    said = StringIO()
    with pytest.raises(CommandError, match="1 could not be opened"):
        call_command("rotate_secrets", stderr=said)
    assert "No key opens a second factor of person" in said.getvalue()
    assert Authenticator.objects.values_list("data", flat=True).get() == kept


def test_the_tokens_of_a_server_go_with_its_secret(settings: LazySettings) -> None:
    settings.SECRETS_KEYS = [OLD]
    credential = Credential(client_secret="c", refresh_token="first")
    server = make_server(secret=credential.pack(), auth=Auth.XOAUTH2)
    token = AccessToken.of(credential)
    token.take_lease()
    token.store(Tokens("access", "renewed"), seconds=3600, binding=binding_of(server))
    settings.SECRETS_KEYS = [NEW, OLD]
    rotate()
    settings.SECRETS_KEYS = [NEW]
    assert AccessToken.of(credential).open(binding_of(server)) == Tokens("access", "renewed")


def test_keys_open_with_the_new_key_alone_afterwards(settings: LazySettings, alice: User, acme: WhiteLabel) -> None:
    settings.SECRETS_KEYS = [OLD]
    key, secret = make_key_and_secret(make_application(alice, acme), alice)
    revoked = make_key(key.application, alice, name="Revoked")
    revoked.revoke(by=alice)
    settings.SECRETS_KEYS = [NEW, OLD]
    rotate()
    settings.SECRETS_KEYS = [NEW]
    assert authenticate(secret, "203.0.113.7") == key


def factor(person: User, kind: str) -> Authenticator:
    return Authenticator.objects.get(user=person, type=kind)


def code_now(secret: str) -> str:
    return format_hotp_value(hotp_value(secret, next(yield_hotp_counters_from_time())))
