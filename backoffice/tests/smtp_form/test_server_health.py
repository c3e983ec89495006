"""What the pages say of a server in trouble, and that a passed check lets its mail go."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from delivery.api import send
from delivery.models import Delivery
from delivery.outbox.release import release
from people.models import User
from smtp_settings.choices import Policy
from smtp_settings.models import Communication, ServerHealth, SmtpServer
from testing.factories import give_own_smtp, make_server, switch_on_platform_smtp
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import WhiteLabel

pytestmark = pytest.mark.django_db

COMMUNICATION, OWN = "/backoffice/settings/communication/", "/whitelabel/email/"
SECOND = "/backoffice/settings/communication/second/"


def break_down(server: SmtpServer) -> ServerHealth:
    while not server.health.is_open:
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
    server = make_server(Policy.WHITE_LABEL, scope_key=acme.scope_key, host="smtp.acme.test")
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
    assert "Working" in page(client, owner, COMMUNICATION)


@pytest.mark.parametrize("address", [COMMUNICATION, SECOND])
def test_a_paused_server_is_not_said_to_take_mail(
    address: str, client: Client, owner: User, platforms: SmtpServer
) -> None:
    second = make_server(scope_key="platform-second", host="second.builder.test")
    Communication.objects.update(standby=second)
    for server in (platforms, second):
        server.health.note_success()
        server.pause("It refused the sender twice: 550 5.1.8 not yours")
    html = page(client, owner, address)
    assert "It refused the sender twice" in html
    assert "Working" not in html


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
    client: Client, owner: User, alice: User, acme: WhiteLabel, platforms: SmtpServer
) -> None:
    break_down(platforms)
    assert "too busy" in page(client, owner, COMMUNICATION)
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


def held_mail(*, due: bool = True) -> Delivery:
    delivery = send(None, to="eve@users.test", subject="Hi", text="x").deliveries.get()
    Delivery.objects.filter(pk=delivery.pk).update(
        status="HELD", status_reason="Not available.", due_at=timezone.now() + timedelta(minutes=30) if due else None
    )
    return delivery


def status_of(delivery: Delivery) -> str:
    return Delivery.objects.get(pk=delivery.pk).status


@pytest.mark.usefixtures("worker_at_once")
@pytest.mark.parametrize("paused", [True, False])
def test_check_again_lets_the_mail_of_the_server_go(
    paused: bool, client: Client, owner: User, smtp_server: LoopbackSmtpServer
) -> None:
    server = switch_on_platform_smtp(make_server(secret="secret", **smtp_server.fields)).smtp
    waiting, suppressed = held_mail(), held_mail(due=False)
    break_down(server)
    if paused:
        server.pause("The password was refused.")
    client.force_login(owner)
    client.post(COMMUNICATION, {"action": "again"})
    assert (SmtpServer.objects.get().state, server.health.is_open) == ("VERIFIED", False)
    assert (status_of(waiting), status_of(suppressed)) == ("QUEUED", "HELD")


@pytest.mark.usefixtures("worker_at_once")
def test_a_check_that_fails_releases_nothing(client: Client, owner: User, smtp_server: LoopbackSmtpServer) -> None:
    server = switch_on_platform_smtp(make_server(secret="secret", **smtp_server.fields)).smtp
    waiting = held_mail()
    break_down(server)
    smtp_server.password = "changed"
    client.force_login(owner)
    client.post(COMMUNICATION, {"action": "again"})
    assert (status_of(waiting), server.health.is_open) == ("HELD", True)


@pytest.mark.usefixtures("platforms")
def test_mail_of_other_servers_stays_held() -> None:
    waiting = held_mail()
    assert release("another") == 0
    assert status_of(waiting) == "HELD"
    assert release(waiting.server_key) == 1
    assert status_of(waiting) == "QUEUED"
