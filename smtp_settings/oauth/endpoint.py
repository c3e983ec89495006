"""Ask a token endpoint, a stranger's web server: judged address, verified TLS, bounded time and size, no redirects."""

import http.client
import json
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import SplitResult, urlencode, urlsplit

from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.base import OAuth2Error
from authlib.oauth2.client import OAuth2Client
from django.conf import settings

from smtp_settings.choices import Policy
from smtp_settings.models import SmtpServer
from smtp_settings.models.oauth import Credential
from smtp_settings.network import address_policy
from smtp_settings.network.tls import tls_context
from smtp_settings.redaction import Redactor

CONNECT_SECONDS = 5
DEADLINE_SECONDS = 12  # once connected; with the name and the connection less than a lease
ANSWER_MAX_BYTES = 64 * 1024
PORTS = {"https": 443, "http": 80}
FOR_GOOD = frozenset(  # RFC 6749 4.1.2.1 and 5.2, OpenID Connect Core 3.1.2.6, and Google's own
    "invalid_request invalid_client invalid_grant invalid_scope unauthorized_client unsupported_grant_type "
    "access_denied interaction_required login_required consent_required deleted_client disabled_client".split()
)


class TokenFailed(Exception):
    """No token was got. `for_good`: asking again is useless until a person has changed something."""

    def __init__(self, sentence: str, *, for_good: bool = False, error: str = "") -> None:
        super().__init__(sentence)
        self.sentence, self.for_good, self.error = sentence, for_good, error


class _HttpError(Exception):
    """The endpoint gave no OAuth answer; args are the HTTP status."""


@dataclass(frozen=True)
class Answer:
    """As much of an HTTP answer as Authlib looks at."""

    status_code: int
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    def raise_for_status(self) -> None:
        if self.status_code >= 300:
            raise _HttpError(self.status_code)


class Endpoint:
    """The HTTP session that Authlib's client speaks through."""

    def __init__(self, policy: str) -> None:
        self.policy = policy

    def post(self, url: str, data: Mapping[str, str], headers: Mapping[str, str], auth: ClientAuth) -> Answer:
        address, fields, body = auth.prepare("POST", url, dict(headers), urlencode(data))
        parts = urlsplit(address)
        with self._connected(parts) as connection:
            target = f"{parts.path or '/'}?{parts.query}" if parts.query else parts.path or "/"
            connection.request("POST", target, body, {**fields, "Accept-Encoding": "identity"})
            with connection.getresponse() as response:
                content = response.read(ANSWER_MAX_BYTES + 1)
        if len(content) > ANSWER_MAX_BYTES:
            raise http.client.HTTPException("too long")
        return Answer(response.status, content)

    @contextmanager
    def _connected(self, parts: SplitResult) -> Iterator[http.client.HTTPConnection]:
        """Connect to a judged address; after the deadline the connection is cut, however slowly the answer drips."""
        host, port = parts.hostname or "", parts.port or PORTS[parts.scheme]
        addresses = resolve(host, port, self.policy, encrypted=parts.scheme == "https")
        raw = socket.create_connection((addresses[0], port), timeout=CONNECT_SECONDS)
        connection = http.client.HTTPConnection(host, port)
        connection.default_port = PORTS[parts.scheme]
        handle = raw.dup()
        watch = threading.Timer(DEADLINE_SECONDS, _cut, (handle,))
        watch.daemon = True
        watch.start()
        try:
            raw.settimeout(DEADLINE_SECONDS)
            connection.sock = _secured(raw, host) if parts.scheme == "https" else raw
            yield connection
        finally:
            watch.cancel()
            handle.close()
            connection.close()
            raw.close()


def _secured(raw: socket.socket, host: str) -> socket.socket:
    return tls_context(settings.SMTP_CA_FILE).wrap_socket(raw, server_hostname=host)


def _cut(connection: socket.socket) -> None:
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)


def resolve(host: str, port: int, policy: str, *, encrypted: bool) -> list[str]:
    """Return the addresses that a token endpoint may be asked at; raises `address_policy.Refused`."""
    addresses = address_policy.lookup(host)
    if not addresses:
        raise address_policy.Unresolvable(f"No address is known for {host}.")
    address_policy.judge_addresses(host, policy, addresses)
    if all(address_policy.is_excepted(address) for address in addresses):
        encrypted = encrypted or all(address.is_loopback for address in addresses)
    elif policy == Policy.WHITE_LABEL and port != PORTS["https"]:
        raise address_policy.Forbidden(f"The token endpoint must be at port {PORTS['https']}.")
    if not encrypted:
        raise address_policy.Forbidden("Secrets are sent to a token endpoint by https only.")
    return [str(address) for address in addresses]


def client_for(server: SmtpServer, credential: Credential, **options: Any) -> OAuth2Client:
    """Return Authlib's client for what `server` is configured with."""
    return OAuth2Client(
        session=Endpoint(server.policy),
        client_id=server.client_id,
        client_secret=credential.client_secret,
        token_endpoint_auth_method="client_secret_post",  # noqa: S106
        scope=server.oauth_scope,
        **options,
    )


@contextmanager
def as_token_failures(server: SmtpServer, *secrets: str) -> Iterator[None]:
    """Turn whatever goes wrong with the token endpoint of `server` into a `TokenFailed` without `secrets`."""
    host = urlsplit(server.token_endpoint).hostname
    try:
        yield
    except OAuth2Error as error:
        words = Redactor(server.username, *secrets).clean(f"{error.error}: {error.description or ''}")
        raise TokenFailed(
            f"{host} gave no token: {words}", for_good=error.error in FOR_GOOD, error=error.error
        ) from None
    except _HttpError as error:
        raise TokenFailed(f"{host} gave no token; it answered with HTTP status {error}.") from None
    except ssl.SSLCertVerificationError:
        raise TokenFailed(f"The certificate of the token endpoint {host} cannot be trusted.") from None
    except address_policy.Refused as refused:
        raise TokenFailed(_unreachable(server, refused.sentence)) from None
    except OSError as error:
        raise TokenFailed(_unreachable(server, Redactor().clean(str(error)))) from None
    except (http.client.HTTPException, RecursionError, ValueError, TypeError, KeyError):
        raise TokenFailed(f"{host} answered something that is not OAuth 2.0.") from None


def _unreachable(server: SmtpServer, why: str) -> str:
    """Say the same to white-labels whether an address is forbidden, unknown or silent."""
    sentence = f"The token endpoint {urlsplit(server.token_endpoint).hostname} cannot be reached."
    return sentence if server.policy == Policy.WHITE_LABEL else f"{sentence} {why}"
