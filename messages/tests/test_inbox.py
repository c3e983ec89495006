"""Who sees which threads, and which of them are unread."""

import pytest

from messages.models import SEARCH_MAX_WORDS, Mailbox, Thread
from messages.posting import open_thread, post
from people.models import User
from whitelabel.models import WhiteLabel


@pytest.fixture
def thread(acme: WhiteLabel, alice: User) -> Thread:
    return open_thread(
        sender=acme.mailbox, receiver=Mailbox.platform(), subject="Our domain", body="Please hurry.", author=alice
    )


def unread(mailbox: Mailbox, person: User) -> list[bool]:
    return [row["unread"] for row in Thread.objects.in_inbox(mailbox).with_unread(mailbox, person).values()]  # type: ignore[misc]


def test_a_thread_is_seen_from_its_two_ends_only(thread: Thread, acme: WhiteLabel, globex: WhiteLabel) -> None:
    assert list(Thread.objects.of(acme.mailbox)) == [thread]
    assert list(Thread.objects.of(Mailbox.platform())) == [thread]
    assert list(Thread.objects.of(globex.mailbox)) == []


def test_a_thread_is_unread_for_each_person_of_the_other_end(
    thread: Thread, acme: WhiteLabel, alice: User, bob: User, owner: User
) -> None:
    assert unread(Mailbox.platform(), owner) == [True]
    assert unread(acme.mailbox, alice) == unread(acme.mailbox, bob) == [False]
    thread.mark_read(owner)
    assert unread(Mailbox.platform(), owner) == [False]


def test_an_answer_makes_it_unread_for_the_first_end(
    thread: Thread, acme: WhiteLabel, alice: User, bob: User, owner: User
) -> None:
    post(thread, sender=Mailbox.platform(), body="Soon.", author=owner)
    thread.mark_read(bob)
    assert (unread(acme.mailbox, alice), unread(acme.mailbox, bob)) == ([True], [False])


def test_what_the_product_itself_writes_is_news_to_both_ends(
    thread: Thread, acme: WhiteLabel, alice: User, owner: User
) -> None:
    thread.mark_read(owner)
    post(thread, sender=Mailbox.platform(), body="The domain is active.", author=None)
    assert unread(Mailbox.platform(), owner) == unread(acme.mailbox, alice) == [True]


def test_a_read_thread_can_be_marked_unread(thread: Thread, owner: User) -> None:
    thread.mark_read(owner)
    thread.mark_unread(owner)
    assert unread(Mailbox.platform(), owner) == [True]


def test_archiving_is_for_one_end(thread: Thread, acme: WhiteLabel) -> None:
    thread.archive(acme.mailbox)
    assert list(Thread.objects.in_inbox(acme.mailbox)) == []
    assert list(Thread.objects.archived(acme.mailbox)) == [thread]
    assert list(Thread.objects.in_inbox(Mailbox.platform())) == [thread]
    thread.unarchive(acme.mailbox)
    assert list(Thread.objects.in_inbox(acme.mailbox)) == [thread]


@pytest.mark.parametrize(
    ("words", "found"), [("domain", 1), ("HURRY our", 1), ("domain tomorrow", 0), ("", 1), ("\x00", 1), ("%", 0)]
)
def test_every_word_must_occur_in_subject_or_messages(words: str, found: int, thread: Thread) -> None:
    assert Thread.objects.search(words).count() == found


def test_very_many_words_are_cut(thread: Thread) -> None:
    assert Thread.objects.search("domain " * SEARCH_MAX_WORDS + "elsewhere").count() == 1


def test_the_newest_message_is_shown_with_the_thread(thread: Thread, owner: User) -> None:
    post(thread, sender=Mailbox.platform(), body="Soon.", author=owner)
    (found,) = Thread.objects.all().with_latest().values()  # type: ignore[misc]
    assert (found["latest_body"], found["latest_sender"]) == ("Soon.", Mailbox.platform().pk)
