"""POST /emails: what is taken, as clients write it, and what is refused, naming the field."""

import base64
from email import message_from_bytes
from typing import Any

import pytest
from django.conf import LazySettings
from django.db import connection
from pytest_django import DjangoAssertNumQueries

from delivery.models import Delivery, Email
from gateway.tests.http.conftest import Caller

pytestmark = pytest.mark.django_db


def test_an_accepted_message_is_in_the_outbox(caller: Caller) -> None:
    response = caller.send()
    email = Email.objects.get()
    assert (response.status_code, response.json()) == (200, {"id": str(email.pk)})
    assert (email.application, email.wanted_name, email.wanted_address) == (
        caller.key.application,
        "Shop",
        "shop@acme.test",
    )
    assert email.key_prefix == caller.key.prefix
    assert [(d.recipient, d.status) for d in email.deliveries.all()] == [("rita@users.test", "QUEUED")]


@pytest.mark.parametrize(
    "changed",
    [
        {"attachments": [], "cc": [], "bcc": [], "html": "", "headers": {}, "tags": []},
        {"attachments": None, "cc": "", "html": "<p>It works.</p>", "scheduled_at": "", "reply_to": ""},
        {"headers": [], "id": "1", "unknown": {"a": [1]}},
        {"to": ["rita@users.test", '"Roe, Jo" <jo@users.test>'], "reply_to": ["a@acme.test", "B <b@acme.test>"]},
        {"sender": '"Shop, Inc." <shop@acme.test>', "headers": {"X-Metadata": '{"a": 1}', "X-Count": 5}},
        {"tags": [{"name": "kind", "value": "welcome"}, {"name": "empty"}]},
        {"headers": {"Message-ID": "<own@acme.test>", "Reply-To": 'Help <help@acme.test>, "B, C" <b@acme.test>'}},
        {"text": None, "html": "<p>Grüße</p>", "subject": ""},
        {"attachments": [{"content": "eA==", "filename": False, "content_type": None, "content_id": None}]},
    ],
)
def test_what_clients_send_is_taken(changed: dict[str, object], caller: Caller) -> None:
    response = caller.send(**changed)
    assert response.status_code == 200, response.content


@pytest.mark.parametrize(
    "content",
    [
        base64.b64encode(b"\xff\xfe?>octets").decode(),
        base64.urlsafe_b64encode(b"\xff\xfe?>octets").decode().rstrip("="),
        base64.encodebytes(b"\xff\xfe?>octets").decode(),
        list(b"\xff\xfe?>octets"),
        {"type": "Buffer", "data": list(b"\xff\xfe?>octets")},
    ],
)
def test_a_file_comes_in_every_way_that_clients_write_it(content: object, caller: Caller) -> None:
    caller.send(attachments=[{"content": content, "filename": "a.bin", "content_type": "application/x-a"}])
    part = _parsed().get_payload()[1]
    assert (part.get_payload(decode=True), part.get_filename()) == (b"\xff\xfe?>octets", "a.bin")
    assert part.get_content_type() == "application/x-a"


def test_an_image_that_the_html_shows_travels_with_it(caller: Caller) -> None:
    image = {"content": base64.b64encode(b"png").decode(), "filename": "logo.png", "content_id": "logo"}
    file = {"content": base64.b64encode(b"pdf").decode(), "filename": "bill.pdf"}
    caller.send(html='<img src="cid:logo">', attachments=[file, image])
    related, attached = _parsed().get_payload()
    assert [part.get_content_type() for part in related.walk()] == [
        *("multipart/related", "multipart/alternative", "text/plain", "text/html", "image/png")
    ]
    assert related.get_payload()[1]["Content-ID"] == "<logo>"
    assert attached.get_filename() == "bill.pdf"


