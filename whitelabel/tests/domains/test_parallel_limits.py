"""Limits of a white-label hold for what is sent at once: who comes second waits, and is counted after the first."""

import threading
import time
from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, transaction

from messages.models import Thread
from people.models import User
from testing.factories import make_domain
from whitelabel import correspondence
from whitelabel.domains import lifecycle
from whitelabel.models import RecordsLink, SendingDomain, WhiteLabel
from whitelabel.models.records_link import SENT_TO_ONE_A_DAY

pytestmark = pytest.mark.django_db(transaction=True)
LONG_ENOUGH_SECONDS = 0.3
IT = "it@customer.example"


@pytest.fixture
def requested(acme: WhiteLabel, alice: User) -> SendingDomain:
    return lifecycle.request_domain(white_label=acme, person=alice, typed="acme.test")


def refused_beside(act: Callable[[], object]) -> bool:
    """Act, and act once more in another connection before the first has ended; return whether that was refused."""
    refusals: list[ValidationError] = []
    other = threading.Thread(target=_collect, args=(act, refusals))
    with transaction.atomic():
        act()
        other.start()
        time.sleep(LONG_ENOUGH_SECONDS)
    other.join()
    return bool(refusals)


def _collect(act: Callable[[], object], refusals: list[ValidationError]) -> None:
    try:
        act()
    except ValidationError as error:
        refusals.append(error)
    finally:
        connection.close()


def test_of_two_answers_at_once_one_is_refused(requested: SendingDomain, alice: User, bob: User) -> None:
    for _ in range(lifecycle.MESSAGES_A_DAY - 2):  # the request is the first
        lifecycle.answer(requested, "Well?", by=alice)
    assert refused_beside(lambda: lifecycle.answer(requested, "Well?", by=bob))
    assert requested.thread is not None
    assert requested.thread.messages.count() == lifecycle.MESSAGES_A_DAY


def test_of_two_replies_at_once_one_is_refused(acme: WhiteLabel, globex: WhiteLabel, alice: User) -> None:
    thread = correspondence.write(
        sender=acme.mailbox, receiver=globex.mailbox, subject="Hello", body="Hello", author=alice
    )
    for _ in range(lifecycle.MESSAGES_A_DAY - 2):
        lifecycle.reply(thread, sender=acme.mailbox, person=alice, text="Well?")
    assert refused_beside(lambda: lifecycle.reply(thread, sender=acme.mailbox, person=alice, text="Well?"))
    assert thread.messages.count() == lifecycle.MESSAGES_A_DAY


def test_of_two_conversations_begun_at_once_one_is_refused(acme: WhiteLabel, globex: WhiteLabel, alice: User) -> None:
    def begin() -> None:
        lifecycle.begin(sender=acme.mailbox, receiver=globex.mailbox, person=alice, subject="Hello", text="Hello")

    for _ in range(lifecycle.THREADS_A_DAY - 1):
        begin()
    assert refused_beside(begin)
    assert Thread.objects.count() == lifecycle.THREADS_A_DAY


def test_of_two_links_at_once_one_is_refused(acme: WhiteLabel, alice: User) -> None:
    domain = make_domain(acme)
    for _ in range(SENT_TO_ONE_A_DAY - 1):
        RecordsLink.make(domain, by=alice, sent_to=IT)
    assert refused_beside(lambda: RecordsLink.make(domain, by=alice, sent_to=IT))
    assert RecordsLink.objects.filter(sent_to=IT).count() == SENT_TO_ONE_A_DAY
