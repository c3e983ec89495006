"""Rows that somebody edits or copies in the database open nothing, and what names them leads to nobody else's."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import IntegrityError, connection, transaction

from people.models import User
from smtp_settings import sealing, tasks
from smtp_settings.checks import request
from smtp_settings.choices import Auth, Policy, TokenSource
from smtp_settings.models import AccessToken, Communication, Credential, SmtpCheck, SmtpServer
from smtp_settings.models.oauth import Tokens
from smtp_settings.oauth.tokens import binding_of
from smtp_settings.scope import PLATFORM, SECOND, load_scope
from smtp_settings.transport.session import Session, SessionFailed
from testing import factories
from testing.raw_sql import drop_constraint, edit_row
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import WhiteLabel

pytestmark = pytest.mark.django_db
CHANGES = {
    "policy": Policy.PLATFORM,
    "scope_key": "white-label:2",
    "host": "evil.example",
    "port": 2526,
    "security": "NONE",
    "auth": "PASSWORD",
    "username": "other",
    "token_source": TokenSource.OTHER_SIGN_IN,
    "directory": "evil.example",
    "client_id": "other",
    "authorization_endpoint": "https://evil.example/authorize",
    "token_endpoint": "https://evil.example/token",
    "oauth_scope": "everything",
}
NO_DESTINATION = {  # who mail is from, how much of it leaves, and what is known of the server
    *("id", "sealed_secret", "sender_name", "sender_address", "max_connections", "messages_per_minute", "state"),
    *("pause_reason", "created_at", "updated_at", "client_secret_expires_on", "expiry_notified"),
}


@pytest.fixture
def checks_wait(valkey: str) -> None:
    """Let nobody run a check but the test."""


@pytest.fixture
def all_checks_of_the_database_off() -> Iterator[None]:
    drop_constraint(SmtpServer, "smtp_default_is_not_stored")
    yield
    if connection.vendor == "sqlite":
        connection.cursor().execute("PRAGMA ignore_check_constraints = OFF")


def test_every_column_either_belongs_to_the_secret_or_sends_it_nowhere() -> None:
    assert CHANGES.keys() | NO_DESTINATION == {field.attname for field in SmtpServer._meta.concrete_fields}


@pytest.mark.parametrize("column", CHANGES)
def test_a_server_whose_row_was_edited_opens_no_secret(column: str) -> None:
    server = factories.make_server(
        Policy.WHITE_LABEL, scope_key="white-label:1", secret=Credential("c").pack(), auth=Auth.XOAUTH2
    )
    edit_row(server, **{column: CHANGES[column]})
    with pytest.raises(sealing.CannotOpen):
        SmtpServer.objects.get().open_secret()


@pytest.mark.parametrize("column", CHANGES)
def test_its_tokens_are_lost_with_it(column: str) -> None:
    credential = Credential("c")
    server = factories.make_server(Policy.WHITE_LABEL, secret=credential.pack(), auth=Auth.XOAUTH2)
    token = AccessToken.of(credential)
    token.take_lease()
    token.store(Tokens("access", "refresh"), seconds=3600, binding=binding_of(server))
    edit_row(server, **{column: CHANGES[column]})
    assert AccessToken.of(credential).open(binding_of(SmtpServer.objects.get())) == Tokens("")


def test_the_server_default_is_no_row() -> None:
    server = factories.make_server(Policy.WHITE_LABEL, secret="secret")
    with pytest.raises(IntegrityError), transaction.atomic():
        edit_row(server, policy=Policy.ENVIRONMENT)


@pytest.mark.usefixtures("all_checks_of_the_database_off")
def test_a_row_that_calls_itself_the_server_default_gets_no_password_of_the_environment(
    settings: LazySettings,
) -> None:
    settings.DEFAULT_SMTP = settings.DEFAULT_SMTP | {"password": "environment's", "username": "user"}
    server = factories.make_server(Policy.WHITE_LABEL, secret="secret")
    edit_row(server, policy=Policy.ENVIRONMENT)
    edited = SmtpServer.objects.get()
    with pytest.raises(sealing.CannotOpen):
        edited.open_secret()
    edit_row(server, sealed_secret="")
    assert SmtpServer.objects.get().open_secret() == ""
    assert edited.key == str(server.pk)
    assert SmtpServer.default().open_secret() == "environment's"


@pytest.mark.usefixtures("all_checks_of_the_database_off")
def test_nothing_of_the_environments_reaches_the_server_of_an_edited_row(
    smtp_server: LoopbackSmtpServer, settings: LazySettings
) -> None:
    settings.DEFAULT_SMTP = settings.DEFAULT_SMTP | {"password": "environment's", "username": "user"}
    server = factories.make_server(Policy.WHITE_LABEL, secret="secret", **smtp_server.fields)
    edit_row(server, policy=Policy.ENVIRONMENT, sealed_secret="")
    with pytest.raises(SessionFailed) as failure:
        Session(SmtpServer.objects.get()).open()
    assert failure.value.kind == "secret"
    assert not any("AUTH" in command for command in smtp_server.commands)


EDITS_OF_CHECKS: list[dict[str, Any]] = [
    {"policy": Policy.ENVIRONMENT},
    {"scope_key": "white-label:2"},
    {"destination": "evil.example:587"},
    {"kind": SmtpCheck.Kind.TEST},
    {"values": {"host": "evil.example"}},
    {"values": {"security": "NONE"}},
    {"values": {"username": "other"}},
    {"values": {"sender_address": "ceo@bank.test"}},
    {"values": {"token_endpoint": "https://evil.example/token"}},
    {"values": {"policy": Policy.ENVIRONMENT}},
    {"change": {"switched_on": False}},
    {"change": {"beside": {"fall_back": True}}},
    {"person_id": None},
]


@pytest.mark.usefixtures("checks_wait")
@pytest.mark.parametrize("secret", ["secret", ""])
@pytest.mark.parametrize("edit", EDITS_OF_CHECKS)
def test_a_waiting_check_that_was_edited_is_given_up_and_tries_nothing(
    edit: dict[str, Any], secret: str, smtp_server: LoopbackSmtpServer, owner: User
) -> None:
    check = begin(smtp_server, owner, secret)
    edit_row(check, **{name: _merged(getattr(check, name), value) for name, value in edit.items()})
    tasks.run_check(check.pk)
    check.refresh_from_db()
    assert (check.status, check.failed_step["sentence"]) == (SmtpCheck.Status.FAILED, sealing.CANNOT_OPEN)
    assert (check.applied, smtp_server.commands, SmtpServer.objects.count()) == (False, [], 0)


@pytest.mark.usefixtures("checks_wait")
def test_a_check_whose_seal_was_taken_away_is_given_up(smtp_server: LoopbackSmtpServer, owner: User) -> None:
    check = begin(smtp_server, owner, "secret")
    edit_row(check, sealed_secret="")
    tasks.run_check(check.pk)
    check.refresh_from_db()
    assert (check.status, smtp_server.commands) == (SmtpCheck.Status.FAILED, [])


@pytest.mark.usefixtures("checks_wait")
def test_a_check_that_nobody_edited_passes(smtp_server: LoopbackSmtpServer, owner: User) -> None:
    check = begin(smtp_server, owner, "secret")
    tasks.run_check(check.pk)
    check.refresh_from_db()
    assert (check.status, check.applied) == (SmtpCheck.Status.PASSED, True)
    assert SmtpServer.objects.get().open_secret() == "secret"


def test_the_scope_of_another_has_no_server_of_theirs(acme: WhiteLabel) -> None:
    platforms = factories.make_server(secret="secret")
    factories.switch_on_platform_smtp(platforms)
    edit_row(acme, server_id=platforms.pk, mail_option="OWN")
    edit_row(Communication.current(), standby_id=platforms.pk)
    scopes = {key: load_scope(key) for key in (acme.scope_key, SECOND, PLATFORM)}
    assert {key: scope.server for key, scope in scopes.items() if scope} == {
        acme.scope_key: None,
        SECOND: None,
        PLATFORM: platforms,
    }


def test_the_platform_has_no_server_of_a_white_label(acme: WhiteLabel) -> None:
    theirs = factories.make_server(Policy.WHITE_LABEL, scope_key=acme.scope_key, secret="secret")
    factories.switch_on_platform_smtp(factories.make_server(secret="secret"))
    edit_row(Communication.current(), server_id=theirs.pk)
    scope = load_scope(PLATFORM)
    assert scope is not None
    assert scope.server is None


def test_what_is_typed_anew_is_judged_by_the_rules_of_its_scope(acme: WhiteLabel) -> None:
    server = factories.make_server(Policy.WHITE_LABEL, scope_key=acme.scope_key, secret="secret")
    factories.give_own_smtp(acme, server)
    edit_row(server, policy=Policy.PLATFORM)
    scope = load_scope(acme.scope_key)
    assert scope is not None
    assert scope.candidate().policy == Policy.WHITE_LABEL


def begin(loopback: LoopbackSmtpServer, person: User, secret: str) -> SmtpCheck:
    """Ask for a check of `loopback` as the platform's server."""
    scope = load_scope(PLATFORM)
    assert scope is not None
    candidate = scope.candidate()
    for name, value in (loopback.fields | {"sender_address": "hello@platform.test", "username": "user"}).items():
        setattr(candidate, name, value)
    candidate.auth = Auth.PASSWORD if secret else Auth.NONE
    return request.check_and_store(scope=scope, candidate=candidate, secret=secret, switched_on=True, person=person)


def _merged(before: Any, edit: Any) -> Any:
    return before | edit if isinstance(edit, dict) else edit
