"""White-labels in the owner's console."""

import pytest
from django.test import Client

from people.models import User
from smtp_settings.choices import Policy
from testing.factories import give_own_smtp, make_application, make_server
from whitelabel.models import WhiteLabel

LIST = "/backoffice/white-labels/"
FORM = {"name": "Acme", "brand_name": "Acme Apps", "brand_colour": "#e11d48", "mail_option": "PLATFORM"}


@pytest.fixture
def owners_client(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def test_only_owners_see_white_labels(client: Client, alice: User, acme: WhiteLabel) -> None:
    client.force_login(alice)
    assert client.get(LIST).status_code == 403
    assert client.get(f"{LIST}{acme.pk}/change/").status_code == 403
    assert Client().get(LIST).status_code == 302


def test_the_header_says_that_one_is_new(owners_client: Client, acme: WhiteLabel) -> None:
    def header(address: str) -> str:
        return owners_client.get(LIST + address).content.decode().partition("<h1")[2].partition("</h1>")[0]

    assert "New" in header("add/")
    assert "New" not in header("") + header(f"{acme.pk}/change/")


def test_an_owner_creates_one_with_its_admins(owners_client: Client, alice: User, bob: User) -> None:
    owners_client.post(f"{LIST}add/", FORM | {"admins": [alice.pk, bob.pk]})
    created = WhiteLabel.objects.get()
    assert set(created.admins.all()) == {alice, bob}
    assert created.mailbox.name == "Acme"


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("brand_colour", "red", "Write the colour as # and six hexadecimal digits."),
        ("console_host", "https://acme.test/", "Type only the domain"),
        ("console_host", "mail.acme.test", "this installation does not answer for mail.acme.test"),
        ("console_host", "LOCALHOST.", "localhost is the platform's own address"),
        ("mail_option", "OWN", "Its own SMTP server must be checked before it can be used."),
        ("name", "", "This field is required."),
    ],
)
def test_what_is_wrong_is_told_at_its_field(field: str, typed: str, sentence: str, owners_client: Client) -> None:
    response = owners_client.post(f"{LIST}add/", FORM | {field: typed})
    errors = response.context["adminform"].form.errors
    assert sentence in errors[field][0]
    assert not WhiteLabel.objects.exists()


def test_its_page_shows_the_route_of_each_application(
    owners_client: Client, alice: User, charlie: User, acme: WhiteLabel
) -> None:
    give_own_smtp(acme, make_server(Policy.WHITE_LABEL, scope_key=acme.scope_key, host="smtp.acme.test"))
    make_application(alice, acme, "Shop")
    make_application(charlie, acme, "Loyalty")
    response = owners_client.get(f"{LIST}{acme.pk}/change/")
    assert {entry["application"].name: entry["route"].rule for entry in response.context["routes"]} == {
        "Shop": 1,
        "Loyalty": 4,
    }


def test_the_list_counts_applications_and_names_the_servers_state(
    owners_client: Client, alice: User, acme: WhiteLabel, globex: WhiteLabel
) -> None:
    give_own_smtp(acme, make_server(Policy.WHITE_LABEL, scope_key=acme.scope_key))
    make_application(alice, acme, "Shop")
    make_application(alice, acme, "Loyalty")
    page = " ".join(owners_client.get(LIST).content.decode().split())
    assert "Verified" in page
    assert "field-application_count" in page


def test_two_white_labels_without_a_host_name_of_their_own_are_no_conflict(owners_client: Client) -> None:
    for name in ("Acme", "Globex"):
        owners_client.post(f"{LIST}add/", FORM | {"name": name, "console_host": ""})
    assert list(WhiteLabel.objects.values_list("console_host", flat=True)) == [None, None]


def test_posting_another_server_changes_nothing(owners_client: Client, acme: WhiteLabel) -> None:
    stranger = make_server()
    owners_client.post(
        f"{LIST}{acme.pk}/change/", FORM | {"name": "Renamed", "server": str(stranger.pk), "mailbox": "1"}
    )
    acme.refresh_from_db()
    assert (acme.name, acme.server) == ("Renamed", None)


def test_white_labels_are_not_deleted(owners_client: Client, acme: WhiteLabel) -> None:
    assert owners_client.post(f"{LIST}{acme.pk}/delete/", {"post": "yes"}).status_code == 404


def test_one_that_is_archived_is_shown_as_such(owners_client: Client, acme: WhiteLabel) -> None:
    assert "Archived on" not in owners_client.get(f"{LIST}{acme.pk}/change/").content.decode()
    acme.archive()
    assert "Archived on" in owners_client.get(f"{LIST}{acme.pk}/change/").content.decode()
    assert f"{acme} (archived)" in owners_client.get(LIST).content.decode()
