"""The inbox pages of both consoles."""

from datetime import timedelta

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from messages.models import Mailbox, Message, Thread
from messages.posting import open_thread, post
from people.models import User
from smtp_settings.models import Communication
from testing.factories import make_person, make_white_label
from testing.queries import queries_of
from whitelabel.models import WhiteLabel

ALL_ADDRESSES: list[tuple[str, dict[str, str]]] = [
    ("message_thread", {}),
    *((f"message_{act}", {}) for act in ("read", "unread", "archive", "unarchive")),
]


@pytest.fixture
def thread(acme: WhiteLabel, alice: User) -> Thread:
    return open_thread(
        sender=acme.mailbox, receiver=Mailbox.platform(), subject="Our domain", body="Please hurry.", author=alice
    )


def page_of(client: Client, person: User, name: str, **where: object) -> str:
    client.force_login(person)
    console = "owner" if person.is_superuser else "whitelabel"
    return client.get(reverse(f"{console}:{name}", kwargs=where or None)).content.decode()


def test_the_owner_reads_and_answers(
    client: Client, owner: User, thread: Thread, mailoutbox: list[EmailMessage]
) -> None:
    assert "Our domain" in page_of(client, owner, "messages")
    assert "Please hurry." in page_of(client, owner, "message_thread", pk=thread.pk)
    client.post(reverse("owner:message_thread", args=[thread.pk]), {"body": "Soon.\n\nThe owner"})
    assert [message.body for message in thread.messages.all()][-1] == "Soon.\n\nThe owner"
    assert [mail.to for mail in mailoutbox] == [["alice@acme.test"], ["bob@acme.test"]]
    assert f"http://localhost:8000/whitelabel/messages/{thread.pk}/" in mailoutbox[0].body
    assert "Soon." in mailoutbox[0].body


@pytest.mark.parametrize("name", ["alice", "bob"])
def test_each_admin_reads_and_answers(
    name: str,
    client: Client,
    thread: Thread,
    owner: User,
    mailoutbox: list[EmailMessage],
    request: pytest.FixtureRequest,
) -> None:
    person = request.getfixturevalue(name)
    assert "Please hurry." in page_of(client, person, "message_thread", pk=thread.pk)
    client.post(reverse("whitelabel:message_thread", args=[thread.pk]), {"body": "Well?"})
    assert [message.author for message in thread.messages.all()][-1] == person
    assert [mail.to for mail in mailoutbox] == [[owner.email]]
    assert mailoutbox[0].subject == "Message from Acme: Our domain"


@pytest.mark.parametrize(("name", "where"), ALL_ADDRESSES)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_foreign_thread_is_as_absent_as_no_thread(
    name: str, where: dict[str, str], method: str, client: Client, charlie: User, globex: WhiteLabel, thread: Thread
) -> None:
    client.force_login(charlie)
    foreign, absent = (
        getattr(client, method)(reverse(f"whitelabel:{name}", kwargs={"pk": pk, **where}), {"body": "x"})
        for pk in (thread.pk, thread.pk + 1000)
    )
    assert foreign.status_code == absent.status_code
    assert foreign.status_code in {404, 405}
    assert thread.messages.count() == 1


def test_the_other_side_is_not_in_the_list(client: Client, charlie: User, globex: WhiteLabel, thread: Thread) -> None:
    page = page_of(client, charlie, "messages")
    assert "Our domain" not in page
    assert "The inbox is empty." in page


def test_nobody_else_gets_in(client: Client, alice: User, acme: WhiteLabel, thread: Thread) -> None:
    assert client.get(reverse("owner:messages")).status_code == 302
    client.force_login(alice)
    assert client.get(reverse("owner:message_thread", args=[thread.pk])).status_code in {302, 403}


def test_opening_a_thread_marks_it_read_for_that_person(client: Client, owner: User, thread: Thread) -> None:
    assert "thread-unread" in page_of(client, owner, "messages")
    page_of(client, owner, "message_thread", pk=thread.pk)
    assert "thread-unread" not in page_of(client, owner, "messages")


def test_a_thread_is_moved_and_the_list_comes_back_as_it_was(client: Client, owner: User, thread: Thread) -> None:
    client.force_login(owner)
    move = reverse("owner:message_archive", args=[thread.pk])
    answer = client.post(move, {"list": "q=hurry&next=//evil.test"})
    assert answer["Location"] == "/backoffice/messages/?q=hurry"
    assert "Our domain" not in page_of(client, owner, "messages")
    assert "Our domain" in client.get("/backoffice/messages/?tab=archived").content.decode()


def test_moving_needs_a_known_act_and_post(client: Client, owner: User, thread: Thread) -> None:
    client.force_login(owner)
    assert client.post(f"/backoffice/messages/{thread.pk}/delete/").status_code == 404
    assert client.get(reverse("owner:message_archive", args=[thread.pk])).status_code == 405


def test_a_white_label_writes_to_the_platform(
    client: Client, alice: User, acme: WhiteLabel, mailoutbox: list[EmailMessage]
) -> None:
    Communication.objects.update_or_create(pk=1, defaults={"support_address": "support@platform.test"})
    client.force_login(alice)
    answer = client.post(reverse("whitelabel:message_new"), {"subject": "A question", "body": "How?"})
    thread = Thread.objects.get()
    assert answer["Location"] == f"/whitelabel/messages/{thread.pk}/"
    assert (thread.opened_by, thread.opened_with) == (acme.mailbox, Mailbox.platform())
    assert mailoutbox[0].to == ["support@platform.test"]
    assert f"http://localhost:8000/backoffice/messages/{thread.pk}/" in mailoutbox[0].body


