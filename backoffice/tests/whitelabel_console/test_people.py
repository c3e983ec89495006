"""The page People of a white-label: Alice owns it, Bob is her colleague, Vera only looks, Charlie is refused."""

from html import unescape

import pytest
import time_machine
from django.conf import LazySettings
from django.core import mail
from django.test import Client
from django.utils import timezone

from gateway.choices import State
from gateway.models import Key
from messages.models import Message
from people.models import AuditEntry, User
from people.roles import Role
from testing.factories import make_application, make_key, make_owner, make_person, make_white_label
from whitelabel.models import Application, Invitation, WhiteLabel

PEOPLE = "/whitelabel/people/"
DORA = {"name": "Dora", "email": "Dora@Elsewhere.test", "role": "VIEWER"}


@pytest.fixture
def alices(client: Client, alice: User, acme: WhiteLabel) -> Client:
    client.force_login(alice)
    return client


@pytest.fixture
def bobs(bob: User, acme: WhiteLabel) -> Client:
    return signed_in(bob)


@pytest.fixture
def shop(bob: User, acme: WhiteLabel, settings: LazySettings) -> Application:
    """Of Bob, with a door for keys."""
    settings.API_URL = "https://builder.example/api"
    return make_application(bob, acme)


def signed_in(person: User) -> Client:
    client = Client()
    client.force_login(person)
    return client


def read(client: Client, address: str = PEOPLE) -> str:
    return unescape(client.get(address).content.decode())


def invite(client: Client, **fields: str) -> str:
    """Post the form of an invitation and return what the page says next."""
    return unescape(client.post(PEOPLE, DORA | fields, follow=True).content.decode())


def do(client: Client, person: User, act: str) -> str:
    return unescape(client.post(f"{PEOPLE}{person.pk}/{act}/", follow=True).content.decode())


def test_admins_see_their_people_with_what_is_known_of_each(alices: Client, bob: User, shop: Application) -> None:
    make_key(shop, bob)
    page = read(alices)
    assert "alice@acme.test" in page
    assert "bob@acme.test" in page
    assert "Last sign-in:</span> never" in page
    assert "Two-step sign-in:</span> off" in page
    assert '1 <span class="muted">key made by them' in page


def test_neither_viewers_nor_strangers_nor_the_platform_see_the_page(
    acme: WhiteLabel, globex: WhiteLabel, charlie: User, owner: User
) -> None:
    vera = make_person("vera@acme.test")
    acme.viewers.add(vera)
    assert signed_in(vera).get(PEOPLE).status_code == 403
    assert signed_in(owner).get(PEOPLE).status_code == 403
    assert Client().get(PEOPLE).status_code == 302
    assert "alice@acme.test" not in read(signed_in(charlie))
    assert PEOPLE not in read(signed_in(vera), "/whitelabel/")


def test_alice_invites_dora_who_has_the_role_once_she_accepts(alices: Client, acme: WhiteLabel) -> None:
    assert "An invitation is on its way to dora@elsewhere.test" in invite(alices)
    invitation = Invitation.objects.get()
    assert (invitation.role, invitation.person.email) == ("VIEWER", "dora@elsewhere.test")
    assert [message.to for message in mail.outbox] == [["dora@elsewhere.test"]]
    dora = signed_in(invitation.person)
    assert "alice@acme.test invites you, as viewer" in unescape(dora.get("/", follow=True).content.decode())
    dora.post(f"/accounts/white-labels/invitations/{invitation.pk}/accept/")
    assert acme.roles_of(invitation.person) == {Role.VIEWER}
    assert dora.get("/whitelabel/").status_code == 200


@pytest.mark.parametrize("known", ["nobody", "charlie", "owner"])
def test_the_page_says_the_same_of_every_address(
    known: str, alices: Client, acme: WhiteLabel, charlie: User, owner: User
) -> None:
    email = {"nobody": "dora@elsewhere.test", "charlie": charlie.email, "owner": owner.email}[known]
    charlie.name = owner.name = "Their own name"
    charlie.save(), owner.save()  # type: ignore[func-returns-value]
    said = invite(alices, email=email)
    assert f"An invitation is on its way to {email}" in said
    assert "Their own name" not in said
    assert "<strong>Dora</strong>" in said
    assert said.count("Last sign-in") == 2  # Alice's and Bob's


