"""The limits of a server and of an application, as people set them."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from delivery.api import send
from delivery.models import DailyCount, Delivery
from people.models import User
from smtp_settings.models import SmtpServer
from testing.factories import make_application, make_server, switch_on_platform_smtp
from testing.servers.smtp import LoopbackSmtpServer
from whitelabel.models import Application

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("worker_at_once")]

COMMUNICATION = "/backoffice/settings/communication/"


@pytest.fixture
def console(client: Client, owner: User) -> Client:
    client.force_login(owner)
    return client


@pytest.fixture
def posted(smtp_server: LoopbackSmtpServer) -> dict[str, object]:
    """What the form posts for the server that is stored."""
    server = switch_on_platform_smtp(make_server(secret="secret", **smtp_server.fields)).smtp
    fields = ("host", "port", "security", "auth", "username", "sender_name", "sender_address")
    return {name: getattr(server, name) for name in fields} | {"action": "save", "switched_on": "on", "password": ""}


def limits() -> tuple[int, int]:
    server = SmtpServer.objects.get()
    return server.max_connections, server.messages_per_minute


def test_a_server_is_given_limits(console: Client, posted: dict[str, object]) -> None:
    console.post(COMMUNICATION, posted | {"max_connections": 2, "messages_per_minute": 30})
    assert limits() == (2, 30)
    page = console.get(COMMUNICATION).content.decode()
    assert 'name="messages_per_minute" value="30"' in page


def test_limits_stay_where_nothing_is_typed(console: Client, posted: dict[str, object]) -> None:
    SmtpServer.objects.update(max_connections=3, messages_per_minute=60)
    console.post(COMMUNICATION, posted | {"max_connections": "", "sender_name": "New"})
    assert limits() == (3, 60)


@pytest.mark.parametrize(("field", "typed"), [("max_connections", "0"), ("messages_per_minute", "-1")])
def test_an_impossible_limit_is_said_at_the_field(
    field: str, typed: str, console: Client, posted: dict[str, object]
) -> None:
    response = console.post(COMMUNICATION, posted | {field: typed})
    assert response.context["smtp_form"].errors[field]
    assert limits() == (5, 0)


@pytest.fixture
def shop(owner: User) -> Application:
    return make_application(owner)


def save(console: Client, shop: Application, **values: object) -> None:
    fields = {"name": shop.name, "white_label": "", "sender_name": "", "sender_address": "", "daily_limit": 0}
    assert console.post(f"/backoffice/applications/{shop.pk}/change/", fields | values).status_code == 302


def test_an_application_is_given_a_daily_limit_and_shows_how_much_of_it_was_sent(
    console: Client, shop: Application
) -> None:
    save(console, shop, daily_limit=100)
    DailyCount.take(shop, timezone.now().date(), limit=100)
    page = console.get(f"/backoffice/applications/{shop.pk}/change/").content.decode()
    assert "Sent today: <strong>1</strong> of at most 100." in page


def test_mail_that_waits_for_the_limit_tries_the_new_one(console: Client, shop: Application) -> None:
    send(shop, to="eve@users.test", subject="Hi", text="x")
    Delivery.objects.update(status="HELD", due_at=timezone.now() + timedelta(hours=5))
    save(console, shop, daily_limit=0, sender_name="Other")
    assert Delivery.objects.get().status == "HELD"
    save(console, shop, daily_limit=1000)
    assert Delivery.objects.get().status == "QUEUED"
