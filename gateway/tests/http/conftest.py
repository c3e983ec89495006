"""The HTTP API is open; Alice's shop has a key."""

import json
from dataclasses import dataclass, field
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client

from gateway.choices import Maker
from gateway.models import Key
from people.models import User
from testing.factories import make_application, make_key_and_secret
from whitelabel.models import Application, WhiteLabel


@dataclass
class Caller:
    """An application in another language, with its key."""

    key: Key
    secret: str
    client: Client = field(default_factory=lambda: Client(raise_request_exception=False))

    def __call__(self, method: str, path: str, body: object = None, **headers: str) -> Any:
        """Return the response; `headers` are named as in Python, such as `idempotency_key`."""
        named = {"Authorization": f"Bearer {self.secret}"}
        named |= {name.replace("_", "-"): value for name, value in headers.items()}
        content: dict[str, Any] = {} if body is None else {"data": body, "content_type": "application/json"}
        return self.client.generic(method, f"/api{path}", headers=named, **_written(content))

    def send(self, **changed: object) -> Any:
        return self("POST", "/emails", message(**changed))


def _written(content: dict[str, Any]) -> dict[str, Any]:
    return content | {"data": json.dumps(content["data"])} if content else content


def message(**changed: object) -> dict[str, object]:
    """Return a message that is right but for what was `changed`; None leaves a field out."""
    fields = {"from": "Shop <shop@acme.test>", "to": "rita@users.test", "subject": "Hello", "text": "It works."}
    changed = {("from" if name == "sender" else name): value for name, value in changed.items()}
    return {name: value for name, value in {**fields, **changed}.items() if value is not None}


@pytest.fixture(autouse=True)
def _open(settings: LazySettings) -> None:
    settings.API_URL = "http://testserver/api"


@pytest.fixture
def shop(alice: User, acme: WhiteLabel) -> Application:
    return make_application(alice, acme)


@pytest.fixture
def caller(shop: Application, alice: User) -> Caller:
    return Caller(*make_key_and_secret(shop, alice, scopes="send domains"))


@pytest.fixture
def tester(shop: Application, alice: User) -> Caller:
    """Alice's shop with a test key."""
    return Caller(*make_key_and_secret(shop, alice, name="Tests", test=True, scopes="send domains"))


@pytest.fixture
def charlies(charlie: User, globex: WhiteLabel) -> Caller:
    application = make_application(charlie, globex, "Tickets")
    return Caller(*make_key_and_secret(application, charlie, Maker.WHITE_LABEL))
