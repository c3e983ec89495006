"""An application goes out of use without its log, and comes back."""

import pytest
from django.test import Client

from delivery.api import send
from delivery.models import Delivery
from gateway.models import Key
from people.models import AuditEntry, User
from testing import factories
from whitelabel.models import Application, WhiteLabel

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


@pytest.fixture
def shop(alice: User, acme: WhiteLabel) -> Application:
    return factories.make_application(alice, acme)


@pytest.fixture
def console(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


def address(shop: Application, act: str) -> str:
    return f"/backoffice/applications/{shop.pk}/{act}/"


def wrote(shop: Application) -> None:
    send(shop, to="carol@example.test", subject="Your order", text="Thanks")


def test_it_says_how_much_it_touches_before_it_does_it(console: Client, shop: Application, alice: User) -> None:
    factories.make_key(shop, alice)
    wrote(shop)
    shown = console.get(address(shop, "archive")).content.decode()
    assert "1 key is revoked: Shop server" in shown
    assert "1 message that waits is on hold" in shown
    shop.refresh_from_db()
    assert not shop.is_archived


def test_archived_its_keys_are_revoked_and_its_log_stays(console: Client, shop: Application, alice: User) -> None:
    key = factories.make_key(shop, alice)
    wrote(shop)
    console.post(address(shop, "archive"))
    shop.refresh_from_db()
    key.refresh_from_db()
    assert shop.is_archived
    assert key.revoked_at
    assert Delivery.objects.count() == 1
    acts = set(AuditEntry.objects.values_list("act", flat=True))
    assert {"whitelabel.application.archive", "key.revoke"} <= acts


def test_brought_back_it_needs_new_keys(console: Client, shop: Application, alice: User) -> None:
    factories.make_key(shop, alice)
    console.post(address(shop, "archive"))
    assert "Bring it back" in console.get(address(shop, "change")).content.decode()
    console.post(address(shop, "restore"))
    shop.refresh_from_db()
    assert not shop.is_archived
    assert not Key.objects.alive().filter(application=shop).exists()


def test_it_does_not_come_back_into_an_archived_white_label(console: Client, shop: Application) -> None:
    shop.archive()
    assert shop.white_label
    shop.white_label.archive()
    shown = console.post(address(shop, "restore"), follow=True).content.decode()
    assert "Acme is archived: give Shop to another white-label first" in shown
    shop.refresh_from_db()
    assert shop.is_archived


@pytest.mark.parametrize("method", ["get", "post"])
def test_one_in_use_is_archived_instead_of_deleted(console: Client, shop: Application, method: str) -> None:
    wrote(shop)
    response = getattr(console, method)(address(shop, "delete"), {"post": "yes"})
    assert response["Location"] == address(shop, "archive")
    assert Application.objects.filter(pk=shop.pk).exists()
    assert f'{address(shop, "delete")}"' not in console.get(address(shop, "change")).content.decode()


def test_one_that_was_never_used_can_be_deleted(console: Client, shop: Application) -> None:
    assert f'{address(shop, "delete")}"' in console.get(address(shop, "change")).content.decode()
    console.post(address(shop, "delete"), {"post": "yes"})
    assert not Application.objects.filter(pk=shop.pk).exists()


def test_support_and_white_labels_do_neither(client: Client, shop: Application, alice: User) -> None:
    for person in (factories.make_support(), alice):
        client.force_login(person)
        for act in ("archive", "restore"):
            assert client.post(address(shop, act)).status_code == 403
    shop.refresh_from_db()
    assert not shop.is_archived
