"""What the pages say of a server in trouble, and that a passed check lets its mail go."""

import pytest
from django.test import Client

from backoffice.models import User
from smtp_settings.choices import Policy
from smtp_settings.models import ServerHealth, SmtpServer
from testing.factories import give_own_smtp, make_server, switch_on_platform_smtp
from whitelabel.models import WhiteLabel

pytestmark = pytest.mark.django_db

COMMUNICATION, OWN = "/backoffice/settings/communication/", "/whitelabel/email/"


def break_down(server: SmtpServer) -> ServerHealth:
    for _ in range(3):
        server.health.note_failure("Connecting: 421 4.3.2 too busy")
    return server.health


def page(client: Client, person: User, path: str) -> str:
    client.force_login(person)
    return client.get(path).content.decode()


@pytest.fixture
def platforms() -> SmtpServer:
    return switch_on_platform_smtp(make_server()).smtp


@pytest.fixture
def acmes(acme: WhiteLabel) -> SmtpServer:
    server = make_server(Policy.WHITE_LABEL, tenant=acme.tenant, host="smtp.acme.test")
    give_own_smtp(acme, server)
    return server


def test_communication_says_since_when_and_why_a_server_takes_no_mail(
    client: Client, owner: User, platforms: SmtpServer
) -> None:
    platforms.health.note_success()
    health = break_down(platforms)
    html = page(client, owner, COMMUNICATION)
    assert "Connecting: 421 4.3.2 too busy" in html
    assert f"Next look at {health.open_until:%H:%M} UTC. It last took mail on" in html
    assert "waits until it answers again" in html
    assert "Check again and release" in html


def test_communication_says_it_of_the_server_default_too(client: Client, owner: User) -> None:
    break_down(SmtpServer.default())
    assert "Connecting: 421 4.3.2 too busy" in page(client, owner, COMMUNICATION)


def test_communication_says_that_a_server_takes_fewer_connections(
    client: Client, owner: User, platforms: SmtpServer
) -> None:
    platforms.health.note_crowded(4)
    assert "it gets at most 2 at once until" in page(client, owner, COMMUNICATION)


def test_communication_says_that_a_server_is_well(client: Client, owner: User, platforms: SmtpServer) -> None:
    assert "No mail has left through it yet." in page(client, owner, COMMUNICATION)
    platforms.health.note_success()
    assert "Takes mail" in page(client, owner, COMMUNICATION)


@pytest.mark.parametrize(
    ("consent", "sentence"), [(True, "through the platform's SMTP meanwhile"), (False, "<strong>Your mail waits here")]
)
def test_a_white_label_reads_what_its_own_server_does(
    consent: bool, sentence: str, client: Client, alice: User, acme: WhiteLabel, acmes: SmtpServer
) -> None:
    give_own_smtp(acme, acmes, fall_back=consent)
    assert "The platform's server is not involved." in page(client, alice, OWN)
    break_down(acmes)
    html = page(client, alice, OWN)
    assert "Connecting: 421 4.3.2 too busy" in html
    assert sentence in html
    assert "The platform's server is not involved." not in html


def test_a_white_label_reads_nothing_of_the_platforms_server(
    client: Client, alice: User, acme: WhiteLabel, platforms: SmtpServer
) -> None:
    break_down(platforms)
    assert "too busy" not in page(client, alice, OWN)


def test_the_dashboard_names_paused_servers_and_open_breakers(
    client: Client, owner: User, platforms: SmtpServer, acmes: SmtpServer
) -> None:
    assert "SMTP servers in trouble</h2>" not in page(client, owner, "/backoffice/")
    acmes.pause("The password was refused.")
    break_down(platforms)
    break_down(SmtpServer.default())
    html = page(client, owner, "/backoffice/")
    assert "<strong>3</strong> SMTP servers in trouble" in html
    assert "The password was refused." in html
    assert html.count("Connecting: 421 4.3.2 too busy") == 2
