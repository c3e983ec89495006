"""What e-mails tell people about: what they chose, and always what is about their own account."""

from collections.abc import Callable

import pytest
from django.core import mail
from django.test import Client

from messages.models import Mailbox
from people.models import NoticeKind, Timing, User
from smtp_settings.models import Communication
from testing.factories import PASSWORD, make_domain
from whitelabel.correspondence import send_notice, write
from whitelabel.domains import notices
from whitelabel.models import DomainEvent, WhiteLabel
from whitelabel.models.transitions import Actor, Transition

CHOOSE = "/accounts/profile/notices/"


def told() -> list[str]:
    return [message.to[0] for message in mail.outbox]


def choose(person: User, *kinds: NoticeKind) -> None:
    """Be told of these kinds at once, and of no other."""
    client = Client()
    client.force_login(person)
    answer = client.post(CHOOSE, dict.fromkeys(NoticeKind, Timing.NEVER) | dict.fromkeys(kinds, Timing.AT_ONCE))
    assert answer.status_code == 302


def a_message(white_label: WhiteLabel) -> None:
    write(sender=Mailbox.platform(), receiver=white_label.mailbox, subject="Hi", body="Text", author=None)


def a_transition(transition: Transition) -> Callable[[WhiteLabel], None]:
    def happen(white_label: WhiteLabel) -> None:
        domain = make_domain(white_label)
        event = DomainEvent.objects.create(
            sending_domain=domain, transition=transition, to_state=domain.state, actor=Actor.OWNER
        )
        notices.notify(event)

    return happen


@pytest.mark.parametrize(
    ("kind", "happen"),
    [
        (NoticeKind.MESSAGES, a_message),
        (NoticeKind.REQUESTS, a_transition(Transition.APPROVE)),
        (NoticeKind.DNS, a_transition(Transition.SUSPEND)),
    ],
)
def test_who_chose_not_to_be_told_is_not(
    kind: NoticeKind, happen: Callable[[WhiteLabel], None], alice: User, bob: User, acme: WhiteLabel
) -> None:
    choose(alice, *(other for other in NoticeKind if other != kind))
    choose(bob, kind)
    happen(acme)
    assert told() == [bob.email]


def test_each_of_the_kinds_is_chosen_by_itself(alice: User) -> None:
    for kind in NoticeKind:
        choose(alice, kind)
        alice.refresh_from_db()
        assert [other for other in NoticeKind if alice.timing_of(other) != Timing.NEVER] == [kind]
        assert [*User.objects.told_of(kind)] == [alice]


def test_people_are_told_of_everything_at_first(alice: User) -> None:
    assert all(alice in User.objects.told_of(kind) for kind in NoticeKind)


def test_owners_choose_for_themselves(owner: User, acme: WhiteLabel) -> None:
    choose(owner)
    domain = make_domain(acme)
    for kind in NoticeKind:
        send_notice(Mailbox.platform(), kind, subject="Hi", paragraphs=["Text"], about=domain)
    assert told() == []


def test_the_support_address_is_told_whatever_owners_choose(owner: User, acme: WhiteLabel) -> None:
    Communication.objects.update_or_create(pk=1, defaults={"support_address": "help@platform.test"})
    choose(owner)
    send_notice(Mailbox.platform(), NoticeKind.SERVERS, subject="Hi", paragraphs=["Text"], about=make_domain(acme))
    assert told() == ["help@platform.test"]
    client = Client()
    client.force_login(owner)
    assert "Notices to the platform go to help@platform.test" in client.get("/accounts/profile/").content.decode()


def test_who_is_shut_out_is_told_nothing(alice: User, bob: User, acme: WhiteLabel) -> None:
    bob.archive()
    a_message(acme)
    assert told() == [alice.email]


def test_what_is_about_their_own_account_always_comes(client: Client, alice: User) -> None:
    choose(alice)
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    new = "a whole new word"
    client.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert told() == [alice.email]


def test_the_page_offers_the_digest_and_says_when_it_comes(alice: User, acme: WhiteLabel) -> None:
    client = Client()
    client.force_login(alice)
    page = client.get("/accounts/profile/").content.decode()
    assert page.count(Timing.DIGEST.label) == len(NoticeKind)
    assert "The digest comes at 7 in the morning in your time zone, UTC." in page


@pytest.mark.parametrize("value", ["", "SOMETIMES", "True"])
def test_another_answer_than_those_that_are_offered_changes_nothing(value: str, alice: User, acme: WhiteLabel) -> None:
    client = Client()
    client.force_login(alice)
    assert client.post(CHOOSE, dict.fromkeys(NoticeKind, value)).status_code == 422
    alice.refresh_from_db()
    assert {alice.timing_of(kind) for kind in NoticeKind} == {Timing.AT_ONCE}


def test_every_e_mail_of_the_product_has_both_forms_one_button_and_says_why(
    alice: User, acme: WhiteLabel, client: Client
) -> None:
    a_message(acme)
    a_transition(Transition.APPROVE)(acme)
    for message in mail.outbox:
        (html,) = [str(part) for part, kind in getattr(message, "alternatives", []) if kind == "text/html"]
        assert html.count('class="button"') == 1
        for body in (html, str(message.body)):
            assert "You get this e-mail because you are an admin of Acme." in body
            assert "/accounts/profile/#notices" in body
        assert str(message.from_email).startswith('"Acme Apps" <')
