"""How a session signs in: PLAIN, then LOGIN, each as far as the server goes along; what it offers beside is named."""

import base64

import pytest

from smtp_settings.models import SmtpServer
from smtp_settings.transport.session import Session, SessionFailed
from testing import factories
from testing.fixtures import SmtpServerFactory
from testing.servers.smtp import LoopbackSmtpServer

pytestmark = pytest.mark.django_db


def row(loopback: LoopbackSmtpServer, **values: str) -> SmtpServer:
    return factories.make_server(**{"secret": "secret"} | loopback.fields | values)


def sign_ins(loopback: LoopbackSmtpServer) -> list[str]:
    return [line.split(" ")[1] for line in loopback.commands if line.startswith("AUTH ")]


@pytest.mark.parametrize("refusal", ["501 5.5.4 no", "502 5.5.2 no", "504 5.5.4 no", "535 5.7.8 no", "500 what"])
def test_login_is_tried_once_where_plain_is_refused(smtp_server: LoopbackSmtpServer, refusal: str) -> None:
    smtp_server.script("AUTH", refusal, about="PLAIN")
    with Session(row(smtp_server)) as session:
        session.open()
    assert sign_ins(smtp_server) == ["PLAIN", "LOGIN"]
    assert smtp_server.connections == 1


@pytest.mark.parametrize(
    "reply", ["535 5.7.8 no", "421 4.7.0 bye", "503 5.5.1 one sign-in for each connection", "close"]
)
def test_login_gets_a_fresh_connection_where_the_server_ends_that_of_plain(
    smtp_server: LoopbackSmtpServer, reply: str
) -> None:
    smtp_server.script("AUTH", "535 5.7.8 no", about="PLAIN")
    smtp_server.script("AUTH", reply, about="LOGIN", times=1)
    with Session(row(smtp_server)) as session:
        if reply.startswith("535"):
            with pytest.raises(SessionFailed, match="no"):
                session.open()
        else:
            session.open()
    assert smtp_server.connections == (1 if reply.startswith("535") else 2)


def test_a_wrong_password_is_shown_twice_and_no_more(smtp_server: LoopbackSmtpServer) -> None:
    with Session(row(smtp_server, secret="wrong")) as session, pytest.raises(SessionFailed) as failed:
        session.open()
    assert (failed.value.kind, failed.value.code) == ("auth_rejected", 535)
    assert sign_ins(smtp_server) == ["PLAIN", "LOGIN"]


@pytest.mark.parametrize("refusal", ["504 5.5.4 what", "503 5.5.1 no", "close"])
def test_where_login_says_nothing_what_plain_was_told_counts(smtp_server: LoopbackSmtpServer, refusal: str) -> None:
    smtp_server.script("AUTH", "535 5.7.8 wrong password", about="PLAIN")
    smtp_server.script("AUTH", refusal, about="LOGIN")
    with Session(row(smtp_server)) as session, pytest.raises(SessionFailed, match="wrong password"):
        session.open()


@pytest.mark.parametrize("refusal", ["454 4.7.0 later", "534 5.7.9 app password", "530 5.7.0 no", "538 5.7.11 no"])
def test_another_method_does_not_help_where_the_server_says_why(smtp_server: LoopbackSmtpServer, refusal: str) -> None:
    smtp_server.script("AUTH", refusal)
    with Session(row(smtp_server)) as session, pytest.raises(SessionFailed):
        session.open()
    assert sign_ins(smtp_server) == ["PLAIN"]


def test_503_to_a_sign_in_is_none(smtp_server: LoopbackSmtpServer) -> None:
    smtp_server.script("AUTH", "503 5.5.1 Error: authentication not enabled")
    with Session(row(smtp_server)) as session, pytest.raises(SessionFailed) as failed:
        session.open()
    assert (failed.value.kind, failed.value.code) == ("auth_rejected", 503)


def test_plain_is_said_again_to_a_server_that_asks_for_it(smtp_server_factory: SmtpServerFactory) -> None:
    loopback = smtp_server_factory(mechanisms=("PLAIN",))
    loopback.script("AUTH", "334 ", times=1)
    response = base64.b64encode(b"\0user\0secret").decode()
    with Session(row(loopback)) as session, pytest.raises(SessionFailed):
        session.open()  # this server knows no command of that name
    assert response in loopback.commands
    assert response not in str(session.transcript)


@pytest.mark.parametrize(
    ("mechanisms", "words"),
    [
        (("CRAM-MD5",), "sign-in by CRAM-MD5 only"),
        (("XOAUTH2", "OAUTHBEARER"), "sign-in by XOAUTH2 and OAUTHBEARER only"),
        (("GSSAPI", "NTLM", "SCRAM-SHA-256"), "sign-in by GSSAPI, NTLM and SCRAM-SHA-256 only"),
        (("<script>", "x" * 40, "NTLM"), "sign-in by NTLM only"),
        ((), "no sign-in at all"),
    ],
)
def test_what_is_offered_is_named(
    smtp_server_factory: SmtpServerFactory, mechanisms: tuple[str, ...], words: str
) -> None:
    server = row(smtp_server_factory(mechanisms=mechanisms))
    with Session(server) as session, pytest.raises(SessionFailed, match=words) as failed:
        session.open()
    assert failed.value.kind == "auth_missing"
