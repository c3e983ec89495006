"""Who calls: the key in the Authorization header (RFC 6750 2.1), and what it may do."""

from collections.abc import Callable
from typing import cast

from django.conf import settings
from django.http import HttpRequest, UnreadablePostError
from ninja.security import HttpBearer

from gateway.choices import Fault, Scope
from gateway.http.errors import Refused, wrong_key
from gateway.keys import throttle
from gateway.keys.authentication import Refusal, authenticate
from gateway.models import Key
from people.client_address import client_address
from whitelabel.models import Application

LENGTH_DIGITS = 18
MARKS_MAX = 2_000_000  # of texts, lists and objects: each may take a hundred times its octets once it is read


def largest_body() -> int:
    """Return how many bytes a request may have: a message in base64 and as JSON escapes it."""
    return settings.MAX_MESSAGE_BYTES * 2 + 1024 * 1024


class Bearer(HttpBearer):
    """Let in who has a key with `scope`. The body is read only then, and only where it has at most `largest` bytes."""

    def __init__(self, scope: Scope, largest: Callable[[], int] = largest_body) -> None:
        super().__init__()
        self.scope, self.largest = scope, largest

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
        if not throttle.takes_another(key.prefix):
            raise Refused(429, "rate_limit_exceeded", "Too many requests with this key.", retry_after=throttle.SECONDS)
        read_body(request, self.largest())
        return key


def key_of(request: HttpRequest) -> Key:
    return cast(Key, request.auth)  # type: ignore[attr-defined]  # set by Ninja


def application_of(request: HttpRequest) -> Application:
    """Return whose key it is: the scopes to send and of domains belong to applications alone."""
    application = key_of(request).application
    assert application is not None, "a key of the platform only provisions"
    return application


def read_body(request: HttpRequest, largest: int) -> None:
    """Read the body as Django does, within our own limits in place of the one for forms."""
    length = request.META.get("CONTENT_LENGTH") or "0"
    if not length.isdecimal() or len(length) > LENGTH_DIGITS or int(length) > largest:
        raise too_large(largest)
    body = _in_pieces(request, largest) if "HTTP_TRANSFER_ENCODING" in request.META else request.read()
    if len(body) > largest:
        raise too_large(largest)
    if body.count(b"{") + body.count(b"[") + body.count(b'"') > MARKS_MAX:
        raise Refused(413, "validation_error", "The request has more values than can be read.")
    request._body = body  # what `request.body` gives from now on


def _in_pieces(request: HttpRequest, largest: int) -> bytes:
    """Return a body whose length nobody knew before (RFC 9112 7.1), which Django takes for none."""
    if not request.META.get("wsgi.input_terminated"):
        raise Refused(411, "validation_error", "Say how long the request is, with Content-Length.")
    try:
        return bytes(request.META["wsgi.input"].read(largest + 1))
    except OSError as error:
        raise UnreadablePostError(*error.args) from error


def too_large(largest: int) -> Refused:
    return Refused(413, "validation_error", f"The request may have at most {largest:,} bytes.")
