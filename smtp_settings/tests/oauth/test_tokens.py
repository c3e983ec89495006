"""Getting, keeping and renewing access tokens, against a real OAuth server."""

import base64
import json
import threading
from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.db import connection
from django.utils import timezone

from smtp_settings.choices import Policy, TokenSource
from smtp_settings.models import AccessToken, Credential, SmtpServer
from smtp_settings.oauth.endpoint import TokenFailed
from smtp_settings.oauth.tokens import access_token, spend
from smtp_settings.tasks import discard_unused_tokens
from testing import factories
from testing.servers.oauth import LoopbackOAuthServer
from testing.servers.smtp import LoopbackSmtpServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(token_smtp_server: LoopbackSmtpServer, oauth_server: LoopbackOAuthServer) -> SmtpServer:
    """A server whose tokens come by client credentials."""
    return factories.make_token_server(token_smtp_server, oauth_server)


@pytest.fixture
def signed_in(token_smtp_server: LoopbackSmtpServer, oauth_server: LoopbackOAuthServer) -> SmtpServer:
    """A server for which somebody has signed in."""
    credential = Credential(oauth_server.client_secret, oauth_server.give_refresh_token())
    return factories.make_token_server(token_smtp_server, oauth_server, TokenSource.OTHER_SIGN_IN, credential)


def token_of(server: SmtpServer) -> str:
    return access_token(server, Credential.unpack(server.open_secret()))


def later(minutes: float) -> time_machine.travel:
    return time_machine.travel(timezone.now() + timedelta(minutes=minutes), tick=True)


def test_a_token_is_asked_for_once_and_kept(server: SmtpServer, oauth_server: LoopbackOAuthServer) -> None:
    assert token_of(server) == token_of(server) == oauth_server.issued[-1].access_token
    asked = oauth_server.asked
    assert [(ask["grant_type"], ask["scope"], ask["client_id"]) for ask in asked] == [
        ("client_credentials", "mail", "client-1")
    ]


def test_a_token_is_renewed_five_minutes_before_it_expires(
    server: SmtpServer, oauth_server: LoopbackOAuthServer
) -> None:
    first = token_of(server)
    with later(54):
        assert token_of(server) == first
    with later(56):
        assert token_of(server) != first


def test_a_refresh_token_that_is_replaced_is_used_from_then_on(
    signed_in: SmtpServer, oauth_server: LoopbackOAuthServer
) -> None:
    token_of(signed_in)
    with later(70):
        token_of(signed_in)
    with later(140):
        assert token_of(signed_in) == oauth_server.issued[-1].access_token
    assert len({ask["refresh_token"] for ask in oauth_server.asked}) == 3


def test_a_refresh_token_that_stays_is_used_again(signed_in: SmtpServer, oauth_server: LoopbackOAuthServer) -> None:
    oauth_server.rotates = False
    token_of(signed_in)
    with later(70):
        token_of(signed_in)
    assert len({ask["refresh_token"] for ask in oauth_server.asked}) == 1


def test_while_the_old_token_is_valid_trouble_of_the_endpoint_is_none(
    server: SmtpServer, oauth_server: LoopbackOAuthServer
) -> None:
    first = token_of(server)
    oauth_server.answer(503, b"away")
    with later(57):
        assert token_of(server) == first
    with later(61), pytest.raises(TokenFailed) as failed:
        token_of(server)
    assert not failed.value.for_good


@pytest.mark.parametrize("error", ["invalid_grant", "invalid_client", "unauthorized_client"])
def test_some_refusals_are_for_good(error: str, server: SmtpServer, oauth_server: LoopbackOAuthServer) -> None:
    oauth_server.refuse(error, "It was revoked.")
    with pytest.raises(TokenFailed, match=f"localhost gave no token: {error}: It was revoked") as failed:
        token_of(server)
    assert failed.value.for_good


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, b'{"error": "temporarily_unavailable"}'),
        (429, b"slow down"),
        (500, b"{}"),
        (200, b"<html>"),
        (200, b"[]"),
        (200, b"{}"),
        (200, b'{"access_token": "two\\nlines"}'),
        (200, b'{"access_token": 5}'),
        (200, b'{"access_token": "x", "expires_in": "soon"}'),
        (200, b"x" * 70_000),
        (302, b""),
    ],
)
def test_anything_else_is_trouble_that_may_pass(
    status: int, body: bytes, server: SmtpServer, oauth_server: LoopbackOAuthServer
) -> None:
    oauth_server.answer(status, body)
    with pytest.raises(TokenFailed) as failed:
        token_of(server)
    assert not failed.value.for_good
    assert AccessToken.objects.get().leased_until is None


