"""Signing in: with e-mail and password, to the right console, and what it does not give away."""

import re

import pytest
from django.conf import LazySettings
from django.core import mail
from django.http import HttpResponse
from django.test import Client

from backoffice.tasks import answer_password_resets
from delivery.models import Delivery
from people.models import AuditEntry, User
from testing.factories import PASSWORD
from whitelabel.models import WhiteLabel

LOGIN = "/accounts/login/"


def sign_in(client: Client, email: str, password: str = PASSWORD, **fields: str) -> HttpResponse:
    return client.post(LOGIN, {"login": email, "password": password, **fields})  # type: ignore[return-value]


def link_in(body: str) -> str:
    found = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", body)
    assert found is not None
    return found.group(1)


def test_an_owner_lands_in_the_owners_console(client: Client, owner: User) -> None:
    assert sign_in(client, owner.email)["Location"] == "/"
    assert client.get("/")["Location"] == "/backoffice/"


def test_a_white_label_admin_lands_in_the_white_label_console(client: Client, alice: User, acme: WhiteLabel) -> None:
    sign_in(client, alice.email)
    assert client.get("/")["Location"] == "/whitelabel/"


def test_who_changed_the_password_signs_in_with_it_and_is_back_in_the_profile(client: Client, alice: User) -> None:
    sign_in(client, alice.email)
    new = "a whole new word"
    typed = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    page = client.post("/accounts/password/change/", typed, follow=True)
    assert page.redirect_chain[-1][0] == "/accounts/login/?next=/accounts/profile/"
    assert "Your password is saved. Sign in with it." in page.content.decode()


def test_somebody_without_a_console_reads_why(client: Client, alice: User) -> None:
    sign_in(client, alice.email)
    assert "There is nothing for you here yet" in client.get("/").content.decode()


def test_the_first_page_asks_strangers_to_sign_in(client: Client) -> None:
    assert client.get("/")["Location"] == f"{LOGIN}?next=/"


def test_people_come_back_to_the_page_they_wanted(client: Client, owner: User) -> None:
    asked = client.get("/backoffice/people/", follow=True)
    assert asked.redirect_chain[-1][0] == f"{LOGIN}?next=/backoffice/people/"
    assert sign_in(client, owner.email, next="/backoffice/people/")["Location"] == "/backoffice/people/"


def test_nobody_is_sent_to_another_site(client: Client, owner: User) -> None:
    assert sign_in(client, owner.email, next="https://evil.example/")["Location"] == "/"


def test_a_console_that_is_not_ones_own_says_so(client: Client, alice: User, acme: WhiteLabel) -> None:
    client.force_login(alice)
    response = client.get("/backoffice/people/", follow=True)
    assert response.status_code == 403
    assert "This console is not yours" in response.content.decode()


def test_an_unknown_address_and_a_wrong_password_read_the_same(client: Client, alice: User) -> None:
    wrong = sign_in(client, alice.email, "wrong").content.decode()
    unknown = sign_in(client, "stranger@acme.test", "wrong").content.decode()
    assert _without_secrets(wrong).replace(alice.email, "X") == _without_secrets(unknown).replace(
        "stranger@acme.test", "X"
    )


def test_a_password_that_was_typed_is_not_shown_again(client: Client, alice: User) -> None:
    page = sign_in(client, alice.email, "my secret typo").content.decode()
    assert alice.email in page
    assert "my secret typo" not in page


def test_nobody_signs_up(client: Client, db: None) -> None:
    client.post("/accounts/signup/", {"email": "new@acme.test", "password1": PASSWORD, "password2": PASSWORD})
    assert not User.objects.exists()


@pytest.mark.parametrize("page", ["email", "sessions"])
def test_what_is_in_the_profile_is_nowhere_else(page: str, client: Client, alice: User) -> None:
    client.force_login(alice)
    assert client.get(f"/accounts/{page}/").status_code == 404
    assert client.post(f"/accounts/{page}/", {"email": "new@acme.test", "action_add": ""}).status_code == 404


def test_a_deactivated_person_is_signed_out(client: Client, alice: User, acme: WhiteLabel) -> None:
    client.force_login(alice)
    User.objects.update(is_active=False)
    assert client.get("/whitelabel/")["Location"].startswith("/whitelabel/login/")
    assert sign_in(client, alice.email).status_code in (200, 302)
    assert client.get("/")["Location"].startswith(LOGIN)


def test_a_forgotten_password_is_urgent_so_that_its_link_is_not_kept(
    client: Client, alice: User, settings: LazySettings
) -> None:
    settings.EMAIL_BACKEND = "delivery.backend.OutboxBackend"
    client.post("/accounts/password/reset/", {"email": alice.email})
    answer_password_resets()
    assert Delivery.objects.get(recipient=alice.email).priority == Delivery.Priority.URGENT


def test_a_forgotten_password_is_set_by_a_link_to_the_configured_site(
    client: Client, alice: User, settings: LazySettings
) -> None:
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://backoffice.example", ["*"]
    client.post("/accounts/password/reset/", {"email": alice.email}, headers={"host": "evil.example"})
    answer_password_resets()
    assert "https://backoffice.example/accounts/password/reset/key/" in str(mail.outbox[0].body)
    assert "evil.example" not in f"{mail.outbox[0].subject} {mail.outbox[0].body}"
    form = client.get(link_in(str(mail.outbox[0].body)))["Location"]
    client.post(form, {"password1": "a whole new word", "password2": "a whole new word"})
    assert sign_in(client, alice.email, "a whole new word")["Location"] == "/"


def test_asking_for_a_forgotten_password_does_not_tell_who_is_here(client: Client, alice: User) -> None:
    known = client.post("/accounts/password/reset/", {"email": alice.email}, follow=True)
    unknown = client.post("/accounts/password/reset/", {"email": "stranger@acme.test"}, follow=True)
    answer_password_resets()
    assert known.redirect_chain == unknown.redirect_chain
    assert _without_secrets(known.content.decode()) == _without_secrets(unknown.content.decode())
    assert [message.to for message in mail.outbox] == [[alice.email]]


def test_a_new_password_ends_every_session(alice: User) -> None:
    here, elsewhere = Client(), Client()
    for client in (here, elsewhere):
        sign_in(client, alice.email)
    new = "a whole new word"
    here.post("/accounts/password/change/", {"oldpassword": PASSWORD, "password1": new, "password2": new})
    assert "_auth_user_id" not in here.session
    assert elsewhere.get("/")["Location"].startswith(LOGIN)


@pytest.mark.parametrize("page", ["reauthenticate", "password/change"])
def test_a_wrong_password_of_somebody_who_is_signed_in_is_recorded_and_slowed_down(
    page: str, client: Client, alice: User
) -> None:
    sign_in(client, alice.email)
    new = "a whole new word"
    wrong = {"password": "guess", "oldpassword": "guess", "password1": new, "password2": new}
    answers = [client.post(f"/accounts/{page}/", wrong).status_code for _ in range(20)]
    assert AuditEntry.objects.filter(act="sign_in.fail", person=alice, path=f"/accounts/{page}/").exists()
    assert 429 in answers
    assert alice.check_password(PASSWORD)


def test_signing_out_needs_a_post(client: Client, owner: User) -> None:
    client.force_login(owner)
    client.get("/backoffice/logout/", follow=True)
    assert "_auth_user_id" in client.session
    client.post("/backoffice/logout/")
    assert "_auth_user_id" not in client.session


def _without_secrets(page: str) -> str:
    return re.sub(r'name="csrfmiddlewaretoken" value="[^"]+"', "", page)
