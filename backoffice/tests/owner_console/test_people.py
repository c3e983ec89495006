"""People: invited by e-mail, deactivated rather than deleted, and never without a platform owner."""

import re

import pytest
from allauth.mfa.totp.internal.auth import TOTP
from django.conf import LazySettings
from django.contrib.admin.models import LogEntry
from django.core import mail
from django.test import Client

from backoffice.owner_console.people import PersonForm
from delivery.models import Delivery
from people.models import User
from people.roles import Right, may
from testing.factories import make_owner, make_person
from whitelabel.models import WhiteLabel

PEOPLE = "/backoffice/people/"


@pytest.fixture
def owners_client(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def change(client: Client, person: User, **fields: str) -> str:
    """Post the form of `person` and return the page, "" where it was saved."""
    values = {"name": person.name, "email": person.email, "is_active": "on"} | fields
    response = client.post(f"{PEOPLE}{person.pk}/change/", {key: value for key, value in values.items() if value})
    return response.content.decode()


def test_only_owners_see_people(client: Client, alice: User, charlie: User, acme: WhiteLabel) -> None:
    for person in (alice, charlie):
        client.force_login(person)
        assert client.get(PEOPLE).status_code == 403
    assert Client().get(PEOPLE).status_code == 302


def test_a_new_person_gets_a_link_to_choose_a_password(owners_client: Client, db: None) -> None:
    owners_client.post(f"{PEOPLE}add/", {"name": "Dora", "email": "Dora@Acme.test"})
    dora = User.objects.get(email="dora@acme.test")
    assert not dora.has_usable_password()
    assert mail.outbox[0].to == ["dora@acme.test"]
    link = re.search(r"http://localhost:\d+(/\S+)", str(mail.outbox[0].body).partition("Choose a password:")[2])
    assert link is not None
    form = owners_client.get(link.group(1))["Location"]
    owners_client.post(form, {"password1": "correct horse 99", "password2": "correct horse 99"})
    dora.refresh_from_db()
    assert dora.check_password("correct horse 99")


def test_an_address_that_is_here_already_is_refused_at_its_field(owners_client: Client, alice: User) -> None:
    page = owners_client.post(f"{PEOPLE}add/", {"name": "Alice again", "email": "ALICE@acme.test"}).content.decode()
    assert "Somebody with this address is here already." in page
    assert "Alice again" in page
    assert not mail.outbox


def test_the_former_address_is_told_of_another_one(owners_client: Client, alice: User) -> None:
    change(owners_client, alice, name="Alice B.")
    assert not mail.outbox
    alice.refresh_from_db()
    change(owners_client, alice, email="alice@elsewhere.test")
    assert [message.to for message in mail.outbox] == [["alice@acme.test"]]
    assert "alice@elsewhere.test" in mail.outbox[0].body


def test_no_page_shows_a_password_hash(owners_client: Client, alice: User) -> None:
    for address in (PEOPLE, f"{PEOPLE}{alice.pk}/change/", f"{PEOPLE}{alice.pk}/history/"):
        page = owners_client.get(address).content.decode()
        assert alice.email in page
        assert alice.password not in page


def test_posting_a_password_changes_nothing(owners_client: Client, alice: User) -> None:
    before = alice.password
    change(owners_client, alice, password="owned", last_login_0="2020-01-01", is_staff="on", is_superuser="on")
    alice.refresh_from_db()
    assert (alice.password, alice.is_staff) == (before, False)


def test_an_owner_makes_another_one(owners_client: Client, alice: User) -> None:
    change(owners_client, alice, role="PLATFORM_OWNER")
    alice.refresh_from_db()
    assert may(alice, Right.SEE)


def test_nobody_changes_their_own_rights(owners_client: Client, owner: User) -> None:
    make_owner("second@platform.test")
    owners_client.post(f"{PEOPLE}{owner.pk}/change/", {"name": "Me", "email": owner.email})
    owner.refresh_from_db()
    assert (owner.name, may(owner, Right.SEE)) == ("Me", True)


@pytest.mark.parametrize("lost", ["role", "is_active"])
def test_the_last_owner_keeps_every_right(lost: str, owner: User) -> None:
    kept = {"role": "PLATFORM_OWNER", "is_active": "on"} | {lost: ""}
    form = PersonForm({"name": "", "email": owner.email, **kept}, instance=owner)
    assert form.errors == {lost: ["This is the last platform owner who can sign in."]}


def test_an_owner_among_several_can_be_deactivated(owners_client: Client) -> None:
    second = make_owner("second@platform.test")
    change(owners_client, second, is_active="", role="PLATFORM_OWNER")
    second.refresh_from_db()
    assert not may(second, Right.SEE)


def test_people_are_not_deleted(owners_client: Client, alice: User) -> None:
    assert owners_client.post(f"{PEOPLE}{alice.pk}/delete/", {"post": "yes"}).status_code == 404
    owners_client.post(PEOPLE, {"action": "delete_selected", "_selected_action": alice.pk, "post": "yes"})
    assert User.objects.filter(pk=alice.pk).exists()


def test_an_invitation_is_sent_again_until_it_is_accepted(owners_client: Client, alice: User) -> None:
    invited = make_person("dora@acme.test")
    invited.set_unusable_password()
    invited.save()
    for person in (invited, alice):
        owners_client.post(f"{PEOPLE}{person.pk}/invite/")
    assert [message.to for message in mail.outbox] == [["dora@acme.test"]]
    assert owners_client.get(f"{PEOPLE}{invited.pk}/invite/").status_code == 405


def test_an_invitation_is_urgent_so_that_its_link_is_not_kept(owners_client: Client, settings: LazySettings) -> None:
    settings.EMAIL_BACKEND = "delivery.backend.OutboxBackend"
    owners_client.post(f"{PEOPLE}add/", {"name": "Dora", "email": "dora@acme.test"})
    assert Delivery.objects.get(recipient="dora@acme.test").priority == Delivery.Priority.URGENT


def test_a_lost_second_factor_is_removed_and_its_holder_told(owners_client: Client, alice: User) -> None:
    TOTP.activate(alice, "JBSWY3DPEHPK3PXP")
    owners_client.post(f"{PEOPLE}{alice.pk}/second-factor/")
    assert not alice.authenticator_set.exists()  # type: ignore[attr-defined]
    assert mail.outbox[0].to == [alice.email]
    assert LogEntry.objects.get().change_message == "Second factor removed."


def test_ones_own_second_factor_is_not_removed_that_way(owners_client: Client, owner: User) -> None:
    assert owners_client.post(f"{PEOPLE}{owner.pk}/second-factor/").status_code == 404


def test_people_are_found_by_name_and_address(owners_client: Client, alice: User, charlie: User) -> None:
    page = owners_client.get(f"{PEOPLE}?q=acme").content.decode()
    assert alice.email in page
    assert charlie.email not in page


def test_somebody_who_is_archived_is_shown_as_such(owners_client: Client, alice: User) -> None:
    alice.archive()
    page = owners_client.get(f"/backoffice/people/{alice.pk}/change/").content.decode()
    assert "Archived on" in page
    assert "switch <em>Active</em> on" in page