def test_a_wrong_client_secret_is_refused_by_the_server_itself(
    token_smtp_server: LoopbackSmtpServer, oauth_server: LoopbackOAuthServer
) -> None:
    server = factories.make_token_server(token_smtp_server, oauth_server, credential=Credential("wrong"))
    with pytest.raises(TokenFailed, match="invalid_client") as failed:
        token_of(server)
    assert failed.value.for_good


def test_an_answer_that_echoes_secrets_shows_none(server: SmtpServer, oauth_server: LoopbackOAuthServer) -> None:
    encoded = base64.b64encode(oauth_server.client_secret.encode()).decode()
    oauth_server.refuse("invalid_client", f"Not {oauth_server.client_secret}, nor {encoded}.")
    with pytest.raises(TokenFailed) as failed:
        token_of(server)
    assert "canary" not in str(failed.value)
    assert encoded not in str(failed.value)


def test_a_token_that_was_refused_is_not_used_again(server: SmtpServer, oauth_server: LoopbackOAuthServer) -> None:
    first = token_of(server)
    spend(Credential.unpack(server.open_secret()), first, server)
    assert token_of(server) != first


def test_tokens_are_kept_sealed_for_their_destination(server: SmtpServer, oauth_server: LoopbackOAuthServer) -> None:
    token_of(server)
    row = json.dumps(list(AccessToken.objects.values()), default=str)
    assert "canary" not in row
    server.token_endpoint += "?elsewhere"
    assert AccessToken.objects.get().open(f"tokens\x1f{server.scope_key}\x1f{server.destination}").access_token == ""


@pytest.mark.parametrize("policy", [Policy.PLATFORM, Policy.WHITE_LABEL])
@pytest.mark.parametrize(
    "endpoint",
    ["http://localhost:9/token", "https://10.1.2.3/token", "https://169.254.169.254/latest", "https://[::1]/"],
)
def test_no_secret_goes_to_an_inner_address(
    endpoint: str, policy: str, server: SmtpServer, settings: LazySettings
) -> None:
    settings.SMTP_ALLOWED_CIDRS = []
    server.policy, server.token_endpoint = policy, endpoint
    with pytest.raises(TokenFailed, match="cannot be reached") as failed:
        access_token(server, Credential("x"))
    assert ("which is" in str(failed.value)) == (policy == Policy.PLATFORM)


@pytest.mark.django_db(transaction=True)
def test_parallel_workers_renew_once(server: SmtpServer, oauth_server: LoopbackOAuthServer) -> None:
    tokens_got: list[str] = []
    oauth_server.pause.clear()

    def work() -> None:
        tokens_got.append(token_of(server))
        connection.close()

    workers = [threading.Thread(target=work) for _ in range(6)]
    for worker in workers:
        worker.start()
    threading.Timer(1, oauth_server.pause.set).start()
    for worker in workers:
        worker.join(20)
    assert (len(tokens_got), len(set(tokens_got)), len(oauth_server.asked)) == (6, 1, 1)


@pytest.mark.django_db(transaction=True)
def test_the_lease_of_a_worker_that_died_passes_on(server: SmtpServer, oauth_server: LoopbackOAuthServer) -> None:
    row = AccessToken.of(Credential.unpack(server.open_secret()))
    assert row.take_lease()
    assert not AccessToken.objects.get().take_lease()
    with later(1):
        assert token_of(server)


def test_tokens_of_servers_that_are_gone_are_deleted_a_day_later(
    server: SmtpServer, signed_in: SmtpServer, oauth_server: LoopbackOAuthServer
) -> None:
    token_of(server)
    token_of(signed_in)
    server.delete()
    discard_unused_tokens()
    assert AccessToken.objects.count() == 2
    with later(25 * 60):
        discard_unused_tokens()
    assert str(AccessToken.objects.get().pk) == Credential.unpack(signed_in.open_secret()).id
