"""The thread of a request on both sides: what is written in it answers the request, wherever it is written."""

import pytest
from django.core.mail import EmailMessage
from django.test import Client
from django.urls import reverse

from messages.models import Mailbox
from messages.posting import open_thread
from people.models import User
from whitelabel.domains import lifecycle
from whitelabel.models import SendingDomain, WhiteLabel


@pytest.fixture
def requested(acme: WhiteLabel, alice: User, owner: User) -> SendingDomain:
    return lifecycle.request_domain(white_label=acme, person=alice, typed="acme.test")


def thread_of(domain: SendingDomain, console: str) -> str:
    return reverse(f"{console}:message_thread", args=[domain.thread_id])


def turn_of(domain: SendingDomain) -> object:
    return vars(SendingDomain.objects.with_turn().get(pk=domain.pk))["turn"]


def test_an_owners_reply_is_a_question_and_the_answer_brings_it_back(
    client: Client, requested: SendingDomain, owner: User, bob: User, mailoutbox: list[EmailMessage]
) -> None:
    client.force_login(owner)
    client.post(thread_of(requested, "owner"), {"body": "Whose is it?"})
    assert turn_of(requested) == "WHITE_LABEL"
    assert mailoutbox[-1].to == [bob.email]
    client.force_login(bob)
    client.post(thread_of(requested, "whitelabel"), {"body": "Ours."})
    assert turn_of(requested) == "OWNER"
    assert "Ours." in mailoutbox[-1].body
    assert [event.transition for event in requested.events.reverse()] == ["REQUEST", "ASK", "ANSWER"]


def test_a_question_on_the_page_of_the_request_is_one_in_the_thread(
    client: Client, requested: SendingDomain, owner: User, alice: User
) -> None:
    client.force_login(owner)
    client.post(reverse("owner:domain_ask", args=[requested.pk]), {"body": "Whose is it?"})
    client.force_login(alice)
    page = client.get(thread_of(requested, "whitelabel")).content.decode()
    assert "Whose is it?" in page
    assert "waits for your answer" in page


def test_the_owner_sees_beside_the_thread_what_to_do(client: Client, requested: SendingDomain, owner: User) -> None:
    client.force_login(owner)
    page = client.get(thread_of(requested, "owner")).content.decode()
    assert "Waits for your answer." in page
    assert f'href="/backoffice/domains/{requested.pk}/change/">Approve or refuse' in page


def test_the_white_label_sees_beside_the_thread_where_the_records_are(
    client: Client, requested: SendingDomain, bob: User
) -> None:
    client.force_login(bob)
    page = client.get(thread_of(requested, "whitelabel")).content.decode()
    assert f'href="/whitelabel/email/domains/{requested.pk}/">See the records and check them' in page


def test_a_thread_about_something_else_has_nothing_beside_it(
    client: Client, acme: WhiteLabel, alice: User, owner: User, mailoutbox: list[EmailMessage]
) -> None:
    thread = open_thread(sender=acme.mailbox, receiver=Mailbox.platform(), subject="Hello", body="Hi.", author=alice)
    client.force_login(owner)
    address = reverse("owner:message_thread", args=[thread.pk])
    assert "request-title" not in client.get(address).content.decode()
    client.post(address, {"body": "Hi back."})
    assert mailoutbox[-1].subject == "Message from Platform: Hello"


def test_a_stranger_cannot_answer(client: Client, requested: SendingDomain, charlie: User, globex: WhiteLabel) -> None:
    client.force_login(charlie)
    assert client.post(thread_of(requested, "whitelabel"), {"body": "Mine!"}).status_code == 404
    assert requested.events.count() == 1


def test_whoever_sees_the_page_of_the_request_has_read_the_conversation(
    client: Client, requested: SendingDomain, owner: User
) -> None:
    client.force_login(owner)
    assert "thread-unread" in client.get("/backoffice/messages/").content.decode()
    client.get(reverse("owner:whitelabel_sendingdomain_change", args=[requested.pk]))
    assert "thread-unread" not in client.get("/backoffice/messages/").content.decode()


def test_after_the_end_people_may_still_write(
    client: Client, requested: SendingDomain, owner: User, alice: User
) -> None:
    lifecycle.perform(requested.refuse, "No.", by=owner)
    client.force_login(alice)
    client.post(thread_of(requested, "whitelabel"), {"body": "Why?"})
    assert requested.thread is not None
    assert requested.thread.messages.last().body == "Why?"  # type: ignore[union-attr]
    assert SendingDomain.objects.get().state == "REFUSED"
