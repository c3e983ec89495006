"""The platform's second SMTP server: set up like the first, used while the first does not answer, removed."""

import pytest
from django.test import Client

from people.models import User
from smtp_settings.models import Communication, SmtpServer
from testing.factories import make_server, switch_on_platform_smtp
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import WhiteLabel
from whitelabel.routing import route_for

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("worker_at_once")]

URL, COMMUNICATION = "/backoffice/settings/communication/second/", "/backoffice/settings/communication/"


@pytest.fixture
def console(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def first() -> SmtpServer:
    return switch_on_platform_smtp(make_server(host="smtp.first.test")).smtp


def save(console: Client, second: LoopbackSmtpServer, **changed: object) -> str:
    values = {
        "action": "save",
        "switched_on": "on",
        "host": "localhost",
        "port": second.port,
        "security": second.security,
        "auth": "PASSWORD",
        "username": "user",
        "password": "secret",
        "sender_name": "Second",
        "sender_address": "second@platform.test",
    }
    return console.post(URL, values | changed, follow=True).content.decode()


def standby() -> SmtpServer | None:
    return Communication.current().standby


def test_it_is_stored_when_it_passes_and_the_first_stays_as_it_was(
    console: Client, first: SmtpServer, smtp_server: LoopbackSmtpServer
) -> None:
    assert "The server passed its check" in save(console, smtp_server)
    second = standby()
    assert second
    assert (second.usable, second.open_secret()) == (True, "secret")
    assert Communication.current().server == first


def test_it_is_not_stored_when_it_fails(console: Client, first: SmtpServer, smtp_server: LoopbackSmtpServer) -> None:
    save(console, smtp_server, password="wrong")
    assert standby() is None


def test_it_takes_over_from_its_own_sender_and_communication_says_so(
    console: Client, first: SmtpServer, smtp_server: LoopbackSmtpServer
) -> None:
    save(console, smtp_server)
    assert "takes over while the custom server does not answer" in console.get(COMMUNICATION).content.decode()
    for _ in range(3):
        first.health.note_failure("Connecting: refused")
    assert route_for(None).sender.address == "second@platform.test"
    page = console.get(COMMUNICATION).content.decode()
    assert "takes over now." in page
    assert "waits until it answers again" not in page


def test_a_draft_of_it_is_not_used(console: Client, first: SmtpServer, smtp_server: LoopbackSmtpServer) -> None:
    save(console, smtp_server, action="draft")
    first.pause("The password was refused.")
    assert route_for(None).server == first
    assert "It is not used: it is draft" in console.get(COMMUNICATION).content.decode()


def test_it_is_removed_with_its_password(console: Client, first: SmtpServer, smtp_server: LoopbackSmtpServer) -> None:
    save(console, smtp_server)
    console.post(URL, {"action": "remove"})
    assert standby() is None
    assert list(SmtpServer.objects.all()) == [first]


def test_only_the_owner_may_see_and_post_it(
    client: Client, alice: User, acme: WhiteLabel, first: SmtpServer, smtp_server: LoopbackSmtpServer
) -> None:
    client.force_login(alice)
    assert client.get(URL).status_code == 403
    save(client, smtp_server)
    assert standby() is None
