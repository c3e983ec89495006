"""Who comes in, what every answer looks like, and the pages that describe the door."""

import io
import json
import re
from typing import Any

import pytest
from django.conf import LazySettings
from django.core.cache import cache
from django.db import OperationalError
from django.test import Client

import delivery.api
from gateway.choices import Maker
from gateway.http.bearer import MARKS_MAX, largest_body
from gateway.models import Key
from gateway.secret import prefix_of
from gateway.tests.http.conftest import Caller, message
from people.models import User
from testing.factories import make_key_and_secret
from whitelabel.models import Application

pytestmark = pytest.mark.django_db
NOBODYS = "00000000-0000-4000-8000-000000000000"
KINDS = ("people", "white-labels", "applications")
CALLS = [
    ("POST", "/emails"), ("POST", "/emails/batch"), ("GET", "/emails"), ("GET", f"/emails/{NOBODYS}"),
    ("PATCH", f"/emails/{NOBODYS}"), ("POST", f"/emails/{NOBODYS}/cancel"), ("POST", "/domains"), ("GET", "/domains"),
    ("GET", "/domains/1"), ("POST", "/domains/1/verify"), ("DELETE", "/domains/1"),
    *((method, f"/{kind}/r") for kind in KINDS for method in ("GET", "PUT", "PATCH", "DELETE")),
    *(("GET", f"/{kind}") for kind in KINDS), ("GET", "/applications/r/route"), ("POST", "/sync"),
]  # fmt: skip


def _error(answer: Any) -> tuple[int, str]:
    assert answer["Content-Type"] == "application/json"
    body = answer.json()
    assert set(body) == {"statusCode", "name", "message"}
    assert body["statusCode"] == answer.status_code
    return answer.status_code, body["name"]


def _posted(caller: Caller, body: bytes, **environment: Any) -> Any:
    headers = {"Authorization": f"Bearer {caller.secret}"}
    return caller.client.generic("POST", "/api/emails", body, "application/json", headers=headers, **environment)


def _in_pieces(caller: Caller, body: bytes, **environment: Any) -> Any:
    """Return the answer to a body as a server hands it over that came in chunks."""
    chunked = {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "chunked", "wsgi.input": io.BytesIO(body)}
    return _posted(caller, b"", **{**chunked, "wsgi.input_terminated": True, **environment})


@pytest.mark.parametrize(("method", "path"), CALLS)
@pytest.mark.parametrize(
    ("header", "error"),
    [
        (None, (401, "missing_api_key")), ("", (401, "missing_api_key")), ("Basic eDp5", (401, "missing_api_key")),
        ("Bearer", (403, "invalid_api_key")), ("Bearer bo_mail_x", (403, "invalid_api_key")),
    ],
)  # fmt: skip
def test_without_a_key_nothing_opens(
    header: str | None, error: tuple[int, str], method: str, path: str, client: Client
) -> None:
    headers = {} if header is None else {"Authorization": header}
    assert _error(client.generic(method, f"/api{path}", headers=headers)) == error


def test_a_revoked_key_is_refused_as_an_unknown_one(caller: Caller, alice: User) -> None:
    caller.key.revoke(by=alice)
    revoked = caller.send()
    caller.secret = "bo_mail_unknown"
    assert (revoked.status_code, revoked.content) == (403, caller.send().content)


def test_a_key_that_is_revoked_while_it_is_used_stops(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Key, "is_usable", lambda key: False)
    assert _error(caller.send()) == (403, "invalid_api_key")


def test_a_key_that_may_only_send_asks_for_no_domains(shop: Application, alice: User, owner: User) -> None:
    sender = Caller(*make_key_and_secret(shop, alice, name="Sends"))
    asker = Caller(*make_key_and_secret(shop, alice, name="Asks", scopes="domains"))
    provisioner = Caller(*make_key_and_secret(None, owner, Maker.PLATFORM))
    assert _error(sender("GET", "/domains")) == (401, "restricted_api_key")
    assert _error(asker.send()) == (401, "restricted_api_key")
    assert _error(provisioner.send()) == (401, "restricted_api_key")
    assert Key.objects.get(pk=sender.key.pk).refusal == "SCOPE"


def test_wrong_keys_are_told_when_to_come_again(caller: Caller) -> None:
    caller.secret = caller.secret[:-1] + "x"
    answers = [caller("GET", "/emails") for _ in range(40)]
    assert _error(answers[-1]) == (429, "rate_limit_exceeded")
    assert answers[-1]["Retry-After"] == "60"


