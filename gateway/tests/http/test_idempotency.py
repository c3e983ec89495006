"""Idempotency-Key: what is asked for several times is done once, and everybody gets the same answer."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection, connections, transaction
from django.utils import timezone

from delivery.models import Email
from gateway.http import idempotency
from gateway.models import IdempotentRequest
from gateway.tests.http.conftest import Caller, message

pytestmark = pytest.mark.django_db
AT_ONCE = 50


def _send(caller: Caller, key: str, path: str = "/emails", **changed: object) -> Any:
    body: Any = message(**changed)
    return caller("POST", path, [body] if path.endswith("batch") else body, idempotency_key=key)


def test_the_same_key_and_body_answer_the_same_id(caller: Caller) -> None:
    answers = [_send(caller, "order-1") for _ in range(3)]
    assert {answer.content for answer in answers} == {answers[0].content}
    assert (answers[0].status_code, Email.objects.count()) == (200, 1)


def test_the_same_key_with_another_body_is_refused(caller: Caller) -> None:
    _send(caller, "order-1")
    answer = _send(caller, "order-1", subject="Another")
    assert (answer.status_code, answer.json()["name"]) == (409, "invalid_idempotent_request")
    assert Email.objects.count() == 1


def test_a_key_counts_for_one_application_path_and_kind_of_key(
    caller: Caller, charlies: Caller, tester: Caller
) -> None:
    for who, path in ((caller, "/emails"), (caller, "/emails/batch"), (charlies, "/emails"), (tester, "/emails")):
        assert _send(who, "order-1", path).status_code == 200
    assert Email.objects.count() == 4


def test_a_refusal_leaves_the_key_free(caller: Caller) -> None:
    assert _send(caller, "order-1", to="nobody").status_code == 422
    assert not IdempotentRequest.objects.exists()
    assert _send(caller, "order-1").status_code == 200


@pytest.mark.parametrize("key", ["", "x" * 257, "ä", "a\x00"])
def test_a_key_that_is_none_is_refused(key: str, caller: Caller) -> None:
    answer = _send(caller, key)
    assert (answer.status_code, answer.json()["name"]) == (400, "invalid_idempotency_key")


def test_a_key_is_kept_for_seven_days(caller: Caller) -> None:
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        _send(caller, "order-1")
    with time_machine.travel(now + timedelta(days=7), tick=False):
        assert (_send(caller, "order-1").status_code, IdempotentRequest.forget()) == (200, 0)
    with time_machine.travel(now + timedelta(days=7, seconds=1), tick=False):
        assert _send(caller, "order-1", subject="Another").status_code == 200
    assert Email.objects.count() == 2


def test_a_process_that_dies_before_the_commit_leaves_nothing_behind(
    caller: Caller, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(*_: object) -> None:
        raise RuntimeError("killed")

    monkeypatch.setattr(IdempotentRequest, "save", die)
    assert _send(caller, "order-1").status_code == 500
    assert not Email.objects.exists()
    monkeypatch.undo()
    assert _send(caller, "order-1").status_code == 200


def test_one_whose_answer_was_lost_is_repeated_without_a_second_mail(caller: Caller) -> None:
    committed = _send(caller, "order-1").json()  # and the process was killed before the client heard of it
    assert _send(caller, "order-1").json() == committed
    assert Email.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_fifty_at_once_one_makes_the_mail_and_all_hear_of_it(caller: Caller) -> None:
    def post(_: int) -> tuple[int, bytes]:
        try:
            answer = _send(Caller(caller.key, caller.secret), "order-1")
            return answer.status_code, answer.content
        finally:
            connections.close_all()

    with ThreadPoolExecutor(AT_ONCE) as threads:
        answers = set(threads.map(post, range(AT_ONCE)))
    email = Email.objects.get()
    assert answers == {(200, f'{{"id": "{email.pk}"}}'.encode())}


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
def test_whoever_waits_in_vain_is_told_to_come_again(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time")
    monkeypatch.setattr(idempotency, "WAIT_SECONDS", 1)

    def wait() -> Any:
        try:
            return _send(Caller(caller.key, caller.secret), "order-1")
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as threads, transaction.atomic():
        row = IdempotentRequest(application=caller.key.application, test=False, path="/emails", key="order-1")
        row.save(force_insert=True)
        answer = threads.submit(wait).result()
    assert (answer.status_code, answer.json()["name"]) == (409, "concurrent_idempotent_requests")
    assert answer["Retry-After"] == "1"
