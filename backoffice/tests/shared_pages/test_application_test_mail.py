"""The test e-mail as an application: on its own route, to oneself, and not too often."""

import pytest
from django.test import Client

from delivery.models import Delivery
from people.models import AuditEntry, User
from testing.factories import give_own_smtp, make_application, make_server, switch_on_platform_smtp
from testing.outbox import send_what_is_due
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import Application, WhiteLabel

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(alice: User, acme: WhiteLabel) -> Application:
    return make_application(alice, acme)


def ask(client: Client, person: User, shop: Application, console: str = "whitelabel") -> str:
    """Press the button; return where it leads."""
    client.force_login(person)
    response = client.post(f"/{console}/applications/{shop.pk}/test/")
    return str(response.headers.get("Location", response.status_code))


def test_it_takes_the_route_of_the_application(
    client: Client, alice: User, shop: Application, smtp_server: LoopbackSmtpServer, acme: WhiteLabel
) -> None:
    give_own_smtp(acme, make_server("WHITE_LABEL", scope_key=acme.scope_key, secret="secret", **smtp_server.fields))
    page = ask(client, alice, shop)
    assert send_what_is_due() == 1
    (mail,) = smtp_server.messages
    assert (mail.recipients, mail.parsed["Subject"]) == ((alice.email,), "Test e-mail of Shop")
    html = client.get(page).content.decode()
    assert "Acme switched on its own SMTP server." in html
    assert "Sent" in html


def test_it_says_the_time_as_its_reader_has_it(
    client: Client, alice: User, shop: Application, smtp_server: LoopbackSmtpServer, acme: WhiteLabel
) -> None:
    give_own_smtp(acme, make_server("WHITE_LABEL", scope_key=acme.scope_key, secret="secret", **smtp_server.fields))
    User.objects.filter(pk=alice.pk).update(time_zone="Asia/Tokyo")
    ask(client, alice, shop)
    send_what_is_due()
    assert " JST, to see which way" in " ".join(str(smtp_server.messages[0].parsed.get_content()).split())


def test_the_owner_sends_one_too_and_goes_to_its_delivery(client: Client, owner: User, shop: Application) -> None:
    switch_on_platform_smtp(make_server())
    page = ask(client, owner, shop, "backoffice")
    delivery = Delivery.objects.get()
    assert page == f"/backoffice/deliveries/{delivery.pk}/change/"
    assert (delivery.recipient, delivery.email.application) == (owner.email, shop)
    assert 'hx-trigger="every 2s"' in client.get(page).content.decode()
    assert AuditEntry.objects.filter(act="application.test", person=owner).exists()


def test_both_consoles_offer_it(client: Client, owner: User, bob: User, shop: Application) -> None:
    for person, console in ((owner, "backoffice"), (bob, "whitelabel")):
        client.force_login(person)
        html = client.get(f"/{console}/applications/{shop.pk}/change/").content.decode()
        assert "Send a test e-mail as this application" in html
        assert f"To {person.email}" in html


def test_strangers_are_refused_and_looking_sends_nothing(
    client: Client, alice: User, charlie: User, shop: Application, globex: WhiteLabel
) -> None:
    assert ask(client, charlie, shop) == "404"
    assert ask(client, alice, shop, "backoffice") == "403"
    assert client.get(f"/whitelabel/applications/{shop.pk}/test/").status_code == 405
    assert not Delivery.objects.exists()


def test_a_person_sends_five_an_hour(client: Client, alice: User, bob: User, shop: Application) -> None:
    for _ in range(5):
        assert "/deliveries/" in ask(client, alice, shop)
    assert ask(client, alice, shop) == f"/whitelabel/applications/{shop.pk}/change/"
    assert "5 test e-mails an hour" in client.get(f"/whitelabel/applications/{shop.pk}/change/").content.decode()
    assert "/deliveries/" in ask(client, bob, shop)
    assert Delivery.objects.count() == 6
