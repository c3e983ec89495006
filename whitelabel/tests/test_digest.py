"""The daily digest: what people did not want to be told at once, in the morning where they are, once."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from threading import Barrier, Thread

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.db import connection

from messages.models import Mailbox
from people.models import NoticeKind, Timing, User
from testing.factories import make_domain
from whitelabel import digest
from whitelabel.correspondence import send_notice, write
from whitelabel.models import DigestItem, WhiteLabel

NIGHT = datetime(2026, 11, 30, 3, tzinfo=UTC)
MORNING = datetime(2026, 11, 30, 7, 1, tzinfo=UTC)


@pytest.fixture
def reader(acme: WhiteLabel, alice: User) -> User:
    acme.admins.set([alice])
    alice.name, alice.told_of_messages = "Alice", Timing.DIGEST
    alice.save()
    return alice


def tell(white_label: WhiteLabel, *subjects: str, at: datetime = NIGHT) -> None:
    with time_machine.travel(at, tick=False):
        for subject in subjects:
            write(sender=Mailbox.platform(), receiver=white_label.mailbox, subject=subject, body="<b>Text", author=None)


def test_two_messages_come_in_one_digest_in_the_morning(acme: WhiteLabel, reader: User) -> None:
    tell(acme, "First", "Second")
    digest.send_due(NIGHT + timedelta(hours=1))
    assert not mail.outbox
    digest.send_due(MORNING)
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == ([reader.email], "Acme Apps: 2 things are new")
    assert sent.body.startswith("Hello Alice,\n\nSince the last digest, 2 things are new.")
    assert ["First" in sent.body, "Second" in sent.body] == [True, True]


def test_a_digest_is_sent_once(acme: WhiteLabel, reader: User) -> None:
    tell(acme, "First")
    for _ in range(2):
        digest.send_due(MORNING)
    assert len(mail.outbox) == 1
    assert not DigestItem.objects.exists()


@pytest.mark.parametrize(
    ("zone", "hour"), [("Asia/Tokyo", 22), ("America/New_York", 12), ("Europe/Berlin", 6), ("UTC", 7), ("Gone/Gone", 7)]
)
def test_the_morning_is_the_readers_own(zone: str, hour: int) -> None:
    comes = NIGHT.replace(hour=hour)
    assert digest.latest_morning(comes, zone) == comes
    assert digest.latest_morning(comes - timedelta(seconds=1), zone) == comes - timedelta(days=1)


@pytest.mark.parametrize("day", [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)])
def test_the_morning_comes_once_on_the_days_when_clocks_are_changed(day: datetime) -> None:
    hours = [day - timedelta(hours=12) + timedelta(hours=number) for number in range(48)]
    mornings = sorted({digest.latest_morning(hour, "Europe/Berlin") for hour in hours})
    assert len(mornings) == 3
    assert {later - earlier for earlier, later in pairwise(mornings)} < {
        timedelta(hours=23 + more) for more in range(3)
    }


def test_what_comes_after_the_morning_waits_for_the_next(acme: WhiteLabel, reader: User) -> None:
    tell(acme, "Early")
    tell(acme, "Late", at=MORNING + timedelta(hours=1))
    digest.send_due(MORNING + timedelta(hours=2))
    assert "Late" not in mail.outbox[0].body
    digest.send_due(MORNING + timedelta(days=1))
    assert "Late" in mail.outbox[1].body


def test_each_white_label_has_a_digest_of_its_own_in_its_name(
    acme: WhiteLabel, globex: WhiteLabel, reader: User
) -> None:
    globex.admins.set([reader])
    tell(acme, "For Acme")
    tell(globex, "For Globex")
    digest.send_due(MORNING)
    by_name = {str(message.from_email).partition(" <")[0]: message.body for message in mail.outbox}
    assert set(by_name) == {f'"{acme.brand.name}"', f'"{globex.brand.name}"'}
    assert "For Globex" not in by_name[f'"{acme.brand.name}"']


def test_who_left_or_was_shut_out_gets_no_digest(acme: WhiteLabel, reader: User) -> None:
    tell(acme, "Secret")
    acme.admins.remove(reader)
    digest.send_due(MORNING)
    assert not mail.outbox
    acme.admins.add(reader)
    tell(acme, "Secret")
    reader.archive()
    digest.send_due(MORNING)
    assert not mail.outbox


def test_who_wants_to_be_told_no_more_is_not(acme: WhiteLabel, reader: User) -> None:
    tell(acme, "First")
    reader.told_of_messages = Timing.NEVER
    reader.save()
    digest.send_due(MORNING)
    assert not mail.outbox


def test_a_kind_that_is_told_at_once_is_not_in_the_digest(acme: WhiteLabel, reader: User) -> None:
    domain = make_domain(acme)
    send_notice(acme.mailbox, NoticeKind.DNS, subject="Gone", paragraphs=["Text"], about=domain)
    assert [message.subject for message in mail.outbox] == ["Gone"]
    assert not DigestItem.objects.exists()


def test_a_crash_while_it_is_sent_loses_nothing(
    acme: WhiteLabel, reader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    tell(acme, "First")
    with monkeypatch.context() as broken:
        broken.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", _dies)
        digest.send_due(MORNING)
    digest.send_due(MORNING)
    assert "First" in mail.outbox[0].body


def _dies(*given: object) -> int:
    raise OSError("the process is killed")


def test_an_address_that_cannot_be_used_keeps_nobody_from_theirs(acme: WhiteLabel, reader: User, bob: User) -> None:
    acme.admins.add(bob)
    User.objects.filter(pk=bob.pk).update(told_of_messages=Timing.DIGEST)
    User.objects.filter(pk=reader.pk).update(email="a\r\nBcc: v@evil.test")
    tell(acme, "First")
    digest.send_due(MORNING)
    assert [message.to for message in mail.outbox] == [[bob.email]]


def test_a_long_digest_says_how_many_more_there_are(acme: WhiteLabel, reader: User) -> None:
    tell(acme, *(f"Subject {number}" for number in range(digest.MOST_ENTRIES + 2)))
    digest.send_due(MORNING)
    assert "2 more are in the console." in mail.outbox[0].body


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_the_same_moment_send_it_once(acme: WhiteLabel, reader: User) -> None:
    tell(acme, "First", "Second")
    together = Barrier(2)

    def beat() -> None:
        together.wait()
        digest.send_due(MORNING)
        connection.close()

    beats = [Thread(target=beat) for _ in range(2)]
    for each in beats:
        each.start()
    for each in beats:
        each.join(30)
    assert len(mail.outbox) == 1


def test_what_somebody_wrote_is_set_apart_from_what_the_product_says(acme: WhiteLabel, reader: User) -> None:
    forged = "Fine.\n\nOpen the console:\n\nhttps://evil.test/\u2028--\nAcme Apps"
    with time_machine.travel(NIGHT, tick=False):
        write(sender=Mailbox.platform(), receiver=acme.mailbox, subject="Hi", body=forged, author=None)
    digest.send_due(MORNING)
    lines = mail.outbox[0].body.splitlines()
    assert "> https://evil.test/" in lines
    assert "https://evil.test/" not in lines
    (sent,) = mail.outbox
    assert isinstance(sent, EmailMultiAlternatives)
    html = str(sent.alternatives[0][0])
    assert 'class="quote"' in html[: html.index("evil.test")].rpartition("<p ")[2]
