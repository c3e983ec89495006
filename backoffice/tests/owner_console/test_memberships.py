"""What owners see of the people of white-labels, and do about them: Alice and Bob of Acme, Charlie of Globex."""

from html import unescape

import pytest
from django.conf import LazySettings
from django.core.mail import get_connection
from django.test import Client

from messages.models import Message
from people.models import User
from people.roles import Role
from testing.factories import make_application, make_key, make_person, make_support
from whitelabel import members
from whitelabel.models import Invitation, Suspension, WhiteLabel

PEOPLE = "/backoffice/people/"


@pytest.fixture
def owners(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def vera(acme: WhiteLabel) -> User:
    vera = make_person("vera@acme.test")
    acme.viewers.add(vera)
    return vera


@pytest.fixture
def dora(acme: WhiteLabel, alice: User) -> User:
    """Invited, and not here yet."""
    values = {"name": "Dora", "email": "dora@x.test", "role": Role.VIEWER}
    return members.invite(acme, by=alice, connection=get_connection(), **values).person  # type: ignore[arg-type]


def listed(client: Client, query: str) -> set[str]:
    return {person.email.partition("@")[0] for person in client.get(f"{PEOPLE}?{query}").context["cl"].result_list}


def name_people(client: Client, white_label: WhiteLabel, **people: list[int]) -> None:
    """Post the form of a white-label."""
    values = {"name": white_label.name, "brand_name": "Acme", "brand_colour": "#123456", "mail_option": "PLATFORM"}
    response = client.post(f"/backoffice/white-labels/{white_label.pk}/change/", values | people)
    assert response.status_code == 302, response.content.decode()


def test_people_are_filtered_by_role_and_by_white_label(
    owners: Client, acme: WhiteLabel, globex: WhiteLabel, alice: User, bob: User, vera: User, dora: User
) -> None:
    make_support()
    members.suspend(acme, bob, by=alice)
    assert listed(owners, "role=ADMIN") == {"alice", "charlie"}
    assert listed(owners, "role=VIEWER") == {"vera"}
    assert listed(owners, "role=SUPPORT") == {"support"}
    assert listed(owners, "role=SUSPENDED") == {"bob"}
    assert listed(owners, "role=INVITED") == {"dora"}
    assert listed(owners, "role=NONE") == {"bob", "dora"}
    assert listed(owners, f"white_label={acme.pk}") == {"alice", "bob", "vera", "dora"}
    assert listed(owners, f"white_label={globex.pk}") == {"charlie"}


@pytest.mark.parametrize("query", ["role=x", "white_label=x", "white_label=99999999999999999999"])
def test_a_filter_that_is_none_filters_nothing(query: str, owners: Client, acme: WhiteLabel) -> None:
    assert listed(owners, query) == {"alice", "bob", "owner"}


def test_a_persons_page_says_where_they_have_a_role_and_who_invites_them(
    owners: Client, acme: WhiteLabel, globex: WhiteLabel, alice: User, dora: User
) -> None:
    globex.viewers.add(alice)
    page = unescape(owners.get(f"{PEOPLE}{alice.pk}/change/").content.decode())
    assert "Acme</a>: admin" in page
    assert "Globex</a>: viewer" in page
    assert "Acme</a>: invited as viewer since" in unescape(owners.get(f"{PEOPLE}{dora.pk}/change/").content.decode())
    members.suspend(acme, User.objects.get(email="bob@acme.test"), by=alice)
    assert "Admin of Acme; Viewer of Globex" in unescape(owners.get(PEOPLE).content.decode())
    assert "Suspended in Acme" in owners.get(PEOPLE).content.decode()


def test_a_white_labels_page_says_who_is_suspended_and_invited(
    owners: Client, acme: WhiteLabel, alice: User, bob: User, dora: User
) -> None:
    members.suspend(acme, bob, by=alice)
    page = unescape(owners.get(f"/backoffice/white-labels/{acme.pk}/change/").content.decode())
    assert "1 admin, 0 viewers, 1 suspended by its admins, 1 invited." in page
    assert "bob@acme.test is suspended since" in page
    assert "dora@x.test is invited as viewer since" in page


def test_somebody_whom_the_owner_names_again_is_neither_suspended_nor_invited(
    owners: Client, acme: WhiteLabel, alice: User, bob: User, dora: User
) -> None:
    members.suspend(acme, bob, by=alice)
    name_people(owners, acme, admins=[alice.pk, bob.pk], viewers=[dora.pk])
    assert acme.roles_of(bob) == {Role.ADMIN}
    assert not Suspension.objects.exists()
    assert not Invitation.objects.exists()


def test_keys_of_an_admin_whom_the_owner_removes_are_told_to_those_who_stay(
    owners: Client, acme: WhiteLabel, alice: User, bob: User, settings: LazySettings
) -> None:
    settings.API_URL = "https://builder.example/api"
    make_key(make_application(alice, acme), bob)
    name_people(owners, acme, admins=[alice.pk])
    assert "bob@acme.test is no admin of Acme any more" in Message.objects.get().body


def test_support_sees_the_white_label_and_no_people(client: Client, acme: WhiteLabel, dora: User) -> None:
    client.force_login(make_support())
    page = client.get(f"/backoffice/white-labels/{acme.pk}/change/").content.decode()
    assert "2 admins" in page
    assert "Look as their admin" not in page
    assert client.get(PEOPLE).status_code == 403
