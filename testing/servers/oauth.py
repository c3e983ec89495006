"""A real OAuth 2.0 server on a loopback socket, built with Authlib's own server parts, that can be told to misbehave.

    oauth_server.refuse("invalid_grant")        # every request for a token, until behave()
    oauth_server.answer(503, b"away")           # as it is, for what is no OAuth at all
    oauth_server.pause.clear()                  # token requests wait until pause.set()

The person at its authorisation page is always signed in and always agrees.
"""

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from authlib.common.security import generate_token
from authlib.oauth2.rfc6749 import AuthorizationServer, OAuth2Request
from authlib.oauth2.rfc6749.requests import BasicOAuth2Payload

from testing.servers.oauth_grants import GRANTS, Client, Code, Issued

RawAnswer = tuple[int, bytes]


class _Request(OAuth2Request):
    """An HTTP request as Authlib wants it."""

    def __init__(self, method: str, uri: str, values: dict[str, str], headers: Any) -> None:
        super().__init__(method, uri, headers=headers)
        self.payload = BasicOAuth2Payload(values)
        self._values = values

    @property
    def args(self) -> dict[str, str]:
        return self._values

    @property
    def form(self) -> dict[str, str]:
        return self._values


@dataclass(eq=False)
class LoopbackOAuthServer(AuthorizationServer):
    """`asked` are the form values of all token requests; `issued` the tokens, newest last."""

    client_id: str = "client-1"
    client_secret: str = "client-secret-canary"
    redirect_uri: str = ""
    expires_in: int = 3600
    rotates: bool = True
    asked: list[dict[str, str]] = field(default_factory=list)
    issued: list[Issued] = field(default_factory=list)
    codes: dict[str, Code] = field(default_factory=dict)
    pause: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        super().__init__()
        self._misbehaviour: RawAnswer | None = None
        self.pause.set()
        for grant, extensions in self.grants():
            self.register_grant(grant, extensions)
        self.register_token_generator("default", self._generate)
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler_for(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.05,), name="oauth", daemon=True)
        self._thread.start()

    def grants(self) -> list[tuple[type[Any], list[Any]]]:
        return GRANTS

    @property
    def address(self) -> str:
        return f"http://localhost:{self._http.server_port}"

    @property
    def fields(self) -> dict[str, Any]:
        """The server as fields of an `SmtpServer` row; the token source is to be chosen."""
        return {
            "auth": "XOAUTH2",
            "username": "user",
            "client_id": self.client_id,
            "authorization_endpoint": f"{self.address}/authorize",
            "token_endpoint": f"{self.address}/token",
            "oauth_scope": "mail",
        }

    def accepts(self, token: str) -> bool:
        """Return whether a mail server should take `token` now."""
        return any(issued.access_token == token and issued.valid for issued in self.issued)

    def refuse(self, error: str, description: str = "No.") -> None:
        self.answer(400, json.dumps({"error": error, "error_description": description}).encode())

    def answer(self, status: int, body: bytes) -> None:
        self._misbehaviour = (status, body)

    def behave(self) -> None:
        self._misbehaviour = None

    def give_refresh_token(self) -> str:
        """Return a refresh token as a person who has signed in gets it."""
        token = self._generate("authorization_code", Client(self), scope="mail")
        self.issued.append(Issued(**token, user="user"))
        return str(token["refresh_token"])

    def stop(self) -> None:
        self.pause.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join(10)

    def respond(self, method: str, path: str, values: dict[str, str], headers: Any) -> tuple[int, bytes, list[Any]]:
        """Answer an HTTP request."""
        request = _Request(method, self.address + path, values, headers)
        if urlsplit(path).path == "/authorize":
            grant = self.get_consent_grant(request, end_user="user")
            return self.create_authorization_response(request, grant_user="user", grant=grant)
        self.asked.append(values)
        self.pause.wait(30)
        if self._misbehaviour:
            return *self._misbehaviour, [("Content-Type", "application/json")]
        return self.create_token_response(request)

    # What Authlib asks of those who use it

    def query_client(self, client_id: str) -> Client | None:
        return Client(self) if client_id == self.client_id else None

    def save_token(self, token: dict[str, Any], request: OAuth2Request) -> None:
        self.issued.append(Issued(**token, user=request.user or ""))

    def send_signal(self, name: str, *args: Any, **kwargs: Any) -> None:
        pass

    def create_oauth2_request(self, request: OAuth2Request) -> OAuth2Request:
        return request

    def handle_response(self, status: int, body: Any, headers: list[Any]) -> tuple[int, bytes, list[Any]]:
        return status, json.dumps(body).encode() if isinstance(body, dict) else body.encode(), headers

    def _generate(self, grant_type: str, client: Client, **options: Any) -> dict[str, Any]:
        token = {"token_type": "Bearer", "access_token": f"access-canary-{generate_token(20)}"}
        with_refresh = grant_type == "authorization_code" or (grant_type == "refresh_token" and self.rotates)
        refresh = {"refresh_token": f"refresh-canary-{generate_token(20)}"} if with_refresh else {}
        return {**token, **refresh, "expires_in": self.expires_in, "scope": options.get("scope") or ""}


def _handler_for(server: LoopbackOAuthServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._respond(dict(parse_qsl(urlsplit(self.path).query)))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            self._respond(dict(parse_qsl(body.decode())))

        def _respond(self, values: dict[str, str]) -> None:
            status, body, headers = server.respond(self.command, self.path, values, self.headers)
            self.send_response(status)
            for name, value in headers:
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
            pass

    return Handler
