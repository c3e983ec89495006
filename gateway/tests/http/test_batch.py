"""POST /emails/batch: all or none, or what is right, as the header says."""

from typing import Any
from uuid import UUID

import pytest

from delivery.models import Email
from gateway.tests.http.conftest import Caller, message

pytestmark = pytest.mark.django_db

BATCH = [message(subject="0"), message(to="nobody"), message(subject=None), message(subject="3")]


def _batch(caller: Caller, messages: list[Any], **headers: str) -> Any:
    return caller("POST", "/emails/batch", messages, **headers)


def test_the_ids_come_in_the_order_of_the_messages(caller: Caller) -> None:
    answer = _batch(caller, [message(subject=str(number)) for number in range(100)]).json()
    subjects = dict(Email.objects.values_list("pk", "subject"))
    assert [subjects[pk] for pk in map(_uuid, answer["data"])] == [str(number) for number in range(100)]
    assert "errors" not in answer


@pytest.mark.parametrize("headers", [{}, {"x_batch_validation": "strict"}])
def test_a_strict_batch_is_taken_whole_or_not_at_all(headers: dict[str, str], caller: Caller) -> None:
    answer = _batch(caller, BATCH, **headers)
    assert answer.status_code == 422
    assert answer.json()["message"].startswith("E-mail 1 of the batch: Invalid `to` field: ")
    assert not Email.objects.exists()


def test_a_permissive_batch_takes_what_is_right_and_tells_of_the_rest(caller: Caller) -> None:
    answer = _batch(caller, BATCH, x_batch_validation="permissive").json()
    assert [error["index"] for error in answer["errors"]] == [1, 2]
    assert answer["errors"][1]["message"] == "Missing `subject` field."
    assert sorted(Email.objects.values_list("subject", flat=True)) == ["0", "3"]
    assert len(answer["data"]) == 2


def test_a_permissive_batch_of_nothing_right_takes_nothing(caller: Caller) -> None:
    answer = _batch(caller, [message(to="nobody"), 5, None], x_batch_validation="permissive")
    assert (answer.status_code, answer.json()["data"], len(answer.json()["errors"])) == (200, [], 3)


@pytest.mark.parametrize("messages", [[], [message()] * 101, {}])
def test_a_batch_has_one_to_a_hundred_messages(messages: list[Any], caller: Caller) -> None:
    assert _batch(caller, messages).status_code == 422
    assert not Email.objects.exists()


def _uuid(item: dict[str, str]) -> Any:
    return UUID(item["id"])