@pytest.mark.parametrize(
    ("field", "typed", "words"),
    [
        ("email", "nonsense", "Enter a valid email address."),
        ("email", "", "Type their e-mail address."),
        ("email", "bob@acme.test", "has a role here already"),
        ("name", "", "Type their name."),
        ("name", "Dora\u2028Bcc", "Line breaks and control characters are not allowed here."),
        ("role", "PLATFORM_OWNER", "Select a valid choice"),
    ],
)
def test_what_is_wrong_is_said_at_the_field_and_what_was_typed_stays(
    field: str, typed: str, words: str, alices: Client
) -> None:
    response = alices.post(PEOPLE, DORA | {field: typed})
    assert response.status_code == 422
    assert words in unescape(response.content.decode())
    assert not Invitation.objects.exists()
    assert not mail.outbox


def test_twenty_invitations_a_day_and_again_counts_too(alices: Client) -> None:
    for number in range(19):
        invite(alices, email=f"dora{number}@elsewhere.test")
    again = f"{PEOPLE}invitations/{Invitation.objects.earliest('pk').pk}/again/"
    alices.post(again)
    assert len(mail.outbox) == 20
    assert "20 invitations were sent from here within a day" in invite(alices)
    assert "within a day" in unescape(alices.post(again, follow=True).content.decode())
    assert len(mail.outbox) == 20


def test_another_white_label_invites_meanwhile(alices: Client, charlie: User, globex: WhiteLabel) -> None:
    for number in range(21):
        invite(alices, email=f"dora{number}@elsewhere.test")
    assert "is on its way" in invite(signed_in(charlie))


def test_an_invitation_is_withdrawn(alices: Client) -> None:
    invite(alices)
    alices.post(f"{PEOPLE}invitations/{Invitation.objects.get().pk}/withdraw/")
    assert "Open invitations" not in read(alices)


def test_an_expired_invitation_says_so(alices: Client, acme: WhiteLabel, bob: User) -> None:
    acme.admins.remove(bob)
    dora = make_person("dora@x.test")
    Invitation.objects.create(white_label=acme, person=dora, email="d@x.test", role="ADMIN", invited_by=bob)
    assert "Expired" in read(alices)


@pytest.mark.parametrize("act", ["suspend", "remove"])
def test_who_is_put_out_is_out_at_the_next_request_with_words(
    act: str, alices: Client, bobs: Client, bob: User
) -> None:
    assert bobs.get("/whitelabel/").status_code == 200
    do(alices, bob, act)
    for page in ("/whitelabel/", "/whitelabel/deliveries/", PEOPLE):
        response = bobs.get(page)
        assert response.status_code == 403
        assert "taken away or suspended" in unescape(response.content.decode())
    assert bobs.post(PEOPLE, DORA).status_code == 403
    assert not Invitation.objects.exists()


def test_bob_who_has_another_white_label_is_told_before_he_goes_on_there(
    alices: Client, bobs: Client, bob: User, acme: WhiteLabel
) -> None:
    initech = make_white_label("Initech", bob)
    bobs.post("/whitelabel/choose/", {"white_label": acme.pk})
    do(alices, bob, "remove")
    told = bobs.get("/whitelabel/")
    assert told.status_code == 403
    assert "You have no access to Acme any more" in unescape(told.content.decode())
    assert f"{initech.brand_name}" in read(bobs, "/whitelabel/")


def test_a_suspended_person_reads_where_they_are_suspended(alices: Client, bobs: Client, bob: User) -> None:
    do(alices, bob, "suspend")
    page = unescape(bobs.get("/", follow=True).content.decode())
    assert "You are suspended in Acme" in page


def test_bob_is_let_back_to_the_role_he_had(alices: Client, bobs: Client, bob: User, acme: WhiteLabel) -> None:
    with time_machine.travel(timezone.now(), tick=False):
        do(alices, bob, "suspend")
        assert "suspended now by alice@acme.test" in read(alices)
    do(alices, bob, "let-back")
    assert acme.roles_of(bob) == {Role.ADMIN}
    assert bobs.get("/whitelabel/").status_code == 200


def test_roles_are_changed_from_the_page(alices: Client, bob: User, acme: WhiteLabel) -> None:
    do(alices, bob, "make-viewer")
    assert acme.roles_of(bob) == {Role.VIEWER}
    do(alices, bob, "make-admin")
    assert acme.roles_of(bob) == {Role.ADMIN}


