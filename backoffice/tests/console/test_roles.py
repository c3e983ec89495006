"""What each role is offered and refused in both consoles."""

import re

import pytest
from django.test import Client

from delivery.api import send
from delivery.models import Delivery
from messages.models import Mailbox, ReadMark, Thread
from messages.posting import open_thread
from people.models import User
from testing.factories import make_application, make_domain, make_key, make_person, make_support
from whitelabel.models import Application, SendingDomain, WhiteLabel
from whitelabel.routing import route_for


@pytest.fixture
def sam(db: None) -> User:
    """A support person."""
    return make_support()


@pytest.fixture
def vera(acme: WhiteLabel) -> User:
    """A viewer of Acme."""
    person = make_person("vera@acme.test")
    acme.viewers.add(person)
    return person


@pytest.fixture
def shop(alice: User, acme: WhiteLabel) -> Application:
    return make_application(alice, acme)


@pytest.fixture
def failed(shop: Application) -> Delivery:
    delivery = send(shop, to="eve@users.test", subject="Order", text="x").deliveries.get()
    Delivery.objects.filter(pk=delivery.pk).update(status=Delivery.Status.FAILED)
    return delivery


@pytest.fixture
def asked(acme: WhiteLabel, alice: User) -> Thread:
    return open_thread(sender=acme.mailbox, receiver=Mailbox.platform(), subject="Hello", body="There?", author=alice)


def titles(client: Client, address: str) -> list[str]:
    groups = client.get(address).context["sidebar_navigation"]
    return [item["title"] for group in groups for item in group["items"]]


def test_support_sees_and_is_refused_what_holds_secrets_settings_people_or_keys(client: Client, sam: User) -> None:
    client.force_login(sam)
    for page in ("", "messages/", "deliveries/", "applications/", "white-labels/", "domains/", "audit/"):
        assert client.get(f"/backoffice/{page}").status_code == 200
    for page in ("people/", "keys/", "import/", "settings/communication/", "settings/communication/second/"):
        answer = client.get(f"/backoffice/{page}")
        assert answer.status_code == 403
        assert "whose role here is <strong>Support</strong>" in answer.content.decode()


def test_the_menu_of_support_leaves_out_what_would_be_refused(client: Client, sam: User, owner: User) -> None:
    client.force_login(owner)
    everything = titles(client, "/backoffice/")
    client.force_login(sam)
    assert set(everything) - set(titles(client, "/backoffice/")) == {"People", "Communication", "Import"}


def test_support_sends_again_and_answers(client: Client, sam: User, failed: Delivery, asked: Thread) -> None:
    client.force_login(sam)
    client.post(f"/backoffice/deliveries/{failed.pk}/retry/")
    failed.refresh_from_db()
    assert failed.status == Delivery.Status.QUEUED
    client.post(f"/backoffice/messages/{asked.pk}/", {"body": "We are here."})
    assert [message.body for message in asked.messages.all()] == ["There?", "We are here."]


def test_support_asks_about_a_domain_and_does_not_decide_it(client: Client, sam: User, acme: WhiteLabel) -> None:
    domain = make_domain(acme, state=SendingDomain.State.REQUESTED)
    client.force_login(sam)
    page = client.get(f"/backoffice/domains/{domain.pk}/change/").content.decode()
    assert "Write a message" in page
    assert "Refuse" not in page
    client.post(f"/backoffice/domains/{domain.pk}/ask/", {"body": "Is it yours?"})
    assert client.post(f"/backoffice/domains/{domain.pk}/refuse/", {"reason": "No."}).status_code == 403
    domain.refresh_from_db()
    assert domain.state == SendingDomain.State.REQUESTED
    assert domain.events.get().words == "Is it yours?"


def test_support_changes_no_application_and_no_white_label(client: Client, sam: User, shop: Application) -> None:
    client.force_login(sam)
    for page in (f"applications/{shop.pk}", f"white-labels/{shop.white_label_id}"):
        assert client.get(f"/backoffice/{page}/change/").status_code == 200
        assert client.post(f"/backoffice/{page}/change/", {"name": "Mine"}).status_code == 403
    assert client.post(f"/backoffice/applications/{shop.pk}/delete/", {"post": "yes"}).status_code == 403
    chosen = {"action": "delete_selected", "_selected_action": shop.pk, "post": "yes"}
    assert client.post("/backoffice/applications/", chosen).status_code == 403
    assert Application.objects.filter(pk=shop.pk, name="Shop").exists()


def test_support_has_no_white_label_console(client: Client, sam: User, acme: WhiteLabel) -> None:
    client.force_login(sam)
    assert client.get("/whitelabel/").status_code == 403


@pytest.mark.parametrize(
    "page", ["", "email/", "applications/", "keys/", "deliveries/", "suppressed-addresses/", "messages/"]
)
def test_a_viewer_reads_the_console_and_finds_no_button_in_it(
    page: str, client: Client, vera: User, failed: Delivery, asked: Thread
) -> None:
    client.force_login(vera)
    answer = client.get(f"/whitelabel/{page}")
    assert answer.status_code == 200
    forms = re.findall(r'<form[^>]*method="post"[^>]*action="([^"]*)"', answer.content.decode())
    changing = {form for form in forms if "/read/" not in form and not form.endswith("/csv/")}
    assert changing <= {"/whitelabel/logout/"}


