"""Token endpoints that misbehave below HTTP: certificates, silence, dripping, redirects."""

import http.client
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator

import pytest
from django.conf import LazySettings

from smtp_settings.choices import Policy
from smtp_settings.models import Credential, SmtpServer
from smtp_settings.oauth import endpoint
from smtp_settings.oauth.endpoint import TokenFailed
from smtp_settings.oauth.tokens import access_token
from testing import factories
from testing.fixtures import LOOPBACK
from testing.servers.certificates import Authority

pytestmark = pytest.mark.django_db
Talk = Callable[[socket.socket], None]
GIVEN = b'{"access_token": "token-1", "expires_in": 60}'


class Listener:
    """A server that says what it is told to say to everybody who connects."""

    def __init__(self) -> None:
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.connections = 0
        self.stopping = threading.Event()
        self.thread: threading.Thread | None = None

    def serve(self, talk: Talk, tls: ssl.SSLContext | None = None) -> None:
        self.thread = threading.Thread(target=self._serve, args=(talk, tls), daemon=True)
        self.thread.start()

    def _serve(self, talk: Talk, tls: ssl.SSLContext | None) -> None:
        raw, _ = self.socket.accept()
        self.connections += 1
        try:
            with tls.wrap_socket(raw, server_side=True) if tls else raw as connection:
                _read_request(connection)
                talk(connection)
        except OSError:
            raw.close()

    def stop(self) -> None:
        self.stopping.set()
        self.socket.close()
        if self.thread:
            self.thread.join(5)


def _read_request(connection: socket.socket) -> None:
    """Read all of it: whoever closes with something unread resets the connection, and the answer is lost."""
    with connection.makefile("rb") as stream:
        stream.readline()
        stream.read(int(http.client.parse_headers(stream)["Content-Length"] or 0))


@pytest.fixture
def listener(settings: LazySettings, authority: Authority) -> Iterator[Listener]:
    settings.SMTP_ALLOWED_CIDRS, settings.SMTP_CA_FILE = LOOPBACK, str(authority.file)
    listener = Listener()
    yield listener
    listener.stop()


def server_at(listener: Listener, scheme: str = "http", **values: object) -> SmtpServer:
    return factories.make_server(
        secret=Credential("x").pack(),
        auth="XOAUTH2",
        token_source="OTHER_APPLICATION",
        token_endpoint=f"{scheme}://localhost:{listener.port}/token",
        client_id="client-1",
        **values,  # type: ignore[arg-type]
    )


def answering(body: bytes, status: bytes = b"200 OK", headers: bytes = b"") -> Talk:
    length = str(len(body)).encode()
    return lambda peer: peer.sendall(
        b"HTTP/1.1 " + status + b"\r\n" + headers + b"Content-Length: " + length + b"\r\n\r\n" + body
    )


def token_of(server: SmtpServer) -> str:
    return access_token(server, Credential("x"))


def test_a_token_comes_over_verified_tls(listener: Listener, authority: Authority) -> None:
    listener.serve(answering(GIVEN), authority.context_for("localhost"))
    assert token_of(server_at(listener, "https")) == "token-1"


@pytest.mark.parametrize("other", ["name", "authority"])
def test_a_certificate_of_somebody_else_gets_no_secret(
    other: str, listener: Listener, authority: Authority, strange_authority: Authority
) -> None:
    tls = authority.context_for("other.example") if other == "name" else strange_authority.context_for("localhost")
    listener.serve(answering(GIVEN), tls)
    with pytest.raises(TokenFailed, match=r"certificate of the token endpoint localhost cannot be trusted"):
        token_of(server_at(listener, "https"))


def test_no_redirect_is_followed(listener: Listener) -> None:
    there = f"Location: http://localhost:{listener.port}/elsewhere\r\n".encode()
    listener.serve(answering(b"", b"307 Temporary Redirect", there))
    with pytest.raises(TokenFailed, match="HTTP status 307"):
        token_of(server_at(listener))
    assert listener.connections == 1


@pytest.mark.parametrize("drip", [False, True])
def test_an_answer_that_takes_too_long_is_cut(drip: bool, listener: Listener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(endpoint, "DEADLINE_SECONDS", 1)

    def talk(peer: socket.socket) -> None:
        while not listener.stopping.wait(0.2):
            peer.sendall(b"H" if drip else b"")

    listener.serve(talk)
    began = time.monotonic()
    with pytest.raises(TokenFailed):
        token_of(server_at(listener))
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("policy", [Policy.PLATFORM, Policy.WHITE_LABEL])
def test_white_labels_learn_nothing_of_a_silent_port(policy: str, listener: Listener) -> None:
    listener.stop()
    with pytest.raises(TokenFailed) as failed:
        token_of(server_at(listener, policy=policy))
    is_vague = str(failed.value) == "The token endpoint localhost cannot be reached."
    assert is_vague == (policy == Policy.WHITE_LABEL)