def test_the_page_says_before_which_applications_take_another_route_and_which_keys_stay(
    alices: Client, bob: User, shop: Application
) -> None:
    make_key(shop, bob, name="Basement")
    for act in ("suspend", "remove", "make-viewer"):
        page = read(alices, f"{PEOPLE}{bob.pk}/{act}/")
        assert "They own 1 application of Acme: Shop. Its messages are sent through the platform from then on" in page
        assert "Basement of Shop" in page
    assert Key.objects.get().state == State.IN_USE


def test_keys_of_somebody_who_went_are_told_and_listed_and_revoked_by_those_who_stay(
    alices: Client, bob: User, shop: Application
) -> None:
    key = make_key(shop, bob, name="Basement")
    assert "Basement" not in read(alices)
    do(alices, bob, "remove")
    message = Message.objects.get()
    assert "bob@acme.test is no admin of Acme any more" in message.body
    assert f"Basement of Shop ({key.shown}…)" in message.body
    assert [each.to for each in mail.outbox] == [["alice@acme.test"]]
    assert "Basement" in read(alices)
    gone = alices.post(f"/whitelabel/keys/{key.pk}/revoke/", {"from_people": "1"})
    assert gone["Location"] == PEOPLE
    assert Key.objects.get().state == State.REVOKED
    assert "Keys of people who are no admins" not in read(alices)


def test_of_somebody_without_keys_nothing_is_told(alices: Client, bob: User, shop: Application) -> None:
    do(alices, bob, "remove")
    assert not Message.objects.exists()


@pytest.mark.parametrize("act", ["suspend", "remove", "make-viewer", "make-admin", "let-back"])
def test_charlie_reaches_nobody_of_acme(
    act: str, charlie: User, globex: WhiteLabel, acme: WhiteLabel, bob: User
) -> None:
    charlies = signed_in(charlie)
    assert charlies.post(f"{PEOPLE}{bob.pk}/{act}/").status_code == 404
    assert charlies.get(f"{PEOPLE}{bob.pk}/{act}/").status_code in (404, 405)
    assert acme.roles_of(bob) == {Role.ADMIN}


def test_charlie_reaches_no_invitation_of_acme(alices: Client, charlie: User, globex: WhiteLabel) -> None:
    invite(alices)
    pk = Invitation.objects.get().pk
    charlies = signed_in(charlie)
    for address in (f"{PEOPLE}invitations/{pk}/again/", f"{PEOPLE}invitations/{pk}/withdraw/"):
        assert charlies.post(address).status_code == 404
    assert charlies.post(f"/accounts/white-labels/invitations/{pk}/accept/").status_code == 404
    assert len(mail.outbox) == 1
    assert Invitation.objects.exists()


def test_posting_an_account_changes_nothing_of_it(alices: Client, bob: User) -> None:
    before = User.objects.filter(pk=bob.pk).values().get()
    values = {"email": "mallory@acme.test", "name": "Mallory", "password": "owned", "is_superuser": "on"}
    for act in ("make-viewer", "make-admin", "suspend", "let-back"):
        alices.post(f"{PEOPLE}{bob.pk}/{act}/", values)
    assert User.objects.filter(pk=bob.pk).values().get() == before


def test_somebody_of_the_platform_is_listed_without_buttons(alices: Client, acme: WhiteLabel, owner: User) -> None:
    acme.admins.add(owner)
    page = read(alices)
    assert "Works for the platform" in page
    assert f"{PEOPLE}{owner.pk}/suspend/" not in page
    assert "works for the platform" in do(alices, owner, "remove")


def test_the_last_admin_cannot_leave_and_another_can(alices: Client, bobs: Client, bob: User, acme: WhiteLabel) -> None:
    leave = f"/accounts/white-labels/{acme.pk}/leave/"
    assert "You are out at once" in read(bobs, leave)
    bobs.post(leave)
    assert not acme.roles_of(bob)
    assert "last admin who can sign in" in unescape(alices.post(leave, follow=True).content.decode())
    assert signed_in(make_person("dora@x.test")).post(leave).status_code == 404


def test_an_invitation_is_declined(alices: Client) -> None:
    invite(alices)
    invitation = Invitation.objects.get()
    signed_in(invitation.person).post(f"/accounts/white-labels/invitations/{invitation.pk}/decline/")
    assert not Invitation.objects.exists()


