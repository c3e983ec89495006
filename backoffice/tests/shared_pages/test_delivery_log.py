"""The delivery log: everything for the owner, the own mail for a white-label admin, nothing of anybody else's."""

import re
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from delivery.api import send
from delivery.models import Delivery, Email
from gateway.choices import Maker
from gateway.models import Key
from people.models import User
from testing.factories import make_application
from whitelabel.models import WhiteLabel

pytestmark = pytest.mark.django_db


@pytest.fixture
def acmes(alice: User, acme: WhiteLabel) -> Delivery:
    return send(make_application(alice, acme), to="eve@users.test", subject="Acme's order", text="x").deliveries.get()


@pytest.fixture
def globexs(charlie: User, globex: WhiteLabel) -> Delivery:
    return send(make_application(charlie, globex), to="fay@users.test", subject="Globex's", text="x").deliveries.get()


def page(client: Client, person: User, path: str) -> str:
    client.force_login(person)
    response = client.get(path)
    assert response.status_code == 200, path
    return response.content.decode()


def test_the_owner_sees_everybodys_mail(client: Client, owner: User, acmes: Delivery, globexs: Delivery) -> None:
    html = page(client, owner, "/backoffice/deliveries/")
    assert "eve@users.test" in html
    assert "fay@users.test" in html


def test_an_admin_sees_only_the_own_mail(client: Client, bob: User, acmes: Delivery, globexs: Delivery) -> None:
    html = page(client, bob, "/whitelabel/deliveries/")
    assert "eve@users.test" in html
    assert "fay@users.test" not in html


@pytest.mark.parametrize("query", ["q=eve@users", "q=Acme's order", "status__exact=QUEUED"])
def test_the_log_is_searched_and_filtered(
    query: str, client: Client, owner: User, acmes: Delivery, globexs: Delivery
) -> None:
    globexs.cancel("No.")
    html = page(client, owner, f"/backoffice/deliveries/?{query}")
    assert "eve@users.test" in html
    assert "fay@users.test" not in html


def test_the_log_finds_possible_duplicates(client: Client, bob: User, acmes: Delivery, globexs: Delivery) -> None:
    address = "/whitelabel/deliveries/?possible_duplicate__exact=1"
    assert "eve@users.test" not in page(client, bob, address)
    Delivery.objects.update(possible_duplicate=True)
    assert "eve@users.test" in page(client, bob, address)


@pytest.mark.parametrize(
    ("due_at", "shown"),
    [("11:59", "now"), ("12:05", "12:05UTC"), ("23:59", "23:59UTC")],
)
def test_the_log_says_when_mail_that_waits_is_tried_next(
    due_at: str, shown: str, client: Client, owner: User, acmes: Delivery
) -> None:
    Delivery.objects.update(status="DEFERRED", due_at=f"2026-11-23T{due_at}Z")
    with time_machine.travel("2026-11-23T12:00Z", tick=False):
        assert f">{shown}<" in re.sub(r"\s", "", page(client, owner, "/backoffice/deliveries/"))


def test_the_page_of_a_mail_says_where_it_stands_and_which_route_applies(
    client: Client, alice: User, acmes: Delivery
) -> None:
    html = page(client, alice, f"/whitelabel/deliveries/{acmes.pk}/change/")
    assert "Waiting for its turn." in html
    assert "alice@acme.test owns the application and is an admin of Acme." in html


def test_a_white_label_is_not_told_where_the_platforms_server_is(
    client: Client, owner: User, alice: User, acmes: Delivery
) -> None:
    assert "localhost:25" in page(client, owner, f"/backoffice/deliveries/{acmes.pk}/change/")
    assert "localhost:25" not in page(client, alice, f"/whitelabel/deliveries/{acmes.pk}/change/")


def test_cancel_and_send_again(client: Client, bob: User, acmes: Delivery) -> None:
    client.force_login(bob)
    client.post(f"/whitelabel/deliveries/{acmes.pk}/cancel/")
    acmes.refresh_from_db()
    assert (acmes.status, acmes.status_reason) == ("CANCELLED", "Cancelled by bob@acme.test.")
    client.post(f"/whitelabel/deliveries/{acmes.pk}/retry/")
    acmes.refresh_from_db()
    assert acmes.status == "QUEUED"


@pytest.mark.parametrize("act", ["cancel", "retry", "change"])
def test_charlie_is_answered_as_if_the_mail_did_not_exist(
    act: str, client: Client, charlie: User, globex: WhiteLabel, acmes: Delivery
) -> None:
    client.force_login(charlie)
    for identity in (acmes.pk, 999_999):
        answers = [answer(f"/whitelabel/deliveries/{identity}/{act}/") for answer in (client.get, client.post)]
        assert sorted(answer.status_code for answer in answers) == [404, 405]
    acmes.refresh_from_db()
    assert acmes.status == "QUEUED"


