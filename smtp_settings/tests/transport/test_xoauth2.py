"""Signing in to a mail server with a token, against a real one that checks what it is shown."""

import base64

import pytest

from smtp_settings.choices import Phase, TokenSource
from smtp_settings.models import Credential, SmtpServer
from smtp_settings.transport.session import Session, SessionFailed
from testing import factories
from testing.fixtures import SmtpServerFactory
from testing.servers.oauth import LoopbackOAuthServer
from testing.servers.smtp import LoopbackSmtpServer

pytestmark = pytest.mark.django_db


@pytest.fixture
def server(token_smtp_server: LoopbackSmtpServer, oauth_server: LoopbackOAuthServer) -> SmtpServer:
    return factories.make_token_server(token_smtp_server, oauth_server)


def failure_of(session: Session) -> SessionFailed:
    with session, pytest.raises(SessionFailed) as failed:
        session.open()
    return failed.value


@pytest.mark.parametrize("source", [TokenSource.OTHER_APPLICATION, TokenSource.OTHER_SIGN_IN])
def test_a_token_signs_in(
    source: str, token_smtp_server: LoopbackSmtpServer, oauth_server: LoopbackOAuthServer
) -> None:
    credential = Credential(oauth_server.client_secret, oauth_server.give_refresh_token())
    with Session(factories.make_token_server(token_smtp_server, oauth_server, source, credential)) as session:
        session.open()
        session.offer_sender("mail@platform.test")
    output = "\n".join(session.transcript)
    assert "C: AUTH XOAUTH2 [secret]" in output
    assert "canary" not in output


def test_a_refusal_is_heard_to_its_end_and_told_in_words(
    server: SmtpServer, token_smtp_server: LoopbackSmtpServer, oauth_server: LoopbackOAuthServer
) -> None:
    token_smtp_server.accepts_token = lambda token: False
    session = Session(server)
    failed = failure_of(session)
    assert (failed.phase, failed.kind, failed.code, failed.enhanced) == (Phase.AUTH, "token_rejected", 535, "5.7.8")
    assert "status 401, the token is not accepted, scope https://mail.example/" in failed.text
    assert '"schemes":"bearer"' in "\n".join(session.transcript)
    assert token_smtp_server.commands.count("") == 0  # the empty line was read as the answer it is
    assert "C: [empty line]" in session.transcript


def test_after_a_refusal_a_new_token_is_asked_for(
    server: SmtpServer, token_smtp_server: LoopbackSmtpServer, oauth_server: LoopbackOAuthServer
) -> None:
    with Session(server) as session:
        session.open()
    oauth_server.issued[-1].revoked = True
    failure_of(Session(server))
    with Session(server) as session:
        session.open()
    assert len(oauth_server.issued) == 2


@pytest.mark.parametrize("encoded", [False, True])
def test_an_answer_that_echoes_the_token_shows_none(
    encoded: bool, server: SmtpServer, token_smtp_server: LoopbackSmtpServer, oauth_server: LoopbackOAuthServer
) -> None:
    def echo() -> str:
        initial = token_smtp_server.commands[-1].split(" ")[-1]
        return f"535 5.7.8 not {initial if encoded else base64.b64decode(initial).decode().split('Bearer ')[1]}"

    token_smtp_server.script("AUTH", echo)
    session = Session(server)
    failed = failure_of(session)
    output = "\n".join([failed.text, *session.transcript])
    assert "canary" not in output
    assert base64.b64encode(b"user=user\x01auth=").decode()[:20] not in output


@pytest.mark.parametrize(
    ("mechanisms", "offers"), [(("PLAIN", "LOGIN"), "sign-in by PLAIN and LOGIN only"), ((), "no sign-in at all")]
)
def test_a_server_without_xoauth2_has_a_sentence_of_its_own(
    mechanisms: tuple[str, ...], offers: str, smtp_server_factory: SmtpServerFactory, oauth_server: LoopbackOAuthServer
) -> None:
    server = factories.make_token_server(smtp_server_factory(mechanisms=mechanisms), oauth_server)
    failed = failure_of(Session(server))
    assert (failed.kind, failed.text) == ("xoauth2_missing", f"The server offers {offers}, none by XOAUTH2.")
    assert not oauth_server.asked


@pytest.mark.parametrize(("error", "kind"), [("invalid_grant", "token_refused"), ("server_error", "token")])
def test_a_token_that_cannot_be_got_ends_the_session(
    error: str, kind: str, server: SmtpServer, oauth_server: LoopbackOAuthServer
) -> None:
    oauth_server.refuse(error)
    assert failure_of(Session(server)).kind == kind