def test_the_owner_chooses_the_white_label(client: Client, owner: User, acme: WhiteLabel, globex: WhiteLabel) -> None:
    client.force_login(owner)
    values = {"receiver": globex.pk, "subject": "News", "body": "Read this."}
    client.post(reverse("owner:message_new"), values)
    assert Thread.objects.get().opened_with == globex.mailbox


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"subject": "Hi", "body": " "}, "Write something first."),
        ({"subject": "", "body": "Text"}, "Give the message a subject."),
        ({"subject": "a\r\nBcc: x@y.test", "body": "Text"}, "A subject is one line"),
        ({"subject": "a\x00", "body": "Text"}, "Null characters are not allowed."),
        ({"subject": "s" * 201, "body": "Text"}, "at most 200 characters"),
        ({"subject": "Hi", "body": "b" * 20_001}, "at most 20,000 characters"),
        ({"subject": "Hi", "body": "Text", "receiver": 0}, "Choose one of the list."),
    ],
)
def test_a_mistake_gets_its_sentence_and_keeps_what_was_typed(
    values: dict[str, str], sentence: str, client: Client, owner: User, acme: WhiteLabel, mailoutbox: list[EmailMessage]
) -> None:
    client.force_login(owner)
    page = client.post(reverse("owner:message_new"), {"receiver": acme.pk, **values})
    assert sentence in page.content.decode()
    assert values["body"].strip() in page.content.decode()
    assert (Thread.objects.count(), len(mailoutbox)) == (0, 0)


def test_a_white_label_cannot_write_to_another(
    client: Client, charlie: User, globex: WhiteLabel, acme: WhiteLabel
) -> None:
    client.force_login(charlie)
    values = {"receiver": acme.pk, "subject": "Psst", "body": "Text"}
    client.post(reverse("whitelabel:message_new"), values)
    assert Thread.objects.get().opened_with == Mailbox.platform()


def test_messages_are_shown_as_plain_text(client: Client, owner: User, acme: WhiteLabel, thread: Thread) -> None:
    post(thread, sender=acme.mailbox, body="<script>alert(1)</script> https://evil.test")
    page = page_of(client, owner, "message_thread", pk=thread.pk)
    assert "&lt;script&gt;alert(1)&lt;/script&gt; https://evil.test" in page
    assert 'href="https://evil.test"' not in page


def test_a_white_label_does_not_see_who_of_the_platform_wrote(
    client: Client, alice: User, owner: User, thread: Thread
) -> None:
    post(thread, sender=Mailbox.platform(), body="Soon.", author=owner)
    page = page_of(client, alice, "message_thread", pk=thread.pk)
    assert "Soon." in page
    assert owner.email not in page


def test_a_long_list_has_pages_and_a_long_thread_a_beginning(
    client: Client, owner: User, acme: WhiteLabel, thread: Thread
) -> None:
    for number in range(30):
        open_thread(sender=acme.mailbox, receiver=Mailbox.platform(), subject=f"Thread {number}", body="x")
    assert "Page 1 of 2" in page_of(client, owner, "messages")
    for number in range(55):
        post(thread, sender=acme.mailbox, body=f"Message {number}")
    page = page_of(client, owner, "message_thread", pk=thread.pk)
    assert "Show 6 earlier messages" in page
    assert "Please hurry." not in page


def test_a_list_costs_the_same_number_of_queries_however_long(client: Client, owner: User, thread: Thread) -> None:
    client.force_login(owner)
    for_one = queries_of(client, reverse("owner:messages"))
    for number in range(20):
        other = make_white_label(f"White-label {number}", make_person(f"{number}@users.test"))
        open_thread(sender=other.mailbox, receiver=Mailbox.platform(), subject=f"Thread {number}", body="x")
    assert queries_of(client, reverse("owner:messages")) == for_one <= 20


def test_a_white_labels_list_costs_the_same_number_of_queries_however_long(
    client: Client, alice: User, acme: WhiteLabel, thread: Thread
) -> None:
    client.force_login(alice)
    for_one = queries_of(client, reverse("whitelabel:messages"))
    for number in range(20):
        open_thread(sender=Mailbox.platform(), receiver=acme.mailbox, subject=f"Thread {number}", body="x")
    assert queries_of(client, reverse("whitelabel:messages")) == for_one <= 20


def test_a_white_label_begins_twenty_conversations_a_day_and_goes_on_in_the_old_ones(
    client: Client, alice: User, owner: User, acme: WhiteLabel, mailoutbox: list[EmailMessage]
) -> None:
    client.force_login(alice)
    values = {"subject": "Hello", "body": "Hello?"}
    for _ in range(20):
        assert client.post(reverse("whitelabel:message_new"), values).status_code == 302
    refused = client.post(reverse("whitelabel:message_new"), values)
    assert "You have begun 20 conversations today" in refused.content.decode()
    assert (Thread.objects.count(), len(mailoutbox)) == (20, 20)
    latest = reverse("whitelabel:message_thread", args=[Thread.objects.latest("pk").pk])
    assert client.post(latest, {"body": "Are you there?"}).status_code == 302


def test_conversations_of_yesterday_and_what_the_product_wrote_are_not_counted(
    client: Client, alice: User, owner: User, acme: WhiteLabel
) -> None:
    for author in (alice, None):
        for _ in range(20):
            open_thread(sender=acme.mailbox, receiver=Mailbox.platform(), subject="s", body="b", author=author)
    Message.objects.filter(author=alice).update(at=timezone.now() - timedelta(days=2))
    client.force_login(alice)
    assert client.post(reverse("whitelabel:message_new"), {"subject": "Hello", "body": "Hello?"}).status_code == 302