def test_a_viewer_changes_nothing(client: Client, vera: User, shop: Application, failed: Delivery) -> None:
    domain, key = make_domain(shop.white_label), make_key(shop, vera_s_admin(shop))  # type: ignore[arg-type]
    client.force_login(vera)
    for page in (
        f"deliveries/{failed.pk}/retry/",
        f"email/domains/{domain.pk}/withdraw/",
        f"email/domains/{domain.pk}/check/",
        f"email/domains/{domain.pk}/links/",
        f"email/domains/{domain.pk}/answer/",
        f"keys/{key.pk}/revoke/",
        f"applications/{shop.pk}/test/",
        "email/",
        "email/request/",
        "messages/new/",
        "keys/add/",
    ):
        answer = client.post(f"/whitelabel/{page}", {"domain": "new.test", "body": "x", "subject": "x"})
        assert (page, answer.status_code) == (page, 403)
        assert "<strong>Viewer of Acme</strong>" in answer.content.decode()
    assert client.post("/whitelabel/deliveries/", {"action": "retry_selected"}).status_code == 403


def vera_s_admin(shop: Application) -> User:
    return shop.owner


def test_a_viewer_keeps_read_marks_of_their_own(client: Client, vera: User, asked: Thread, owner: User) -> None:
    client.force_login(vera)
    client.get(f"/whitelabel/messages/{asked.pk}/")
    assert ReadMark.objects.filter(person=vera).exists()
    assert client.post(f"/whitelabel/messages/{asked.pk}/archive/").status_code == 403


def test_a_viewer_who_owns_an_application_does_not_bring_the_route(vera: User, acme: WhiteLabel) -> None:
    make_domain(acme)
    route = route_for(make_application(vera, acme))
    assert route.rule == 4
    assert any("belongs to vera@acme.test" in reason for reason in route.reasons)


def test_somebody_is_admin_of_one_and_viewer_of_another(client: Client, vera: User, globex: WhiteLabel) -> None:
    globex.admins.add(vera)
    client.force_login(vera)
    domain = {"domain": "new.test"}
    client.get(f"/whitelabel/?white_label={WhiteLabel.objects.get(name='Acme').pk}")
    assert client.post("/whitelabel/email/request/", domain).status_code == 403
    client.get(f"/whitelabel/?white_label={globex.pk}")
    assert client.post("/whitelabel/email/request/", domain).status_code == 302
    assert SendingDomain.objects.get().white_label == globex


def test_a_link_into_another_white_label_is_judged_by_the_role_there(
    client: Client, vera: User, globex: WhiteLabel
) -> None:
    globex.admins.add(vera)
    client.force_login(vera)
    client.get(f"/whitelabel/?white_label={WhiteLabel.objects.get(name='Acme').pk}")
    assert client.get("/whitelabel/messages/new/").status_code == 403
    answer = client.get(f"/whitelabel/messages/new/?white_label={globex.pk}", follow=True)
    assert answer.status_code == 200


@pytest.mark.parametrize("role", ["admins", "viewers"])
def test_whoever_is_removed_is_out_at_the_next_request(role: str, client: Client, acme: WhiteLabel) -> None:
    person = make_person("dan@acme.test")
    getattr(acme, role).add(person)
    client.force_login(person)
    assert client.get("/whitelabel/deliveries/").status_code == 200
    getattr(acme, role).remove(person)
    assert client.get("/whitelabel/deliveries/").status_code == 403


def test_the_owner_makes_somebody_support_and_takes_it_back(client: Client, owner: User, alice: User) -> None:
    client.force_login(owner)
    for role, expected in (("SUPPORT", (True, False)), ("", (False, False)), ("ROOT", (False, False))):
        form = {"name": "Alice", "email": alice.email, "is_active": "on", "role": role}
        client.post(f"/backoffice/people/{alice.pk}/change/", form)
        alice.refresh_from_db()
        assert (alice.is_staff, alice.is_superuser) == expected


def test_people_are_filtered_by_their_role(client: Client, owner: User, sam: User, alice: User) -> None:
    client.force_login(owner)
    for role, person in (("PLATFORM_OWNER", owner), ("SUPPORT", sam), ("NONE", alice)):
        listed = client.get(f"/backoffice/people/?role={role}").context["cl"].result_list
        assert list(listed) == [person]


def test_the_owner_gives_a_white_label_viewers(client: Client, owner: User, acme: WhiteLabel, charlie: User) -> None:
    client.force_login(owner)
    form = {"name": "Acme", "brand_name": "Acme", "brand_colour": "#123456", "mail_option": "PLATFORM"}
    client.post(f"/backoffice/white-labels/{acme.pk}/change/", form | {"viewers": [charlie.pk]})
    assert list(acme.viewers.all()) == [charlie]
    assert "Viewer of Acme" in client.get("/backoffice/people/").content.decode()
