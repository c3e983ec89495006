"""Taking mail into the outbox while the link to the database breaks: each message is there once, and said to be."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.db import OperationalError, connection, transaction

from delivery.api import send, send_bulk
from delivery.models import Delivery, Email
from testing.servers.lossy_link import LossyLink

MANY = [f"reader{number}@example.com" for number in range(40)]  # more than one statement takes

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def link(monkeypatch: pytest.MonkeyPatch) -> Iterator[LossyLink]:
    """The database is reached over it."""
    connection.ensure_connection()
    now, own = connection.connection.info, connection.settings_dict
    server = str(Path(now.host) / f".s.PGSQL.{now.port}") if now.host.startswith("/") else (now.host, now.port)
    with LossyLink(server) as link:
        connection.close()
        monkeypatch.setitem(own, "OPTIONS", {**own["OPTIONS"], "host": "127.0.0.1", "port": link.port})
        yield link
        connection.close()


def test_a_message_whose_commit_is_not_answered_is_accepted_once(link: LossyLink) -> None:
    link.lose_the_answer_to(b"WITH email AS")
    email = send(None, to="reader@example.com", subject="Once", text="Hello")
    assert link.lost == 1
    assert list(Email.objects.values_list("pk", flat=True)) == [email.pk]
    assert Delivery.objects.count() == 1


def test_a_message_that_did_not_reach_the_database_is_accepted_once(link: LossyLink) -> None:
    link.lose(b"WITH email AS")
    send(None, to="reader@example.com", subject="Once", text="Hello")
    assert (link.lost, Email.objects.count(), Delivery.objects.count()) == (1, 1, 1)


@pytest.mark.parametrize("words", [b"delivery_delivery", b"COMMIT"])
def test_many_whose_answer_is_lost_are_accepted_once(link: LossyLink, words: bytes) -> None:
    link.lose_the_answer_to(words)
    send_bulk(None, to=MANY, subject="Once", text="Hello")
    assert (link.lost, Email.objects.count(), Delivery.objects.count()) == (1, len(MANY), len(MANY))


def test_in_a_transaction_of_the_caller_nothing_is_tried_again(link: LossyLink) -> None:
    link.lose_the_answer_to(b"WITH email AS")
    with pytest.raises(OperationalError), transaction.atomic():
        send(None, to="reader@example.com", subject="Never", text="Hello")
    assert not Email.objects.exists()