def test_a_key_that_asks_too_much_is_told_when_to_come_again_and_others_go_on(
    caller: Caller, shop: Application, alice: User, settings: LazySettings
) -> None:
    settings.API_REQUESTS_PER_MINUTE = 2
    answers = [caller("GET", "/emails") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[-1]["Retry-After"] == "60"
    assert Caller(*make_key_and_secret(shop, alice, name="Another"))("GET", "/emails").status_code == 200


def test_requests_that_a_process_counts_by_itself_count_for_all(caller: Caller, settings: LazySettings) -> None:
    settings.API_REQUESTS_PER_MINUTE = 400
    prefix = prefix_of(caller.secret)
    cache.add(f"requests:{prefix}", 399)  # by other processes
    answers = [caller("GET", "/emails").status_code for _ in range(6)]
    assert answers == [200, 200, 200, 429, 429, 429]


@pytest.mark.parametrize("path", ["/", "/nothing", "/emails/1/2/3", "/contacts", "/broadcasts", "/emails/not-an-id"])
def test_what_is_not_offered_is_not_there(path: str, caller: Caller) -> None:
    assert _error(caller("GET", path)) == (404, "not_found")


@pytest.mark.parametrize(
    ("method", "path"), [("PUT", "/emails"), ("DELETE", f"/emails/{NOBODYS}"), ("TRACE", "/domains")]
)
def test_a_method_that_is_not_offered_is_named(method: str, path: str, caller: Caller) -> None:
    answer = caller(method, path)
    assert _error(answer) == (405, "method_not_allowed")
    assert "GET" in answer["Allow"]


def test_a_get_may_have_a_body(caller: Caller) -> None:
    assert caller("GET", "/emails", {}).status_code == 200


@pytest.mark.parametrize(
    "kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""]
)
def test_json_is_read_whatever_it_is_called(kind: str, caller: Caller) -> None:
    headers = {"Authorization": f"Bearer {caller.secret}"}
    answer = caller.client.generic("POST", "/api/emails", json.dumps(message()), kind, headers=headers)
    assert answer.status_code == 200


def test_a_body_that_is_too_large_is_not_read(caller: Caller) -> None:
    headers = {"Authorization": f"Bearer {caller.secret}"}
    length = str(largest_body() + 1)
    answer = caller.client.generic("POST", "/api/emails", b"{}", headers=headers, CONTENT_LENGTH=length)
    assert _error(answer) == (413, "validation_error")


@pytest.mark.parametrize("length", ["-1", "1e3", "²", "9" * 5000])
def test_a_length_that_is_none_is_refused(length: str, caller: Caller) -> None:
    assert _error(_posted(caller, b"{}", CONTENT_LENGTH=length)) == (413, "validation_error")


@pytest.mark.parametrize("value", [b"{}", b"[]", b'"a"', b'{"a":[]}'])
def test_a_body_of_more_values_than_a_message_has_is_not_read(value: bytes, caller: Caller) -> None:
    count = MARKS_MAX // sum(map(value.count, (b"{", b"[", b'"'))) + 1
    answer = _posted(caller, b'{"x":[' + b",".join([value] * count) + b"]}")
    assert _error(answer) == (413, "validation_error")


def test_a_body_in_pieces_is_read_to_its_end_and_no_further_than_a_message_goes(caller: Caller) -> None:
    assert _in_pieces(caller, json.dumps(message()).encode()).status_code == 200
    assert _error(_in_pieces(caller, b" " * (largest_body() + 1))) == (413, "validation_error")


def test_a_server_that_cannot_tell_where_pieces_end_asks_for_the_length(caller: Caller) -> None:
    answer = _in_pieces(caller, b"{}", **{"wsgi.input_terminated": False})
    assert _error(answer) == (411, "validation_error")


def test_a_query_of_too_many_fields_is_the_callers_fault(caller: Caller) -> None:
    assert _error(caller("GET", "/emails?" + "a&" * 1001)) == (400, "validation_error")


def test_while_the_database_is_away_nothing_is_accepted(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_: object, **__: object) -> None:
        raise OperationalError("the connection is closed")

    monkeypatch.setattr(delivery.api, "accept", away)
    answer = caller.send()
    assert _error(answer) == (503, "application_error")
    assert answer["Retry-After"]


def test_what_nobody_foresaw_says_nothing_of_the_inside(
    caller: Caller, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise RuntimeError("the inside")

    monkeypatch.setattr(delivery.api, "accept", fail)
    answer = caller.send()
    assert _error(answer) == (500, "application_error")
    assert b"inside" not in answer.content
    assert "the inside" in caplog.text


def test_a_door_without_an_address_is_closed(caller: Caller, settings: LazySettings) -> None:
    settings.API_URL = ""
    for path in ("/emails", "/docs", "/openapi.json", "/"):
        assert _error(caller("GET", path)) == (404, "not_found")


def test_the_description_names_every_call_with_its_bounds(client: Client) -> None:
    described = client.get("/api/openapi.json").json()
    paths = {
        (method.upper(), path.removeprefix("/api")) for path, calls in described["paths"].items() for method in calls
    }
    named = {
        (method, path.replace(NOBODYS, "{email_id}").replace("/1", "/{domain_id}").replace("/r", "/{ref}", 1))
        for method, path in CALLS
    }
    assert paths == named
    fields = described["components"]["schemas"]["MessageIn"]["properties"]
    assert (fields["subject"]["maxLength"], fields["attachments"]["maxItems"]) == (900, 10)


def test_the_page_of_the_description_loads_nothing_from_elsewhere(client: Client) -> None:
    answer = client.get("/api/docs")
    page = answer.content.decode()
    assert answer.status_code == 200
    assert "script-src 'self'" in answer["Content-Security-Policy"]
    assert re.findall(r'(?:src|href)="(?!/static/)', page) == []
    assert 'src="/static/ninja/swagger-ui-bundle.js"' in page
