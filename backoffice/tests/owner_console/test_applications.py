"""Applications in the owner's console: their routes, and the act of changing the owner."""

import pytest
from django.contrib.admin.models import LogEntry
from django.test import Client

from delivery.models import Email
from people.models import User
from smtp_settings.choices import Policy
from smtp_settings.models import SmtpServer
from testing.factories import give_own_smtp, make_application, make_server
from whitelabel.models import Application, WhiteLabel

LIST = "/backoffice/applications/"


@pytest.fixture
def own_server(acme: WhiteLabel) -> SmtpServer:
    server = make_server(Policy.WHITE_LABEL, scope_key=acme.scope_key, host="smtp.acme.test")
    give_own_smtp(acme, server)
    return server


@pytest.fixture
def shop(charlie: User, acme: WhiteLabel, own_server: SmtpServer) -> Application:
    """Acme's shop, which belongs to somebody who is no admin of Acme."""
    return make_application(charlie, acme)


@pytest.fixture
def owners_client(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def test_only_owners_change_an_owner(shop: Application, alice: User, charlie: User) -> None:
    for person in (alice, charlie):
        client = Client()
        client.force_login(person)
        assert client.post(f"{LIST}{shop.pk}/owner/", {"owner": alice.pk}).status_code == 403
    assert Client().post(f"{LIST}{shop.pk}/owner/", {"owner": alice.pk}).status_code == 302
    shop.refresh_from_db()
    assert shop.owner == charlie


def test_the_page_says_which_smtp_applies_and_why(owners_client: Client, shop: Application) -> None:
    page = owners_client.get(f"{LIST}{shop.pk}/change/").content.decode()
    assert "Which SMTP applies, and why" in page
    assert "not used, because this application belongs to charlie@globex.test" in page


def test_the_list_names_the_server_of_each(owners_client: Client, shop: Application, alice: User) -> None:
    make_application(alice, shop.white_label, "Loyalty")
    assert "smtp.acme.test:2525" in owners_client.get(LIST).content.decode()


def test_the_form_does_not_change_the_owner(owners_client: Client, shop: Application, alice: User) -> None:
    fields = {"name": "Renamed", "white_label": shop.white_label_id, "owner": alice.pk}
    owners_client.post(f"{LIST}{shop.pk}/change/", fields)
    shop.refresh_from_db()
    assert (shop.name, shop.owner.email) == ("Renamed", "charlie@globex.test")


def test_a_preview_shows_before_and_after_and_changes_nothing(
    owners_client: Client, shop: Application, alice: User, own_server: SmtpServer
) -> None:
    response = owners_client.get(f"{LIST}{shop.pk}/owner/", {"owner": alice.pk})
    assert (response.context["before"].rule, response.context["after"].rule) == (4, 1)
    assert "smtp.acme.test:2525" in response.content.decode()
    shop.refresh_from_db()
    assert shop.owner != alice


def test_the_preview_comes_alone_where_htmx_asks(owners_client: Client, shop: Application, alice: User) -> None:
    page = owners_client.get(f"{LIST}{shop.pk}/owner/", {"owner": alice.pk}, headers={"hx-request": "true"})
    assert "<html" not in page.content.decode()
    assert "Make alice@acme.test the owner" in page.content.decode()


def test_confirming_makes_the_new_owner_and_leaves_a_trace(
    owners_client: Client, shop: Application, alice: User
) -> None:
    owners_client.post(f"{LIST}{shop.pk}/owner/", {"owner": alice.pk, "previous": shop.owner_id})
    shop.refresh_from_db()
    assert shop.owner == alice
    assert LogEntry.objects.get().change_message == "Owner changed from charlie@globex.test to alice@acme.test."


def test_an_owner_changed_meanwhile_is_not_overwritten(
    owners_client: Client, shop: Application, alice: User, bob: User
) -> None:
    seen = shop.owner_id
    Application.objects.get().hand_over(bob, previous=seen)
    owners_client.post(f"{LIST}{shop.pk}/owner/", {"owner": alice.pk, "previous": seen})
    shop.refresh_from_db()
    assert shop.owner == bob


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("0", "Nobody like this can sign in"),
        ("no id", "Nobody like this can sign in"),
        ("", "Choose who is to own it."),
    ],
)
def test_a_wrong_choice_is_told_at_the_field(
    typed: str, sentence: str, owners_client: Client, shop: Application
) -> None:
    assert sentence in owners_client.post(f"{LIST}{shop.pk}/owner/", {"owner": typed}).content.decode()


def test_who_owns_it_already_is_told_so_and_stays_chosen(owners_client: Client, shop: Application) -> None:
    page = owners_client.post(f"{LIST}{shop.pk}/owner/", {"owner": shop.owner_id}).content.decode()
    assert "charlie@globex.test owns this application already." in page
    assert f'<option value="{shop.owner_id}" selected' in page


def test_nobody_who_cannot_sign_in_becomes_an_owner(owners_client: Client, shop: Application, alice: User) -> None:
    User.objects.filter(pk=alice.pk).update(is_active=False)
    answer = owners_client.post(f"{LIST}{shop.pk}/owner/", {"owner": alice.pk, "previous": shop.owner_id})
    assert "Nobody like this can sign in" in answer.content.decode()
    shop.refresh_from_db()
    assert shop.owner != alice


def test_a_new_application_shows_its_route(owners_client: Client, alice: User, acme: WhiteLabel) -> None:
    fields = {"name": "Courier", "owner": alice.pk, "white_label": acme.pk}
    response = owners_client.post(f"{LIST}add/", fields, follow=True)
    assert "Which SMTP applies, and why" in response.content.decode()


def test_an_archived_application_is_shown_as_such_and_sends_no_test(owners_client: Client, shop: Application) -> None:
    shop.archive()
    page = owners_client.get(f"{LIST}{shop.pk}/change/").content.decode()
    assert "The application is archived." in page
    assert "Archived on" in page
    assert "Send a test e-mail" not in page
    assert "Archived" in owners_client.get(f"{LIST}?archived_at__isempty=0").content.decode()
    owners_client.post(f"{LIST}{shop.pk}/test/")
    assert not Email.objects.exists()


def test_a_list_names_its_filters_in_words_and_not_by_columns(owners_client: Client, shop: Application) -> None:
    shown = "".join(owners_client.get(f"/backoffice/{path}/").content.decode() for path in ("applications", "audit"))
    assert all(words in shown for words in ("In use", "Archived", "By time"))
    assert not any(words in shown for words in ("Not empty", "By at ", "By archived at"))


def test_nobody_who_cannot_sign_in_gets_a_new_application(owners_client: Client, charlie: User) -> None:
    User.objects.filter(pk=charlie.pk).update(is_active=False)
    answer = owners_client.post(f"{LIST}add/", {"name": "Shop", "owner": charlie.pk, "daily_limit": 0})
    assert b"charlie@globex.test cannot sign in." in answer.content
    assert not Application.objects.exists()
