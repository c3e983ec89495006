"""What a client claims about the encoding of its request changes nothing, and fails nothing."""

import sys
from io import BytesIO
from typing import Any
from wsgiref.util import setup_testing_defaults

import pytest
from django.http import HttpRequest, HttpResponse

from backoffice.web.request import Handler, Request
from testing.nonsense import FORM
from testing.processes import ProcessFactory

CODECS = ["hex", "rot13", "idna", "undefined", "unicode_escape", "utf-7", "utf-16"]
READ = {"a": "+AAA-\\ud800é"}
SENT = "a=%2BAAA-%5Cud800%C3%A9"


def environment(content_type: str, path: str = "/", body: bytes = b"") -> dict[str, Any]:
    """Return what a server of WSGI gives (PEP 3333)."""
    given: dict[str, Any] = {"HTTP_HOST": "testserver", "PATH_INFO": path, "QUERY_STRING": SENT}
    given |= {"REQUEST_METHOD": "POST" if body else "GET", "CONTENT_TYPE": content_type}
    given |= {"CONTENT_LENGTH": str(len(body)), "wsgi.input": BytesIO(body)}
    setup_testing_defaults(given)
    return given


@pytest.mark.parametrize("codec", CODECS)
def test_queries_and_forms_are_utf_8_whatever_is_claimed(codec: str) -> None:
    assert Request(environment(f"text/plain; charset={codec}")).GET.dict() == READ
    assert Request(environment(f"{FORM}; charset={codec}", body=SENT.encode())).POST.dict() == READ


@pytest.mark.parametrize("value", ["x*=undefined''%41", "x*=nope''%41", "charset*=utf-7''%41"])
def test_a_header_that_cannot_be_decoded_says_nothing(value: str) -> None:
    assert Request(environment(f"text/plain; {value}")).GET.dict() == READ


def test_the_web_server_makes_such_requests(process_factory: ProcessFactory) -> None:
    served = "from backoffice import wsgi; print(wsgi.application.request_class.__module__)"
    process = process_factory([sys.executable, "-c", served], DATABASE_URL="sqlite:///:memory:")
    assert (process.wait(), process.said.split()[-1]) == (0, Request.__module__)


@pytest.mark.parametrize(("prefix", "rest"), [("/static", "/../healthz"), ("/x", "/healthz"), ("/healthz", "")])
def test_a_prefix_that_a_client_claims_hides_nothing_of_the_path(prefix: str, rest: str) -> None:
    seen = list[tuple[str, str]]()

    class Seeing(Handler):
        def get_response(self, request: HttpRequest) -> HttpResponse:
            seen.append((request.path, request.path_info))
            return HttpResponse()

    claimed = {"SCRIPT_NAME": prefix, "HTTP_SCRIPT_NAME": prefix}
    Seeing()(environment("", rest) | claimed, lambda *_: None)
    assert seen == [(prefix + rest, prefix + rest)]


def test_what_the_body_is_goes_on_being_known() -> None:
    request = Request(environment("multipart/form-data; boundary=b; charset=utf-16", body=b"x"))
    assert (request.content_type, (request.content_params or {})["boundary"]) == ("multipart/form-data", "b")