def test_an_owner_who_is_invited_reads_why_they_cannot_accept(alices: Client, owner: User) -> None:
    invite(alices, email=owner.email)
    owners = signed_in(owner)
    assert "You work for the platform" in read(owners, "/accounts/white-labels/")
    owners.post(f"/accounts/white-labels/invitations/{Invitation.objects.get().pk}/accept/")
    assert Invitation.objects.exists()


def test_each_act_is_in_the_audit_log_once_with_whom_it_is_about(
    alices: Client, bobs: Client, bob: User, acme: WhiteLabel
) -> None:
    invite(alices)
    invitation = Invitation.objects.get()
    alices.post(f"{PEOPLE}invitations/{invitation.pk}/again/")
    for act in ("make-viewer", "make-admin", "suspend", "let-back", "remove"):
        do(alices, bob, act)
    signed_in(invitation.person).post(f"/accounts/white-labels/invitations/{invitation.pk}/accept/")
    entries = AuditEntry.objects.filter(act__startswith="member.").order_by("pk")
    told = [(entry.act, entry.changes[0]["before"], entry.changes[0]["after"]) for entry in entries]
    assert told == [
        ("member.invite", "", "Viewer: dora@elsewhere.test"),
        ("member.invite_again", "", "Viewer: dora@elsewhere.test"),
        ("member.make_viewer", "Admin: bob@acme.test", "Viewer: bob@acme.test"),
        ("member.make_admin", "Viewer: bob@acme.test", "Admin: bob@acme.test"),
        ("member.suspend", "Admin: bob@acme.test", "Suspended: bob@acme.test"),
        ("member.let_back", "Suspended: bob@acme.test", "Admin: bob@acme.test"),
        ("member.remove", "Admin: bob@acme.test", ""),
        ("member.accept", "", "Viewer: dora@elsewhere.test"),
    ]
    assert {entry.changes[0]["thing"] for entry in entries} == {f"whitelabel.WhiteLabel {acme.pk}"}


def test_the_owners_log_says_it_in_words(alices: Client, bob: User) -> None:
    do(alices, bob, "suspend")
    page = read(signed_in(make_owner()), "/backoffice/audit/")
    assert "Suspend a colleague" in page
    assert "Admin: bob@acme.test → Suspended: bob@acme.test" in page


def test_those_who_stay_read_it_in_their_activity(alices: Client, bobs: Client, bob: User, acme: WhiteLabel) -> None:
    do(alices, bob, "make-viewer")
    bobs.post(f"/accounts/white-labels/{acme.pk}/leave/")
    page = read(alices, "/whitelabel/activity/")
    for words in ("Make a colleague a viewer", "Viewer: bob@acme.test", "Leave a white-label", "bob@acme.test"):
        assert words in page
    assert {entry.white_label_id for entry in AuditEntry.objects.filter(act__startswith="member.")} == {acme.pk}


def test_alice_requires_a_second_step_of_everybody_here(alices: Client, bobs: Client, acme: WhiteLabel) -> None:
    alices.post(f"{PEOPLE}second-factor/", {"second_factor_required": "on", "name": "Mallory"})
    acme.refresh_from_db()
    assert (acme.second_factor_required, acme.name) == (True, "Acme")
    assert bobs.get("/whitelabel/")["Location"].startswith("/accounts/2fa/")
    change = AuditEntry.objects.get(act="second_factor.require").changes[0]
    assert (change["field"], change["before"], change["after"]) == ("second_factor_required", "False", "True")


def test_neither_vera_nor_charlie_changes_what_acme_requires(
    acme: WhiteLabel, globex: WhiteLabel, charlie: User
) -> None:
    vera = make_person("vera@acme.test")
    acme.viewers.add(vera)
    for person in (vera, charlie):
        signed_in(person).post(f"{PEOPLE}second-factor/", {"second_factor_required": "on"})
    acme.refresh_from_db()
    assert not acme.second_factor_required


def test_whoever_is_invited_is_not_told_first_that_they_have_no_role(
    client: Client, alice: User, acme: WhiteLabel
) -> None:
    dora = make_person("dora@users.test")
    client.force_login(dora)
    nothing = "You have no role in a white-label"
    assert nothing in client.get("/accounts/white-labels/").content.decode()
    acme.invitations.create(person=dora, name="Dora", email=dora.email, role="VIEWER", invited_by=alice)
    page = client.get("/accounts/white-labels/").content.decode()
    assert nothing not in page
    assert "Accept" in page
