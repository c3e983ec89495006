"""What is no passkey of one's own is refused; the browser is asked for nothing less than a passkey of the site."""

import json
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.conf import LazySettings
from django.test import Client
from fido2.utils import websafe_encode

from backoffice.tests.accounts.steps import LOGIN, SECOND_STEP, SECRET, sign_in
from people.models import User
from testing.factories import PASSWORD

BY_PASSKEY = "/accounts/2fa/webauthn/login/"
ADD = "/accounts/2fa/webauthn/add/"
AGAIN = "/accounts/2fa/webauthn/reauthenticate/"


def _posted(client: Client, credential: object) -> Any:
    client.get(BY_PASSKEY, headers={"Accept": "application/json"})
    return client.post(BY_PASSKEY, {"credential": json.dumps(credential)}, follow=True)


@pytest.mark.parametrize(
    "credential",
    [
        None, 7, "x", [], {}, {"response": 1}, {"response": {}}, {"response": {"clientDataJSON": "x"}},
        {"id": "x", "response": {"clientDataJSON": "e30"}},
        {"id": "x", "rawId": "x", "type": "public-key", "response": {"clientDataJSON": "e30"}},
    ],
)  # fmt: skip
def test_what_is_no_answer_of_a_passkey_is_refused(credential: object, client: Client, alice: User) -> None:
    answer = _posted(client, credential)
    assert answer.status_code == 200
    assert "_auth_user_id" not in client.session


DEEP = "[" * 100_000
LARGE = "9" * 5_000
WITHIN = [f'{{"response": {{"clientDataJSON": "{websafe_encode(text.encode())}"}}}}' for text in (DEEP, LARGE)]


@pytest.mark.parametrize("credential", [DEEP, LARGE, '{"id":' * 100_000, *WITHIN])
def test_json_that_python_does_not_read_is_refused(credential: str, client: Client, alice: User) -> None:
    client.get(BY_PASSKEY, headers={"Accept": "application/json"})
    assert client.post(BY_PASSKEY, {"credential": credential}, follow=True).status_code == 200
    sign_in(client, alice.email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    client.get(ADD)
    assert client.post(ADD, {"name": "Key", "credential": credential}).status_code == 200
    assert client.post(AGAIN, {"credential": credential}, follow=True).status_code == 200


def test_nonsense_is_refused_where_a_passkey_is_added_too(client: Client, alice: User) -> None:
    sign_in(client, alice.email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    for credential in ("x", "{}", '{"response": {"clientDataJSON": "e30"}}'):
        client.get(ADD)
        assert client.post(ADD, {"name": "Key", "credential": credential}).status_code == 200
    assert not Authenticator.objects.exists()


def test_the_options_ask_for_a_passkey_of_the_site_with_verification(
    client: Client, alice: User, charlie: User, settings: LazySettings
) -> None:
    settings.SITE_URL = "https://backoffice.example:8443"
    asked = client.get(BY_PASSKEY, headers={"Accept": "application/json"}).json()["request_options"]["publicKey"]
    assert (asked["rpId"], asked["userVerification"]) == ("backoffice.example", "required")
    Authenticator.objects.create(user=charlie, type="totp", data={"secret": SECRET})
    sign_in(client, charlie.email)
    second = client.get(SECOND_STEP).context["js_data"]["request_options"]["publicKey"]
    assert (second["rpId"], second["userVerification"]) == ("backoffice.example", "required")
    client = Client()
    sign_in(client, alice.email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    wanted = client.get(ADD).context["js_data"]["creation_options"]["publicKey"]
    assert wanted["rp"]["id"] == "backoffice.example"
    assert wanted["authenticatorSelection"]["residentKey"] == "required"
    assert wanted["authenticatorSelection"]["userVerification"] == "required"


def test_passkeys_are_offered_at_the_site_alone(client: Client, db: None, settings: LazySettings) -> None:
    settings.SITE_URL = "http://testserver"
    assert "Sign in with a passkey" in client.get(LOGIN).content.decode()
    settings.SITE_URL = "http://backoffice.example"
    assert "Sign in with a passkey" not in client.get(LOGIN).content.decode()


def test_somebody_without_a_passkey_is_not_asked_for_one(client: Client, alice: User, settings: LazySettings) -> None:
    settings.SITE_URL = "http://testserver"
    Authenticator.objects.create(user=alice, type="totp", data={"secret": SECRET})
    sign_in(client, alice.email)
    assert "Use a passkey" not in client.get(SECOND_STEP).content.decode()
