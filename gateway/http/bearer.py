"""Who calls: the key in the Authorization header (RFC 6750 2.1), and what it may do."""

from typing import cast

from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.http import HttpRequest
from ninja.security import HttpBearer

from gateway.choices import Fault, Scope
from gateway.http.errors import Refused, wrong_key
from gateway.keys import throttle
from gateway.keys.authentication import Refusal, authenticate
from gateway.models import Key
from whitelabel.models import Application


class Bearer(HttpBearer):
    """Let in who has a key with `scope`. The body is read only then, and only as far as a message may go."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def authenticate(self, request: HttpRequest, token: str) -> Key:
        address = client_address(request)
        key = authenticate(token, address)
        if key is Refusal.TOO_MANY:
            raise Refused(429, "rate_limit_exceeded", "Too many wrong keys.", retry_after=throttle.SECONDS)
        if not isinstance(key, Key):
            raise wrong_key()
        if not key.may(self.scope):
            Key.note_refusal(key.prefix, Fault.SCOPE, address)
            raise Refused(401, "restricted_api_key", f"This key may not do this; it needs the scope {self.scope}.")
        read_body(request)
        return key


def client_address(request: HttpRequest) -> str:
    return get_client_ip(request) or ""


def key_of(request: HttpRequest) -> Key:
    return cast(Key, request.auth)  # type: ignore[attr-defined]  # set by Ninja


def application_of(request: HttpRequest) -> Application:
    """Return whose key it is: the scopes to send and of domains belong to applications alone."""
    application = key_of(request).application
    assert application is not None, "a key of the platform only provisions"
    return application


def largest_body() -> int:
    """Return how many bytes a request may have: a message in base64 and as JSON escapes it."""
    return settings.MAX_MESSAGE_BYTES * 2 + 1024 * 1024


def read_body(request: HttpRequest) -> None:
    """Read the body within our own limit in place of Django's for forms, also one that comes in chunks."""
    body = _in_chunks(request) if "Transfer-Encoding" in request.headers else _of_a_length(request)
    request._body = body  # what `request.body` gives from now on


def _of_a_length(request: HttpRequest) -> bytes:
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or int(length) > largest_body():
        raise _too_large()
    return request.read()


def _in_chunks(request: HttpRequest) -> bytes:
    """Return a body whose length is not said (RFC 9112 7.1), which Django takes for an empty one.

    Some clients send every body so, such as .NET's; not every web server tells where it ends.
    """
    if not request.META.get("wsgi.input_terminated"):
        raise Refused(411, "validation_error", "Say how long the request is, with Content-Length.")
    body: bytes = request.META["wsgi.input"].read(largest_body() + 1)
    if len(body) > largest_body():
        raise _too_large()
    return body


def _too_large() -> Refused:
    return Refused(413, "validation_error", f"The request may have at most {largest_body():,} bytes.")
