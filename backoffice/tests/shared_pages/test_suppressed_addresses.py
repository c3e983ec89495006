"""The list of suppressed addresses: everybody's for the owner, the own for a white-label admin, released by a click."""

import pytest
from django.test import Client

from delivery.api import send
from delivery.models import Delivery, Suppression
from delivery.models.delivery import SUPPRESSED
from people.models import User
from testing.factories import make_application
from whitelabel.models import WhiteLabel

pytestmark = pytest.mark.django_db

OWNERS, OWN = "/backoffice/suppressed-addresses/", "/whitelabel/suppressed-addresses/"
REPLY = "Refused (recipient): 550 5.1.1 no such user"


@pytest.fixture
def acmes(acme: WhiteLabel) -> Suppression:
    return Suppression.objects.create(white_label=acme, address="eve@users.test", reason=REPLY)


@pytest.fixture
def globexs(globex: WhiteLabel) -> Suppression:
    return Suppression.objects.create(white_label=globex, address="fay@users.test", reason=REPLY)


@pytest.fixture
def held(alice: User, acmes: Suppression) -> Delivery:
    """A mail of Acme's that waits because of `acmes`."""
    email = send(make_application(alice, acmes.white_label), to="Eve@users.test", subject="Order", text="x")
    email.deliveries.update(status=Delivery.Status.HELD, due_at=None, status_reason=f"{SUPPRESSED} {REPLY}")
    return email.deliveries.get()


def page(client: Client, person: User, path: str) -> str:
    client.force_login(person)
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def test_the_owner_sees_everybodys_with_whose_they_are_and_why(
    client: Client, owner: User, acmes: Suppression, globexs: Suppression
) -> None:
    html = page(client, owner, OWNERS)
    assert [text for text in ("eve@users.test", "fay@users.test", "Globex", REPLY) if text not in html] == []


def test_an_admin_sees_only_the_own(client: Client, bob: User, acmes: Suppression, globexs: Suppression) -> None:
    html = page(client, bob, OWN)
    assert "eve@users.test" in html
    assert "fay@users.test" not in html


def test_the_list_is_searched(client: Client, owner: User, acmes: Suppression, globexs: Suppression) -> None:
    html = page(client, owner, f"{OWNERS}?q=fay")
    assert "fay@users.test" in html
    assert "eve@users.test" not in html


def test_the_menu_leads_to_the_list(client: Client, owner: User, alice: User, acme: WhiteLabel) -> None:
    assert f'href="{OWNERS}"' in page(client, owner, "/backoffice/")
    assert f'href="{OWN}"' in page(client, alice, "/whitelabel/")


def test_released_by_one_click_what_waited_is_due(
    client: Client, bob: User, acmes: Suppression, held: Delivery
) -> None:
    assert f'formaction="{OWN}{acmes.pk}/release/"' in page(client, bob, OWN)
    response = client.post(f"{OWN}{acmes.pk}/release/", follow=True)
    held.refresh_from_db()
    assert (held.status, held.status_reason, Suppression.objects.count()) == ("QUEUED", "", 0)
    assert "eve@users.test is allowed again. The message that waited is sent now." in response.content.decode()


def test_several_are_released_at_once(
    client: Client, owner: User, acmes: Suppression, globexs: Suppression, held: Delivery
) -> None:
    client.force_login(owner)
    chosen = {"action": "release_selected", "_selected_action": [acmes.pk, globexs.pk]}
    client.post(OWNERS, chosen)
    held.refresh_from_db()
    assert (held.status, Suppression.objects.count()) == ("QUEUED", 0)


def test_charlie_cannot_release_acmes(client: Client, charlie: User, globex: WhiteLabel, acmes: Suppression) -> None:
    client.force_login(charlie)
    for identity in (acmes.pk, 999_999):
        assert client.get(f"{OWN}{identity}/release/").status_code == 405
        assert client.post(f"{OWN}{identity}/release/").status_code == 404
    client.post(OWN, {"action": "release_selected", "_selected_action": [acmes.pk]})
    assert Suppression.objects.filter(pk=acmes.pk).exists()


def test_releasing_needs_a_post(client: Client, owner: User, acmes: Suppression) -> None:
    client.force_login(owner)
    assert client.get(f"{OWNERS}{acmes.pk}/release/").status_code == 405


def test_nothing_is_added_or_deleted_by_hand(client: Client, owner: User, acmes: Suppression) -> None:
    client.force_login(owner)
    assert client.get(f"{OWNERS}add/").status_code == 404
    assert client.post(f"{OWNERS}{acmes.pk}/delete/", {"post": "yes"}).status_code == 404


@pytest.mark.parametrize("console", ["/backoffice/", "/whitelabel/"])
def test_the_page_of_a_mail_that_waits_for_it_releases_the_address(
    console: str, client: Client, owner: User, alice: User, held: Delivery
) -> None:
    html = page(client, owner if console == "/backoffice/" else alice, f"{console}deliveries/{held.pk}/change/")
    assert "Allow this address again" in html
    assert "Send again now" not in html
    client.post(f"{console}deliveries/{held.pk}/release/")
    held.refresh_from_db()
    assert (held.status, Suppression.objects.count()) == ("QUEUED", 0)


def test_the_page_of_a_mail_that_waits_for_a_server_releases_no_address(
    client: Client, owner: User, held: Delivery
) -> None:
    held.due_at = held.email.accepted_at
    held.save()
    assert "Allow this address again" not in page(client, owner, f"/backoffice/deliveries/{held.pk}/change/")
    response = client.post(f"/backoffice/deliveries/{held.pk}/release/", follow=True)
    assert "the address is not suppressed" in response.content.decode()
    assert Suppression.objects.exists()
