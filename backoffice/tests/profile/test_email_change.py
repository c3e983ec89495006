"""Another e-mail address: confirmed there, agreed to at the former one, and only then signed in with."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.core import mail
from django.test import Client
from django.utils import timezone

from delivery.models import Delivery
from people.models import AuditEntry, EmailChange, User
from people.tokens import FORMER_ADDRESS, NEW_ADDRESS, PASSWORD_RESET
from testing.factories import PASSWORD, make_person

PROFILE = "/accounts/profile/"
EMAIL = f"{PROFILE}email/"
CONFIRM = f"{EMAIL}confirm/"
NEW = "alice@elsewhere.test"
GONE = "This link has expired or was used"


@pytest.fixture
def alices(client: Client, alice: User) -> Client:
    client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    client.post("/accounts/reauthenticate/", {"password": PASSWORD})
    return client


def ask(client: Client, email: str = NEW) -> str:
    return client.post(EMAIL, {"email": email}, follow=True).content.decode()


def links() -> dict[str, str]:
    """Return the newest link by whom it was sent to."""
    found = {}
    for message in mail.outbox:
        link = re.search(r"https?://[^/]+(/accounts/profile/email/link/\S+)", str(message.body))
        if link:
            found[message.to[0]] = link.group(1)
    return found


def use(link: str, *, button: str = "accept") -> str:
    """Follow a link in a browser of its own, where nobody is signed in, and press the button."""
    client = Client()
    client.get(link)
    return client.post(CONFIRM, {button: ""}).content.decode()


def address(person: User) -> str:
    return User.objects.get(pk=person.pk).email


def test_the_password_is_asked_for_again_first(client: Client, alice: User) -> None:
    client.force_login(alice)
    assert client.get(EMAIL)["Location"] == f"/accounts/reauthenticate/?next={EMAIL.replace('/', '%2F')}"
    client.post(EMAIL, {"email": NEW})
    assert not EmailChange.objects.exists()


@pytest.mark.parametrize("first", [NEW, "alice@acme.test"])
def test_the_address_changes_once_both_links_were_used(first: str, alices: Client, alice: User) -> None:
    ask(alices)
    sent = links()
    second = ({NEW, "alice@acme.test"} - {first}).pop()
    assert "Thank you. Now open the link" in use(sent[first])
    assert address(alice) == "alice@acme.test"
    assert f"You sign in with {NEW} from now on." in use(sent[second])
    assert address(alice) == NEW
    assert not EmailChange.objects.exists()


def test_both_addresses_are_told_afterwards(alices: Client) -> None:
    ask(alices)
    sent = links()
    for link in sent.values():
        use(link)
    told = {message.to[0]: message.body for message in mail.outbox[2:]}
    assert NEW in told["alice@acme.test"]
    assert "You sign in to" in told[NEW]


@pytest.mark.parametrize("used", [NEW, "alice@acme.test"])
def test_a_link_is_used_once(used: str, alices: Client, alice: User) -> None:
    ask(alices)
    link = links()[used]
    use(link)
    assert GONE in Client().get(link).content.decode()
    assert GONE in use(link)
    assert address(alice) == "alice@acme.test"


def test_opening_a_link_does_nothing_before_the_button_is_pressed(alices: Client, alice: User) -> None:
    ask(alices)
    for link in links().values():
        assert Client().get(link, follow=True).status_code == 200
    change = EmailChange.objects.get()
    assert (change.confirmed_at, change.agreed_at) == (None, None)


def test_the_key_is_in_no_address_of_the_page_where_it_is_used(alices: Client) -> None:
    ask(alices)
    for link in links().values():
        answer = Client().get(link, follow=True)
        assert answer.redirect_chain == [(CONFIRM, 302)]
        assert link.rstrip("/").rpartition("/")[2] not in answer.content.decode()


def test_a_link_lasts_an_hour(alices: Client) -> None:
    ask(alices)
    with time_machine.travel(timezone.now() + timedelta(minutes=61)):
        answers = [Client().get(link) for link in links().values()]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert GONE in answers[0].content.decode()


def test_the_link_of_one_address_is_not_that_of_the_other(alices: Client, alice: User) -> None:
    ask(alices)
    assert FORMER_ADDRESS.person_of(NEW_ADDRESS.key_for(alice)) is None
    assert PASSWORD_RESET.person_of(NEW_ADDRESS.key_for(alice)) is None


@pytest.mark.parametrize("newer", ["alice@third.test", NEW])
def test_a_newer_change_ends_the_links_of_the_former(newer: str, alices: Client) -> None:
    ask(alices)
    former = links()
    ask(alices, newer)
    assert all(Client().get(link).status_code == 404 for link in former.values())
    assert EmailChange.objects.get().email == newer


@pytest.mark.parametrize("changed", [{"password": "x"}, {"email": "a@b.test"}, {"is_active": False}])
def test_the_links_end_when_what_they_are_bound_to_changes(
    changed: dict[str, object], alices: Client, alice: User
) -> None:
    ask(alices)
    User.objects.filter(pk=alice.pk).update(**changed)
    assert all(Client().get(link).status_code == 404 for link in links().values())


def test_the_links_outlast_a_sign_in(alices: Client, alice: User) -> None:
    ask(alices)
    Client().post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert all(Client().get(link).status_code == 302 for link in links().values())


def test_what_waits_is_shown_and_can_be_cancelled(alices: Client, alice: User) -> None:
    assert "Nothing is changed yet" in ask(alices)
    assert f"Waiting: {NEW}" in alices.get(PROFILE).content.decode()
    assert "You go on signing in with alice@acme.test." in alices.post(f"{EMAIL}cancel/", follow=True).content.decode()
    assert "Waiting" not in alices.get(PROFILE).content.decode()
    assert all(Client().get(link).status_code == 404 for link in links().values())


def test_who_did_not_ask_cancels_it_by_the_link(alices: Client, alice: User) -> None:
    ask(alices)
    assert "Cancelled. You go on signing in with alice@acme.test." in use(links()["alice@acme.test"], button="cancel")
    assert not EmailChange.objects.exists()


def test_who_reads_mail_at_the_new_address_learns_no_other(alices: Client, alice: User) -> None:
    ask(alices)
    said = use(links()[NEW], button="cancel")
    assert f"Cancelled. Nobody signs in with {NEW} by this link." in said
    assert alice.email not in said
    ask(alices)
    sent = links()
    use(sent[alice.email])
    make_person(NEW)
    said = use(sent[NEW])
    assert f"{NEW} cannot be used." in said
    assert alice.email not in said


def test_nobody_cancels_the_change_of_somebody_else(alices: Client, charlie: User) -> None:
    ask(alices)
    other = Client()
    other.force_login(charlie)
    other.post(f"{EMAIL}cancel/")
    assert EmailChange.objects.exists()


def test_an_address_that_is_taken_is_not_told_from_a_free_one(alices: Client, bob: User) -> None:
    free = ask(alices).replace(NEW, "X")
    sent = len(mail.outbox)
    taken = ask(alices, bob.email).replace(bob.email, "X")
    assert without_secrets(free) == without_secrets(taken)
    assert [message.to for message in mail.outbox[sent:]] == [[bob.email], ["alice@acme.test"]]
    assert mail.outbox[0].subject == mail.outbox[sent].subject
    assert "there is an account with it already" in mail.outbox[sent].body
    assert "/link/" not in mail.outbox[sent].body


def test_an_address_that_was_taken_meanwhile_is_not_used(alices: Client, alice: User) -> None:
    ask(alices)
    sent = links()
    use(sent[NEW])
    make_person(NEW)
    assert f"{NEW} cannot be used. You go on signing in with alice@acme.test." in use(sent["alice@acme.test"])
    assert address(alice) == "alice@acme.test"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "Type the new address."),
        ("nobody", "Enter a valid email address."),
        ("ALICE@acme.test", "You sign in with this address already."),
        ("a" * 250 + "@acme.test", "at most 254 characters"),
    ],
)
def test_a_mistake_is_said_at_its_field(typed: str, said: str, alices: Client) -> None:
    answer = alices.post(EMAIL, {"email": typed})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert 'aria-invalid="true"' in answer.content.decode()


def test_nobody_is_flooded_with_links(alices: Client) -> None:
    for number in range(5):
        ask(alices, f"somebody{number}@acme.test")
    assert "You asked for this often within an hour." in ask(alices, "somebody5@acme.test")
    assert len(mail.outbox) == 10


def test_an_owners_change_ends_what_waits(alices: Client, alice: User, owner: User) -> None:
    ask(alices)
    other = Client()
    other.force_login(owner)
    values = {"name": "", "email": "alice@by-the-owner.test", "is_active": "on"}
    other.post(f"/backoffice/people/{alice.pk}/change/", values)
    assert address(alice) == "alice@by-the-owner.test"
    assert not EmailChange.objects.exists()


def test_the_links_leave_urgently_so_that_they_are_not_kept(alices: Client, settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = "delivery.backend.OutboxBackend"
    ask(alices)
    assert set(Delivery.objects.values_list("priority", flat=True)) == {Delivery.Priority.URGENT}
    assert Delivery.objects.count() == 2


def test_each_step_is_in_the_audit_log(alices: Client, alice: User) -> None:
    ask(alices)
    sent = links()
    use(sent[NEW])
    use(sent["alice@acme.test"])
    acts = AuditEntry.objects.filter(act__startswith="email_change.").order_by("pk")
    assert [entry.act.partition(".")[2] for entry in acts] == ["ask", "confirm", "agree", "complete"]
    assert {entry.person for entry in acts} == {alice}
    last = acts.last()
    assert last is not None
    assert (last.changes[0]["before"], last.changes[0]["after"]) == ("alice@acme.test", NEW)
    assert not any(key in entry.path for entry in acts for key in ("link/",))


def test_what_is_no_key_is_answered_plainly(client: Client, db: None) -> None:
    for key in ("x", "1-2-3", "zzzzzzzzzzzzzzzzzzzz-1-1", "1-d0m9s0-%F0%9F%98%80"):
        assert client.get(f"{EMAIL}link/{key}/").status_code == 404
    assert client.post(CONFIRM).status_code == 404


def without_secrets(page: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"|nonce="[^"]+"', "", page)
