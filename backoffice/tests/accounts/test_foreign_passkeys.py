"""A passkey signs its own person in, at this site, for this browser's question, once; any other answer is refused."""

from typing import Any

import pytest
from allauth.mfa.webauthn.internal.auth import STATE_SESSION_KEY
from django.conf import LazySettings
from django.test import Client

from backoffice.tests.accounts.steps import SECOND_STEP, is_signed_in, sign_in, sign_out
from backoffice.tests.accounts.test_passkeys import ADD, AGAIN, BY_PASSKEY
from people.models import User
from testing.factories import PASSWORD
from testing.passkey import FLAG, Passkey

SITE, HOST = "https://backoffice.example", "backoffice.example"


@pytest.fixture(autouse=True)
def _site(settings: LazySettings) -> None:
    settings.SITE_URL = SITE


@pytest.fixture
def alices(alice: User) -> Passkey:
    return made_by(alice)


def made_by(person: User, identity: bytes = b"one of many passkeys") -> Passkey:
    """Return a new passkey of somebody, who adds it on their own page."""
    client, passkey = Client(), Passkey(SITE, HOST, identity=identity)
    sign_in(client, person.email)
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    options = client.get(ADD).context["js_data"]["creation_options"]
    assert client.post(ADD, {"name": "Key", "credential": passkey.made(options)}).status_code == 302
    return passkey


def question(client: Client) -> dict[str, Any]:
    asked: dict[str, Any] = client.get(BY_PASSKEY, headers={"Accept": "application/json"}).json()["request_options"]
    return asked


def opens(client: Client, person: User, answer: str) -> bool:
    client.post(BY_PASSKEY, {"credential": answer})
    return is_signed_in(client, person)


def test_it_signs_its_person_in(client: Client, alices: Passkey, alice: User) -> None:
    assert opens(client, alice, alices.signed(question(client)))


def test_an_answer_that_was_used_is_refused_in_the_same_browser_too(
    client: Client, alices: Passkey, alice: User
) -> None:
    used = alices.signed(question(client))
    assert opens(client, alice, used)
    sign_out(client)
    assert not opens(client, alice, used)
    question(client)
    assert not opens(client, alice, used)


def test_an_answer_to_another_browsers_question_is_refused(client: Client, alices: Passkey, alice: User) -> None:
    theirs = question(Client())
    assert not opens(client, alice, alices.signed(theirs))
    question(client)
    assert not opens(client, alice, alices.signed(theirs))


@pytest.mark.parametrize(
    "claimed",
    [
        {"origin": "https://evil.example"},
        {"origin": f"https://acme.{HOST}"},
        {"origin": f"http://{HOST}"},
        {"origin": f"{SITE}:8443"},
        {"origin": "null"},
        {"rp_id": "evil.example"},
        {"rp_id": "example"},
        {"flags": FLAG.UP},
        {"flags": FLAG.UV},
        {"kind": "webauthn.create"},
        {"kind": "payment.get"},
    ],
    ids=str,
)
def test_an_answer_that_is_not_for_this_site_or_not_verified_is_refused(
    claimed: dict[str, Any], client: Client, alices: Passkey, alice: User
) -> None:
    for name, value in claimed.items():
        setattr(alices, name, value)
    assert not opens(client, alice, alices.signed(question(client)))
    assert STATE_SESSION_KEY in client.session


def test_nobody_comes_in_with_the_passkey_of_somebody_else(
    client: Client, alices: Passkey, alice: User, charlie: User
) -> None:
    charlies = made_by(charlie, b"another passkey")
    charlies.handle, alices.handle = alices.handle, charlies.handle
    for passkey in (charlies, alices):
        assert not opens(client, alice, passkey.signed(question(client)))
        assert not opens(client, charlie, passkey.signed(question(client)))


def test_a_key_of_ones_own_under_the_name_of_anothers_passkey_opens_nothing(
    client: Client, alices: Passkey, alice: User, charlie: User
) -> None:
    forged = Passkey(SITE, HOST, handle=alices.handle, identity=alices.identity)
    assert not opens(client, alice, forged.signed(question(client)))


def test_anothers_passkey_is_no_second_step(client: Client, alices: Passkey, alice: User, charlie: User) -> None:
    charlies = made_by(charlie, b"another passkey")
    sign_in(client, alice.email)
    for passkey, handle in ((charlies, charlies.handle), (charlies, alices.handle)):
        passkey.handle = handle
        options = client.get(SECOND_STEP).context["js_data"]["request_options"]
        client.post(SECOND_STEP, {"credential": passkey.signed(options)})
        assert not is_signed_in(client, alice)
        assert not is_signed_in(client, charlie)


def test_anothers_passkey_does_not_stand_for_the_password_asked_for_again(
    client: Client, alices: Passkey, charlie: User
) -> None:
    charlies = made_by(charlie, b"another passkey")
    assert opens(client, charlie, charlies.signed(question(client)))
    before = client.session["account_authentication_methods"]
    options = client.get(AGAIN).context["js_data"]["request_options"]
    client.post(AGAIN, {"credential": alices.signed(options)})
    assert client.session["account_authentication_methods"] == before


def test_whoever_may_not_sign_in_does_not_by_a_passkey(client: Client, alices: Passkey, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    assert not opens(client, alice, alices.signed(question(client)))