@pytest.mark.parametrize(
    ("field", "changed"),
    [
        ("to", {"to": "nobody"}),
        ("to", {"to": []}),
        ("to", {"to": [f"u{number}@users.test" for number in range(101)]}),
        (
            "to",
            {"to": [f"u{number}@users.test" for number in range(60)], "cc": [f"v{n}@users.test" for n in range(60)]},
        ),
        ("to", {"to": {"email": "rita@users.test"}}),
        ("cc", {"cc": ["rita@users.test", "x y@users.test"]}),
        ("from", {"sender": "Shop"}),
        ("from", {"sender": "Shop <>"}),
        ("from", {"sender": "Shop <shop@acme.test\r\nBcc: v@evil.test>"}),
        ("subject", {"subject": "a\nBcc: v@evil.test"}),
        ("subject", {"subject": "x" * 901}),
        ("subject", {"subject": ["x"]}),
        ("reply_to", {"reply_to": "nobody"}),
        ("text", {"text": "a\x00b"}),
        ("text", {"text": None}),
        ("text", {"text": "\ud800"}),
        ("headers", {"headers": {"Bcc": "v@evil.test"}}),
        ("headers", {"headers": {"X-A\r\nBcc": "v@evil.test"}}),
        ("headers", {"headers": {"X-A": "b\r\nBcc: v@evil.test"}}),
        ("headers", {"headers": "X-A: b"}),
        ("headers", {"headers": {"Reply-To": "a <b"}}),
        ("attachments", {"attachments": [{"content": "eA==", "filename": "a\r\nX: b"}]}),
        ("attachments", {"attachments": [{"content": "eA==", "content_type": "nothing"}]}),
        ("attachments", {"attachments": [{"content": "eA==", "content_id": "a b"}]}),
        ("attachments.0.content", {"attachments": [{"content": "no base64!"}]}),
        ("attachments.0.content", {"attachments": [{"content": [1, 256]}]}),
        ("attachments.0.content", {"attachments": [{"content": 5}]}),
        ("attachments.0", {"attachments": [{"path": "https://evil.test/a", "filename": "a"}]}),
        ("attachments", {"attachments": [{"content": "eA=="}] * 11}),
        ("tags.0.value", {"tags": [{"name": "a", "value": "b\x00"}]}),
        ("scheduled_at", {"scheduled_at": "soon"}),
        ("scheduled_at", {"scheduled_at": "in 31 days"}),
        ("template", {"template": {"id": "a"}}),
    ],
)
def test_what_is_wrong_is_refused_naming_the_field_and_stores_nothing(
    field: str, changed: dict[str, object], caller: Caller
) -> None:
    response = caller.send(**changed)
    assert (response.status_code, response.json()["name"]) == (422, "validation_error"), response.content
    assert f"`{field}`" in response.json()["message"]
    assert not Email.objects.exists()


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"subject": 5.5}, None),
        ({"subject": ["x"]}, "Invalid `subject` field: this must be text"),
        ({"headers": "X-A: b"}, "Invalid `headers` field: this must be an object"),
        ({"attachments": [5]}, "Invalid `attachments.0` field: this must be an object"),
        ({"tags": {"name": "a"}}, "Invalid `tags` field: this must be a list"),
    ],
)
def test_what_is_of_another_kind_is_told_in_words_of_json(
    changed: dict[str, object], says: str | None, caller: Caller
) -> None:
    assert caller.send(**changed).json().get("message") == says


@pytest.mark.parametrize("field", ["sender", "to", "subject"])
def test_a_missing_field_is_named(field: str, caller: Caller) -> None:
    response = caller.send(**{field: None})
    assert response.json() == {
        "statusCode": 422,
        "name": "missing_required_field",
        "message": f"Missing `{field.replace('sender', 'from')}` field.",
    }


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 422), (b"{", 400), (b"[]", 422), (b"null", 422), (b'"x"', 422), (b"\xff", 400),
        (b"[" * 100_000, 400), (b"1" * 5000, 400), (b'{"to": NaN}', 422),
    ],
)  # fmt: skip
def test_a_body_that_is_no_message_is_refused(body: bytes, status: int, caller: Caller) -> None:
    headers = {"Authorization": f"Bearer {caller.secret}"}
    response = caller.client.generic("POST", "/api/emails", body, "application/json", headers=headers)
    assert (response.status_code, response.json()["statusCode"]) == (status, status)


def test_one_setting_bounds_a_message(caller: Caller, settings: LazySettings) -> None:
    settings.MAX_MESSAGE_BYTES = 64 * 1024
    fits = base64.b64encode(b"x" * 60_000).decode()
    assert caller.send(attachments=[{"content": fits}]).status_code == 200
    refused = caller.send(attachments=[{"content": fits}, {"content": fits}])
    assert (refused.status_code, refused.json()["name"]) == (422, "validation_error")
    assert caller.send(html="x" * 1_200_000).status_code == 413


def test_a_message_costs_one_look_at_its_key_and_one_write(
    caller: Caller, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    caller.send()
    inserts = 0 if connection.vendor == "postgresql" else 4  # there one prepared statement, which Django does not count
    with django_assert_num_queries(1 + inserts):
        caller.send()


def test_a_hundred_recipients_are_taken(caller: Caller) -> None:
    people = [f"user{number}@users.test" for number in range(100)]
    assert caller.send(to=people[:50], cc=people[50:80], bcc=people[80:]).status_code == 200
    assert Delivery.objects.count() == 100


def test_what_a_test_key_sends_never_leaves(tester: Caller) -> None:
    assert tester.send().status_code == 200
    delivery = Delivery.objects.get()
    assert (delivery.status, delivery.due_at, delivery.email.test) == ("TEST", None, True)
    assert not Delivery.objects.due(delivery.email.accepted_at).exists()
    assert not delivery.retry()


def _parsed() -> Any:
    content = Email.objects.get().content
    assert content is not None
    return message_from_bytes(bytes(content))
