"""What an open page asks for by itself: cheap, within what the reader may see, and no sign of life."""

from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from delivery.api import send
from delivery.models import BulkAct
from gateway.choices import Kind
from gateway.provisioning import files
from messages.models import Mailbox
from messages.posting import open_thread
from people.models import User
from testing import factories
from whitelabel.models import WhiteLabel

WITH_HTMX = {"hx-request": "true"}
QUERIES_MOST = 10

pytestmark = pytest.mark.django_db


def version(client: Client, path: str) -> str:
    return client.get(path, headers=WITH_HTMX).content.decode().partition('data-version="')[2].partition('"')[0]


def test_the_counts_of_the_menu_come_anew(client: Client, alice: User, acme: WhiteLabel) -> None:
    client.force_login(alice)
    assert "hidden></span>" in client.get("/whitelabel/live/", headers=WITH_HTMX).content.decode()
    open_thread(sender=Mailbox.platform(), receiver=acme.mailbox, subject="Hello", body="x")
    shown = client.get("/whitelabel/live/", headers=WITH_HTMX).content.decode()
    assert 'id="badge-whitelabel-messages" hx-swap-oob="true"' in shown
    assert ">1</span>" in shown


def test_only_the_own_mail_makes_a_page_stale(
    client: Client, alice: User, acme: WhiteLabel, charlie: User, globex: WhiteLabel
) -> None:
    client.force_login(alice)
    before = version(client, "/whitelabel/live/")
    send(factories.make_application(charlie, globex), to="x@users.test", subject="x", text="x")
    assert version(client, "/whitelabel/live/") == before
    send(factories.make_application(alice, acme), to="x@users.test", subject="x", text="x")
    assert version(client, "/whitelabel/live/") != before


@pytest.mark.parametrize("path", ["/backoffice/live/", "/whitelabel/live/"])
def test_it_costs_a_few_queries(client: Client, owner: User, acme: WhiteLabel, path: str) -> None:
    acme.admins.add(owner)
    client.force_login(owner)
    client.get(path, headers=WITH_HTMX)
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path, headers=WITH_HTMX).status_code == 200
    assert sum("SELECT" in query["sql"] for query in asked) <= QUERIES_MOST  # and what begins and limits them


def test_it_keeps_no_session_alive(client: Client, owner: User) -> None:
    client.force_login(owner)
    client.get("/backoffice/")
    begun = timezone.now()
    for hours in range(1, 14):
        with time_machine.travel(begun + timedelta(hours=hours), tick=False):
            answered = client.get("/backoffice/live/", headers=WITH_HTMX).status_code
    assert answered == 401


@pytest.mark.parametrize("page", ["", "deliveries/{delivery}/change/", "deliveries/bulk/{bulk}/", "import/{file}/"])
def test_a_part_that_looks_again_keeps_no_session_alive_but_who_opens_its_page_does(
    page: str, client: Client, owner: User
) -> None:
    delivery = send(factories.make_application(owner), to="x@users.test", subject="x", text="x").deliveries.get()
    bulk = BulkAct.objects.create(act=BulkAct.Act.CANCEL, person=owner, newest=delivery.pk)
    file = files.upload(Kind.PEOPLE, "x.csv", b"ref,name,email\n1,Eve,eve@users.test\n", owner)
    address = "/backoffice/" + page.format(delivery=delivery.pk, bulk=bulk.pk, file=file.pk)
    client.force_login(owner)
    client.get("/backoffice/")
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert seen_after_hours(client, address, clock) == 200
        assert seen_after_hours(client, address, clock, **WITH_HTMX) == 401


def seen_after_hours(client: Client, address: str, clock: time_machine.Traveller, **headers: str) -> int:
    """Ask each hour for longer than an owner's session lasts; return the last answer's status."""
    for _ in range(14):
        clock.shift(timedelta(hours=1))
        status = client.get(address, headers=headers).status_code
    return status


def test_a_stranger_is_not_led_away_from_an_open_page(client: Client) -> None:
    response = client.get("/backoffice/live/", headers=WITH_HTMX)
    assert response.status_code == 401
    assert "HX-Redirect" not in response
