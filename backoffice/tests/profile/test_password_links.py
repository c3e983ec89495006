"""Links at which a password is chosen: for one purpose, some time and one use, and how many are sent to whom."""

import re
from datetime import timedelta
from threading import Barrier, Thread

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.conf import settings
from django.core import mail
from django.db import connection, connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from backoffice.celery import app
from backoffice.profile.password_links import ANSWER
from backoffice.tasks import answer_password_resets
from people.invitations import invite, revoke
from people.models import PasswordReset, User
from people.tokens import INVITATION, PASSWORD_RESET, Tokens
from testing.factories import PASSWORD, make_person

RESET = "/accounts/password/reset/"
NEW = "a whole new word"
GONE = "This link has expired or was used"


def link_in(body: object) -> str:
    found = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", str(body))
    assert found is not None
    return found.group(1)


def address_of(tokens: Tokens, person: User) -> str:
    return f"/accounts/password/reset/key/{tokens.key_for(person)}/"


def opens(address: str) -> bool:
    answer = Client().get(address, follow=True)
    return GONE not in answer.content.decode()


def choose(address: str, password: str = NEW) -> None:
    client = Client()
    _type(client, client.get(address)["Location"], password)


def _type(client: Client, form: str, password: str) -> None:
    client.post(form, {"password1": password, "password2": password})


def ask(email: str, times: int = 1) -> int:
    """Ask for a new password and let a worker answer; return how many mails were sent."""
    before = len(mail.outbox)
    for _ in range(times):
        PasswordReset.objects.create(email=email)
        answer_password_resets()
    return len(mail.outbox) - before


@pytest.mark.parametrize(("tokens", "lasts"), [(INVITATION, timedelta(days=7)), (PASSWORD_RESET, timedelta(hours=1))])
def test_each_link_lasts_its_own_time(tokens: Tokens, lasts: timedelta, alice: User) -> None:
    address = address_of(tokens, alice)
    with time_machine.travel(timezone.now() + lasts - timedelta(minutes=1)):
        assert opens(address)
    with time_machine.travel(timezone.now() + lasts + timedelta(minutes=1)):
        assert not opens(address)


def test_a_token_of_one_purpose_is_none_of_another(alice: User) -> None:
    for mine, other in ((INVITATION, PASSWORD_RESET), (PASSWORD_RESET, INVITATION)):
        key = mine.key_for(alice)
        assert mine.person_of(key) == alice
        assert other.person_of(key) is None


@pytest.mark.parametrize("tokens", [INVITATION, PASSWORD_RESET])
def test_a_link_is_used_once(tokens: Tokens, alice: User) -> None:
    address, late = address_of(tokens, alice), Client()
    form = late.get(address)["Location"]
    choose(address)
    _type(late, form, "another word again")
    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert not opens(address)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("tokens", [INVITATION, PASSWORD_RESET])
def test_of_those_who_use_a_link_at_once_one_chooses(tokens: Tokens) -> None:
    alice = make_person("alice@acme.test")
    address, chosen = address_of(tokens, alice), [f"a whole new word {number}" for number in range(4)]
    browsers = [Client() for _ in chosen]
    forms = [browser.get(address)["Location"] for browser in browsers]
    start, answers = Barrier(len(chosen)), list[int]()

    def use(browser: Client, form: str, password: str) -> None:
        start.wait()
        answers.append(browser.post(form, {"password1": password, "password2": password}).status_code)
        connections.close_all()

    threads = [Thread(target=use, args=each) for each in zip(browsers, forms, chosen, strict=True)]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert sorted(answers) == [200, 200, 200, 302]
    assert not opens(address)


@pytest.mark.parametrize(
    "changed",
    [
        {"password": "pbkdf2_sha256$1$a$b"},
        {"email": "alice@elsewhere.test"},
        {"last_login": timezone.now()},
        {"is_active": False},
    ],
)
@pytest.mark.parametrize("tokens", [INVITATION, PASSWORD_RESET])
def test_a_link_ends_when_what_it_is_bound_to_changes(tokens: Tokens, changed: dict[str, object], alice: User) -> None:
    address = address_of(tokens, alice)
    User.objects.filter(pk=alice.pk).update(**changed)
    assert not opens(address)


def test_a_link_opens_the_account_of_nobody_else(alice: User, bob: User) -> None:
    _, _, token = INVITATION.key_for(alice).partition("-")
    theirs, _, _ = INVITATION.key_for(bob).partition("-")
    assert not opens(f"/accounts/password/reset/key/{theirs}-{token}/")


@pytest.mark.parametrize(
    "key", ["", "-", "zzzzzzzzzzzzzzzz-1-2", "1-", "1-abc", "1-d0m9s0-é", "0-1-1", "--", "1-1-1-1"]
)
def test_what_is_no_key_belongs_to_nobody(key: str, alice: User) -> None:
    assert INVITATION.person_of(key) is None


def test_a_newer_invitation_takes_the_place_of_the_former(alice: User, owner: User) -> None:
    for _ in range(2):
        invite(alice, inviter=owner, connection=mail.get_connection())
    former, newer = (link_in(message.body) for message in mail.outbox)
    assert not opens(former)
    assert opens(newer)


def test_an_invitation_says_how_long_it_lasts(alice: User, owner: User) -> None:
    invite(alice, inviter=owner, connection=mail.get_connection())
    assert "The link works for 7 days and once" in mail.outbox[0].body


def test_who_was_shut_out_or_removed_cannot_take_up_an_invitation_later(alice: User, bob: User, owner: User) -> None:
    for person in (alice, bob):
        invite(person, inviter=owner, connection=mail.get_connection())
    alice.archive()
    alice.restore()
    alice.save()
    revoke(bob)
    assert not any(opens(link_in(message.body)) for message in mail.outbox)


