"""Addresses as callers give them: judged by their length first, and each in no more time than its length asks for."""

import time
from typing import Any

import pytest
from django.core.exceptions import ValidationError

from delivery.api import send
from delivery.message import validation

pytestmark = pytest.mark.django_db
SECONDS = 5  # of CPU, for what takes milliseconds


@pytest.mark.parametrize("piece", [" ", '"', '\\"', "\\", "<", "(", "[", "@", ".", "a@", "ü"])
@pytest.mark.parametrize("field", ["to", "cc", "bcc", "reply_to", "sender_address"])
def test_a_hostile_address_is_refused_at_once(field: str, piece: str) -> None:
    begun = time.process_time()
    for most in (2_000 // len(piece), 1_000_000):
        with pytest.raises(ValidationError) as refused:
            send(None, **{"to": "eve@users.test", "subject": "Hi", "text": "Text"} | {field: piece * most + "eve@"})  # type: ignore[arg-type]
        assert list(refused.value.message_dict) == [field]
    assert time.process_time() - begun < SECONDS


def test_blanks_around_an_address_are_none_of_it() -> None:
    assert validation.address(" " * 1_900 + "eve@users.test", "to") == validation.Recipient("", "eve@users.test")
    assert validation.address(f'"Doe, Eve" {" " * 1_800}<eve@users.test>', "to").name == "Doe, Eve"


@pytest.mark.parametrize(
    ("field", "values"),
    [
        ("to", {"to": f"{'x' * 201} <eve@users.test>"}),
        ("to", {"to": f"{'x' * 64}@{'y.' * 120}test"}),
        ("headers", {"headers": {f"X-{number}": "a" for number in range(101)}}),
        ("headers", {"headers": {"X-A": "x" * 2_001}}),
        ("attachments", {"attachments": [validation.Attachment("x" * 201, b"x")]}),
        ("attachments", {"attachments": [validation.Attachment("x", b"x", "text/" + "x" * 1_000)]}),
    ],
)
def test_what_is_too_long_is_refused_naming_the_field(field: str, values: dict[str, Any]) -> None:
    with pytest.raises(ValidationError) as refused:
        send(None, **{"to": "eve@users.test", "subject": "Hi", "text": "Text"} | values)
    assert list(refused.value.message_dict) == [field]


def test_fifty_named_recipients_are_read_and_written_quickly() -> None:
    people = [f'"Doe, Eve {number} Müller" <eve.{number}@users.test>' for number in range(50)]
    begun = time.process_time()
    email = send(None, to=people, subject="Hi", text="Text")
    assert time.process_time() - begun < SECONDS
    assert email.deliveries.count() == 50
