"""Messages that come together are stored together: each has its own answer, and none waits for others to come."""

import asyncio
import time
import uuid
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections

from delivery.models import Delivery, Email
from gateway.models import Key
from gateway.smtp import acceptance, replies
from gateway.smtp.acceptance import Submitted
from gateway.smtp.intake import AT_ONCE, TOGETHER_MAX, Intake
from testing import factories
from testing.servers.submission import SubmissionProcess
from whitelabel.models import Application

pytestmark = pytest.mark.django_db(transaction=True)

CONNECTIONS, MESSAGES = 12, 20


@pytest.fixture
def key(shop: Application) -> Key:
    return factories.make_key(shop, shop.owner)


def submitted(key: Key, to: str, text: str = "Hello\r\n") -> Submitted:
    data = f"\r\nFrom: shop@acme.test\r\nTo: {to}\r\nSubject: Hello\r\n\r\n{text}".encode()
    return Submitted(key, data, [to], False, False, "laptop", "127.0.0.1")


def test_each_of_a_group_has_its_own_answer(key: Key) -> None:
    good = [submitted(key, f"{name}@customers.test") for name in ("dana", "erin")]
    bare = submitted(key, "frank@customers.test", "a line\n")
    answers = acceptance.take([good[0], bare, good[1]])
    assert [answer[:3] for answer in answers] == ["250", "550", "250"]
    assert [answer.split()[-1] for answer in (answers[0], answers[2])] == [
        str(Email.objects.get(deliveries__recipient=one.recipients[0]).pk) for one in good
    ]
    assert not Delivery.objects.filter(recipient="frank@customers.test").exists()


def test_keys_of_a_group_stay_apart(key: Key, shop: Application) -> None:
    revoked, other = (
        factories.make_key(shop, shop.owner, name="revoked"),
        factories.make_key(shop, shop.owner, name="b"),
    )
    revoked.revoke(by=shop.owner)
    answers = acceptance.take([submitted(one, "dana@customers.test") for one in (key, revoked, other)])
    assert [answer[:3] for answer in answers] == ["250", "550", "250"]
    assert set(Email.objects.values_list("key_prefix", flat=True)) == {key.prefix, other.prefix}


def test_what_the_database_refuses_spoils_no_other(
    key: Key, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    same = uuid.uuid4()
    ids = iter([same, same, uuid.uuid4(), same, same, uuid.uuid4()])  # drawn once together, and once more alone
    monkeypatch.setattr(acceptance, "new_id", lambda: next(ids))
    answers = acceptance.take([submitted(key, f"{name}@customers.test") for name in ("dana", "erin", "frank")])
    assert [answer[:3] for answer in answers] == ["250", "451", "250"]
    assert answers[1] == replies.AWAY
    assert set(Delivery.objects.values_list("recipient", flat=True)) == {"dana@customers.test", "frank@customers.test"}
    assert "cannot be stored" in caplog.text


@pytest.mark.parametrize(
    ("others", "story"),
    [(TOGETHER_MAX, ["begin 1", "end 1", "begin 20", "end 20"]), (TOGETHER_MAX + 1, ["begin 1", "begin 20"])],
)
def test_a_second_transaction_begins_only_for_what_does_not_fit_into_the_next(
    key: Key, others: int, story: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    take, seen = acceptance.take, list[str]()

    def noted(together: Sequence[Submitted]) -> list[str]:
        seen.append(f"begin {len(together)}")
        try:
            if len(together) == 1 and len(seen) == 1:
                time.sleep(0.5)  # the disk is slow, and meanwhile others come
            return take(together)
        finally:
            seen.append(f"end {len(together)}")
            connections.close_all()  # those of this thread

    async def come() -> list[str]:
        with ThreadPoolExecutor(AT_ONCE) as threads:
            intake = Intake(threads)
            first = asyncio.create_task(intake.take(submitted(key, "first@customers.test")))
            await asyncio.sleep(0.1)
            rest = [intake.take(submitted(key, f"{number}@customers.test")) for number in range(others)]
            return await asyncio.gather(first, *rest)

    monkeypatch.setattr(acceptance, "take", noted)
    with ThreadPoolExecutor(1) as thread:  # a browser that another test has opened keeps a loop in this one
        answers = thread.submit(asyncio.run, come()).result()
    assert seen[: len(story)] == story
    assert {answer[:3] for answer in answers} == {"250"}
    assert Delivery.objects.count() == 1 + others


def test_many_sessions_at_once_are_all_answered(door: SubmissionProcess, secret: str) -> None:
    def send(number: int) -> None:
        with door.signed_in(secret) as client:
            for message in range(MESSAGES):
                client.sendmail("shop@acme.test", f"{number}.{message}@customers.test", b"Subject: x\r\n\r\nHi\r\n")

    with ThreadPoolExecutor(CONNECTIONS) as sessions:
        for done in [sessions.submit(send, number) for number in range(CONNECTIONS)]:
            done.result(120)
    assert Delivery.objects.values("recipient").distinct().count() == Email.objects.count() == CONNECTIONS * MESSAGES