def test_an_owner_who_shuts_somebody_out_ends_their_invitation(client: Client, alice: User, owner: User) -> None:
    invite(alice, inviter=owner, connection=mail.get_connection())
    client.force_login(owner)
    client.post(f"/backoffice/people/{alice.pk}/change/", {"name": "Alice", "email": alice.email})
    User.objects.filter(pk=alice.pk).update(is_active=True)
    assert not opens(link_in(mail.outbox[0].body))


def test_the_token_is_in_no_address_of_the_page_where_it_is_used(client: Client, alice: User) -> None:
    key = PASSWORD_RESET.key_for(alice)
    address, token = f"/accounts/password/reset/key/{key}/", key.partition("-")[2]
    answer = client.get(address, follow=True)
    assert [where for where, _ in answer.redirect_chain] == [address.replace(token, "set-password")]
    assert token not in answer.content.decode()


def test_a_link_that_is_over_says_what_to_do(client: Client, db: None) -> None:
    page = client.get("/accounts/password/reset/key/1-d0m9s0-0123/").content.decode()
    assert GONE in page
    assert f'<a href="{RESET}">Ask for a new link</a>' in page


def test_three_links_an_hour_and_ten_a_day_are_sent_to_one_person(alice: User) -> None:
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        assert ask(alice.email, times=5) == 3
    sent = 3
    for hours in range(1, 6):
        with time_machine.travel(now + timedelta(hours=hours, minutes=hours), tick=False):
            sent += ask(alice.email, times=3)
    assert sent == 10
    with time_machine.travel(now + timedelta(hours=31), tick=False):
        assert ask(alice.email) == 1


def test_another_address_gives_no_more_links(alice: User) -> None:
    assert ask(alice.email, times=3) == 3
    User.objects.filter(pk=alice.pk).update(email="alice@elsewhere.test")
    assert ask("alice@elsewhere.test") == 0


def test_the_limit_of_one_person_is_not_that_of_another(alice: User, bob: User) -> None:
    assert ask(alice.email, times=4) == 3
    assert ask(bob.email) == 1


def test_who_may_not_sign_in_gets_no_link(alice: User) -> None:
    alice.archive()
    assert ask(alice.email) == 0
    assert not PasswordReset.objects.exists()


def test_a_mail_that_was_answered_is_answered_once(alice: User) -> None:
    assert ask(alice.email) == 1
    answer_password_resets()
    assert len(mail.outbox) == 1
    with time_machine.travel(timezone.now() + timedelta(hours=25)):
        answer_password_resets()
    assert not PasswordReset.objects.exists()


def test_asking_does_the_same_for_every_address(client: Client, alice: User, bob: User) -> None:
    bob.archive()
    client.post(RESET, {"email": "warm@up.test"})
    asked = {}
    for email in (alice.email, bob.email, "nobody@acme.test"):
        with CaptureQueriesContext(connection) as queries:
            answer = client.post(RESET, {"email": email})
        statements = [re.sub(r"'[^']*'|\d+", "X", query["sql"]) for query in queries]
        asked[email] = (answer.status_code, answer["Location"], statements, len(mail.outbox))
    assert asked[alice.email] == asked[bob.email] == asked["nobody@acme.test"]


def test_many_questions_from_one_address_are_refused(client: Client, db: None) -> None:
    answers = [client.post(RESET, {"email": f"somebody{number}@acme.test"}).status_code for number in range(21)]
    assert answers == [302] * 20 + [429]


def test_a_worker_knows_the_task_that_answers(client: Client, alice: User, worker_at_once: None) -> None:
    client.post(RESET, {"email": f" {alice.email.upper()} "})
    app.tasks[ANSWER].delay(PasswordReset.objects.get().pk)
    assert [message.to for message in mail.outbox] == [[alice.email]]


@pytest.mark.parametrize("typed", ["", "nobody", "a" * 250 + "@acme.test"])
def test_what_is_no_address_is_refused_at_its_field(typed: str, client: Client, db: None) -> None:
    assert client.post(RESET, {"email": typed}).status_code == 200
    assert not PasswordReset.objects.exists()


def test_a_former_address_opens_nothing(client: Client, alice: User, owner: User) -> None:
    """Where allauth once noted it, it would go on to sign the person in."""
    EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
    client.force_login(owner)
    values = {"name": "", "email": "alice@elsewhere.test", "is_active": "on"}
    client.post(f"/backoffice/people/{alice.pk}/change/", values)
    assert ask("alice@acme.test") == 0
    assert Client().post("/accounts/login/", {"login": "alice@acme.test", "password": PASSWORD}).status_code == 200
    assert Client().post("/accounts/login/", {"login": "alice@elsewhere.test", "password": PASSWORD}).status_code == 302


def test_a_link_leads_to_the_sign_in_and_makes_the_device_known(client: Client, alice: User) -> None:
    form = client.get(address_of(PASSWORD_RESET, alice))["Location"]
    done = client.post(form, {"password1": NEW, "password2": NEW}, follow=True)
    assert 'href="/accounts/login/"' in done.content.decode()
    assert settings.DEVICE_COOKIE_NAME in client.cookies


def test_a_link_alone_makes_no_device_known_where_a_second_step_is_asked_for(client: Client, alice: User) -> None:
    TOTP.activate(alice, generate_totp_secret())
    _type(client, client.get(address_of(PASSWORD_RESET, alice))["Location"], NEW)
    alice.refresh_from_db()
    assert alice.check_password(NEW)
    assert settings.DEVICE_COOKIE_NAME not in client.cookies
