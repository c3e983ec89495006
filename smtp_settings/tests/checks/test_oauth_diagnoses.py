"""What a person reads when signing in by OAuth 2.0 fails, brought about by real servers."""

import socket

import pytest

from smtp_settings.checks import preflight
from smtp_settings.checks.finding import Finding
from testing import factories
from testing.fixtures import SmtpServerFactory
from testing.servers.oauth import LoopbackOAuthServer
from testing.servers.smtp import LoopbackSmtpServer

pytestmark = pytest.mark.django_db


def fault(smtp: LoopbackSmtpServer, oauth: LoopbackOAuthServer, **values: object) -> Finding:
    """Return the step that failed."""
    server = factories.make_token_server(smtp, oauth, **values)  # type: ignore[arg-type]
    with preflight.session_for(server, server.open_secret()) as session:
        step = list(preflight.run_steps(session, preflight.opening_steps(server)))[-1]
    assert not step.ok
    return step


@pytest.mark.parametrize(
    ("error", "diagnosis", "field"),
    [
        ("invalid_client", "token-client", "client_secret"),
        ("invalid_grant", "token-refused", "token_source"),
        ("temporarily_unavailable", "token", "token_source"),
    ],
)
def test_a_token_that_is_not_given(
    error: str, diagnosis: str, field: str, token_smtp_server: LoopbackSmtpServer, oauth_server: LoopbackOAuthServer
) -> None:
    oauth_server.refuse(error)
    step = fault(token_smtp_server, oauth_server)
    assert (step.diagnosis, step.field) == (diagnosis, field)
    assert error in step.sentence


def test_a_server_without_xoauth2(smtp_server: LoopbackSmtpServer, oauth_server: LoopbackOAuthServer) -> None:
    assert fault(smtp_server, oauth_server).diagnosis == "token-not-offered"


@pytest.mark.parametrize(
    ("host", "diagnosis"), [("smtp.office365.com", "token-microsoft"), ("localhost", "token-rejected")]
)
def test_a_token_that_is_not_accepted(
    host: str,
    diagnosis: str,
    smtp_server_factory: SmtpServerFactory,
    oauth_server: LoopbackOAuthServer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, *rest, **named: real("127.0.0.1", *rest, **named))
    smtp = smtp_server_factory(mechanisms=("XOAUTH2",), certificate_for=host)
    step = fault(smtp, oauth_server, host=host)
    assert (step.diagnosis, step.field) == (diagnosis, "username")