def test_a_change_needs_a_post(client: Client, owner: User, acmes: Delivery) -> None:
    client.force_login(owner)
    assert client.get(f"/backoffice/deliveries/{acmes.pk}/cancel/").status_code == 405


def test_several_mails_are_cancelled_at_once(client: Client, owner: User, acmes: Delivery, globexs: Delivery) -> None:
    client.force_login(owner)
    chosen = {"action": "cancel_selected", "_selected_action": [acmes.pk, globexs.pk]}
    client.post("/backoffice/deliveries/", chosen)
    assert set(Delivery.objects.values_list("status", flat=True)) == {"CANCELLED"}


def test_an_admin_cannot_choose_somebody_elses_mail_in_the_list(
    client: Client, alice: User, acmes: Delivery, globexs: Delivery
) -> None:
    client.force_login(alice)
    chosen = {"action": "cancel_selected", "_selected_action": [globexs.pk]}
    client.post("/whitelabel/deliveries/", chosen)
    globexs.refresh_from_db()
    assert globexs.status == "QUEUED"


def test_the_page_of_a_mail_says_which_key_it_came_with_and_when_it_is_to_leave(
    client: Client, bob: User, acmes: Delivery
) -> None:
    at = datetime(2026, 12, 24, 18, tzinfo=UTC)
    Email.objects.filter(pk=acmes.email_id).update(key_prefix="abcdefghijkl", scheduled_at=at)
    html = page(client, bob, f"/whitelabel/deliveries/{acmes.pk}/change/")
    assert "bo_mail_abcdefghijkl" in html
    assert "24 December 2026, 18:00:00" in html


def test_the_page_of_a_mail_leads_to_its_key(client: Client, owner: User, alice: User, acmes: Delivery) -> None:
    key = Key(application=acmes.email.application, name="Shop server", scopes="send")
    key.issue(by=alice, maker=Maker.WHITE_LABEL)
    Email.objects.filter(pk=acmes.email_id).update(key_prefix=key.prefix)
    for person, console in ((alice, "/whitelabel"), (owner, "/backoffice")):
        html = page(client, person, f"{console}/deliveries/{acmes.pk}/change/")
        assert f'<a href="{console}/keys/{key.pk}/change/">Shop server</a>' in html


def test_a_key_that_went_to_another_white_label_is_not_named(
    client: Client, owner: User, alice: User, globexs: Delivery, acmes: Delivery
) -> None:
    key = Key(application=globexs.email.application, name="Globex server", scopes="send")
    key.issue(by=owner, maker=Maker.PLATFORM)
    Email.objects.filter(pk=acmes.email_id).update(key_prefix=key.prefix)
    assert "Globex server" not in page(client, alice, f"/whitelabel/deliveries/{acmes.pk}/change/")


def test_the_page_of_scheduled_mail_asks_no_more_than_once(client: Client, bob: User, acmes: Delivery) -> None:
    address = f"/whitelabel/deliveries/{acmes.pk}/change/"
    assert 'hx-trigger="every' in page(client, bob, address)
    Email.objects.filter(pk=acmes.email_id).update(scheduled_at=timezone.now() + timedelta(days=1))
    html = page(client, bob, address)
    assert 'hx-trigger="every' not in html
    assert "Waiting for its time." in html
    assert "Scheduled</span>" in html
    assert "Next try" not in html
    client.post(f"/whitelabel/deliveries/{acmes.pk}/cancel/")
    assert "waits for its time" in client.post(address.replace("change", "retry"), follow=True).content.decode()


def test_a_test_is_in_the_log_as_one(client: Client, bob: User, acmes: Delivery) -> None:
    Delivery.objects.update(status="TEST", due_at=None)
    html = page(client, bob, f"/whitelabel/deliveries/{acmes.pk}/change/")
    assert "Test, not sent" in html
    assert "No tries, because it is a test." in html
    assert "Send again now" not in html
    assert "Cancel" not in html


def test_send_again_is_offered_only_where_there_is_something_to_send(
    client: Client, bob: User, acmes: Delivery
) -> None:
    acmes.cancel("No.")
    address = f"/whitelabel/deliveries/{acmes.pk}/change/"
    assert "Send again now" in page(client, bob, address)
    Email.objects.update(content=None)
    shown = page(client, bob, address)
    assert "Send again now" not in shown
    assert "its content was deleted. That happens 30 days after" in shown
    said = client.post(f"/whitelabel/deliveries/{acmes.pk}/retry/", follow=True).content.decode()
    assert "cannot be sent again: its content was deleted" in said


def test_the_log_says_why_of_what_was_not_sent_only(client: Client, bob: User, acmes: Delivery) -> None:
    for status, is_said in (("SENT", False), ("FAILED", True)):
        Delivery.objects.filter(pk=acmes.pk).update(
            status=status, status_reason="said by the server", due_at=None, finished_at=acmes.accepted_at
        )
        assert ("said by the server" in page(client, bob, "/whitelabel/deliveries/")) == is_said
