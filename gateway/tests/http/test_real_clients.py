"""Clients that others wrote, against the running server: Resend's own SDK, django-anymail, plain HTTP."""

from datetime import timedelta
from typing import Any
from urllib.request import Request, urlopen

import pytest
import resend
from django.conf import LazySettings
from django.core.mail import EmailMultiAlternatives, get_connection
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer
from resend.exceptions import ResendError

from delivery.models import Delivery, Email
from gateway.tests.http.conftest import Caller

PARAMS: Any = {
    "from": "Shop <shop@acme.test>",
    "to": ["rita@users.test"],
    "subject": "Hello",
    "html": "<p>It works.</p>",
}


@pytest.fixture
def url(live_server: LiveServer, settings: LazySettings, monkeypatch: pytest.MonkeyPatch, caller: Caller) -> str:
    settings.API_URL = f"{live_server.url}/api"
    monkeypatch.setattr(resend, "api_url", settings.API_URL)
    monkeypatch.setattr(resend, "api_key", caller.secret)
    return settings.API_URL


def test_resends_sdk_sends_reads_reschedules_and_cancels(url: str) -> None:
    attachment: Any = {"content": list(b"octets"), "filename": "a.bin"}
    options: Any = {"idempotency_key": "order-1"}
    params: Any = {
        **PARAMS,
        "scheduled_at": "in 1 min",
        "attachments": [attachment],
        "tags": [{"name": "a", "value": "b"}],
    }
    ids = {resend.Emails.send(params, options)["id"] for _ in range(2)}
    email_id = ids.pop()
    assert not ids
    assert resend.Emails.get(email_id)["last_event"] == "scheduled"
    changed: Any = {"id": email_id, "scheduled_at": (timezone.now() + timedelta(days=9)).isoformat()}
    assert resend.Emails.update(changed)["id"] == email_id
    assert resend.Emails.cancel(email_id)["object"] == "email"
    assert [item["last_event"] for item in resend.Emails.list()["data"]] == ["canceled"]


def test_resends_sdk_sends_a_batch(url: str) -> None:
    options: Any = {"batch_validation": "permissive"}
    messages: Any = [PARAMS, PARAMS | {"to": "nobody"}, PARAMS]
    answer: Any = resend.Batch.send(messages, options)
    assert (len(answer["data"]), [error["index"] for error in answer["errors"]]) == (2, [1])


def test_resends_sdk_tells_what_is_wrong(url: str) -> None:
    with pytest.raises(ResendError, match="Invalid `to` field"):
        resend.Emails.send(PARAMS | {"to": "nobody"})
    with pytest.raises(ResendError, match="nothing of this id"):
        resend.Emails.get("4ef9a417-02e9-4d39-ad75-9611e0fcc33c")


def test_resends_sdk_requests_a_domain_and_follows_it(url: str) -> None:
    domain = resend.Domains.create({"name": "acme-mail.example"})
    assert (domain["status"], domain["records"]) == ("not_started", [])
    assert [item["name"] for item in resend.Domains.list()["data"]] == ["acme-mail.example"]
    assert resend.Domains.get(domain["id"])["name"] == "acme-mail.example"
    assert resend.Domains.remove(domain["id"])["deleted"]
    assert resend.Domains.list()["data"] == []


def test_django_anymail_sends_one_and_several(url: str, caller: Caller) -> None:
    backend = "anymail.backends.resend.EmailBackend"
    connection = get_connection(backend, api_key=caller.secret, api_url=f"{url}/")
    message = EmailMultiAlternatives(
        "Grüße", "It works.", '"Shop, Inc." <shop@acme.test>', ["Rita <rita@users.test>", "jo@users.test"],
        bcc=["bea@users.test"], reply_to=["help@acme.test"], connection=connection,
    )  # fmt: skip
    message.attach("a.txt", "text", "text/plain")
    message.metadata, message.tags = {"order": 1}, ["bill"]  # type: ignore[attr-defined]
    assert message.send() == 1
    message.merge_data, message.attachments = {}, []  # type: ignore[attr-defined]
    assert message.send() == 1
    status = message.anymail_status  # type: ignore[attr-defined]
    for address in ("rita@users.test", "jo@users.test"):
        assert Delivery.objects.filter(email=status.recipients[address].message_id, recipient=address).count() == 1
    assert (Email.objects.count(), Delivery.objects.count()) == (3, 7)


def test_what_npms_sdk_sends_along_is_taken(url: str, caller: Caller) -> None:
    headers = {
        "Authorization": f"Bearer {caller.secret}", "Content-Type": "application/json",
        "x-batch-validation": "strict", "sec-fetch-mode": "cors", "User-Agent": "resend-node:6.38.0",
    }  # fmt: skip
    with urlopen(Request(f"{url}/emails", headers=headers)) as answer:
        assert (answer.status, answer.headers["Content-Type"]) == (200, "application/json")
