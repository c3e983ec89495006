"""Every door refuses an address that no server has to take, whoever it is of."""

from typing import Any

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db.models import EmailField

from delivery.api import send
from gateway.smtp import commands
from people.models import User
from phrases.address_limits import within_limits
from testing.factories import make_application, make_server
from whitelabel.models import WhiteLabel

LONG = f"{'a' * 65}@users.test"
OURS = ("people", "inbox", "smtp_settings", "whitelabel", "delivery", "gateway")
FIELDS = [
    field
    for app in OURS
    for model in apps.get_app_config(app).get_models()
    for field in model._meta.concrete_fields
    if isinstance(field, EmailField)
]


@pytest.mark.parametrize("field", FIELDS, ids=str)
def test_every_stored_address_is_measured(field: "EmailField[Any, Any]") -> None:
    assert within_limits in field.validators


def test_there_are_stored_addresses() -> None:
    assert len(FIELDS) >= 5


@pytest.mark.django_db
@pytest.mark.parametrize("field", ["to", "cc", "bcc", "reply_to", "sender_address"])
def test_the_api_refuses_it_naming_the_field(field: str) -> None:
    with pytest.raises(ValidationError, match="has 65 octets") as refused:
        send(None, **{"to": "eve@users.test", "subject": "Hi", "text": "Text"} | {field: LONG})  # type: ignore[arg-type]
    assert list(refused.value.message_dict) == [field]


def test_the_smtp_door_refuses_the_recipient() -> None:
    with pytest.raises(commands.Refused, match=r"553 5\.1\.3"):
        commands.recipient(f"TO:<{LONG}>", smtputf8=False)
    with pytest.raises(commands.Refused, match=r"553 5\.1\.3"):
        commands.recipient(f"TO:<{'ü' * 33}@users.test>", smtputf8=True)
    assert commands.recipient(f"TO:<{'ü' * 32}@users.test>", smtputf8=True)


def test_a_person_a_server_and_an_application_cannot_have_it(acme: WhiteLabel, alice: User) -> None:
    shop, server = make_application(alice, acme), make_server()
    alice.email = shop.sender_address = server.sender_address = LONG
    for row in (alice, shop, server):
        with pytest.raises(ValidationError, match="has 65 octets"):
            row.clean_fields()
