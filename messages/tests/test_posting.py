"""Writing into a thread: what is kept, what is refused."""

import pytest
from django.core.exceptions import ValidationError

from messages.models import BODY_MAX_CHARS, Mailbox, Thread
from messages.posting import clean_body, clean_subject, open_thread, post
from people.models import User
from whitelabel.models import WhiteLabel


@pytest.fixture
def thread(acme: WhiteLabel, alice: User) -> Thread:
    return open_thread(sender=acme.mailbox, receiver=Mailbox.platform(), subject="Hello", body="First.", author=alice)


def test_a_thread_is_opened_with_its_first_message(thread: Thread, acme: WhiteLabel, alice: User) -> None:
    message = thread.messages.get()
    assert (message.body, message.sender, message.author) == ("First.", acme.mailbox, alice)
    assert thread.other_end(acme.mailbox) == Mailbox.platform()


def test_an_answer_brings_the_thread_back_to_both_inboxes(thread: Thread, acme: WhiteLabel, owner: User) -> None:
    thread.archive(acme.mailbox)
    thread.archive(Mailbox.platform())
    post(thread, sender=Mailbox.platform(), body="Second.", author=owner)
    assert list(Thread.objects.in_inbox(acme.mailbox)) == [thread]
    assert list(Thread.objects.in_inbox(Mailbox.platform())) == [thread]


def test_line_breaks_are_kept_in_one_spelling() -> None:
    assert clean_body(" one\r\ntwo\rthree\n\n") == "one\ntwo\nthree"


@pytest.mark.parametrize("body", ["", " \n\t", "a\x00b", "a\x07b", "\ud800", "x" * (BODY_MAX_CHARS + 1)])
def test_a_body_that_is_no_plain_text_is_refused(body: str) -> None:
    with pytest.raises(ValidationError) as refused:
        clean_body(body)
    assert list(refused.value.message_dict) == ["body"]


@pytest.mark.parametrize(
    "subject", ["", "  ", "a\r\nBcc: b@c.test", "a\nb", "a\x00b", "a\u2028b", "a\u2029b", "a\x85b", "x" * 201]
)
def test_a_subject_that_is_not_one_line_is_refused(subject: str) -> None:
    with pytest.raises(ValidationError) as refused:
        clean_subject(subject)
    assert list(refused.value.message_dict) == ["subject"]


def test_nothing_is_kept_of_a_thread_with_a_bad_first_message(acme: WhiteLabel, alice: User) -> None:
    with pytest.raises(ValidationError):
        open_thread(sender=acme.mailbox, receiver=Mailbox.platform(), subject="Hello", body=" ", author=alice)
    assert not Thread.objects.exists()
