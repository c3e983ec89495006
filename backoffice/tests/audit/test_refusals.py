"""Refused tries are counted in the audit log: one entry a person, page and hour, with nothing of the row."""

from datetime import timedelta

import pytest
import time_machine
from django.conf import LazySettings
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from delivery.api import send
from delivery.models import Delivery, Suppression
from gateway.choices import Maker
from gateway.keys import throttle
from people.audit import record
from people.models import AuditEntry, User
from people.refusals import ACT, note_refusal
from testing.factories import make_application, make_key_and_secret, make_support
from whitelabel.models import WhiteLabel

LOG = "/whitelabel/deliveries/"


@pytest.fixture
def acmes(alice: User, acme: WhiteLabel) -> Delivery:
    return send(make_application(alice, acme), to="eve@users.test", subject="Acme's", text="x").deliveries.get()


@pytest.fixture
def charlies_client(client: Client, charlie: User, globex: WhiteLabel) -> Client:
    client.force_login(charlie)
    return client


def counted() -> list[tuple[str, str]]:
    return list(AuditEntry.objects.filter(act=ACT).order_by("pk").values_list("who", "path"))


def test_a_flood_of_tries_on_foreign_ids_is_one_entry(charlies_client: Client, charlie: User, acmes: Delivery) -> None:
    for identity in (*[acmes.pk] * 20, acmes.pk + 1, acmes.pk + 2):
        assert charlies_client.get(f"{LOG}{identity}/change/").status_code == 404
    entry = AuditEntry.objects.get(act=ACT)
    assert (entry.person, entry.path) == (charlie, "/whitelabel/deliveries/<path:object_id>/change/")
    assert entry.address == "127.0.0.1"
    assert (entry.changes, entry.detail) == ([], None)


def test_each_page_and_each_hour_is_counted(charlies_client: Client, acmes: Delivery) -> None:
    now = timezone.now()
    for minutes in (0, 30, 59, 61, 62):
        with time_machine.travel(now + timedelta(minutes=minutes), tick=False):
            cache.clear()  # as where Redis was restarted, too
            charlies_client.get(f"{LOG}{acmes.pk}/change/")
            charlies_client.post(f"{LOG}{acmes.pk}/cancel/")
    pages = [path.rpartition("object_id>/")[2] for _, path in counted()]
    assert pages == ["change/", "cancel/", "change/", "cancel/"]


def test_an_id_in_a_link_or_a_form_is_counted_too(charlies_client: Client, acme: WhiteLabel) -> None:
    charlies_client.get(f"/whitelabel/?white_label={acme.pk}")
    charlies_client.post("/whitelabel/choose/", {"white_label": acme.pk})
    assert [path for _, path in counted()] == ["/whitelabel/", "/whitelabel/choose/"]


def test_a_row_that_a_form_or_an_action_chooses_is_counted_too(charlies_client: Client, acmes: Delivery) -> None:
    chosen = {"application": acmes.email.application_id, "name": "Shop", "scopes": "send"}
    assert charlies_client.post("/whitelabel/keys/add/", chosen).status_code == 422
    charlies_client.post(LOG, {"action": "retry_selected", "_selected_action": acmes.pk, "index": 0})
    assert [path for _, path in counted()] == ["/whitelabel/keys/add/", LOG]


def test_a_row_of_ones_own_that_an_action_removes_is_not(
    charlies_client: Client, globex: WhiteLabel, acmes: Delivery
) -> None:
    own = Suppression.objects.create(white_label=globex, address="eve@users.test")
    released = {"action": "release_selected", "_selected_action": own.pk, "index": 0}
    assert charlies_client.post("/whitelabel/suppressed-addresses/", released).status_code == 302
    assert (Suppression.objects.count(), counted()) == (0, [])


def test_a_form_with_other_mistakes_is_not(charlies_client: Client, charlie: User, globex: WhiteLabel) -> None:
    own = make_application(charlie, globex)
    for chosen in ({"application": own.pk, "scopes": "send"}, {"application": own.pk, "name": "Shop", "scopes": "x"}):
        assert charlies_client.post("/whitelabel/keys/add/", chosen).status_code == 422
    assert counted() == []


def test_a_page_outside_ones_role_is_counted(client: Client, alice: User, acmes: Delivery) -> None:
    for person in (make_support(), alice):
        client.force_login(person)
        client.get("/backoffice/people/")
    assert counted() == [("support@platform.test", "/backoffice/people/"), (alice.email, "/backoffice/people/")]


def test_strangers_owners_and_ones_own_rows_are_not(client: Client, owner: User, alice: User, acmes: Delivery) -> None:
    client.get(f"{LOG}{acmes.pk}/change/")
    client.force_login(alice)
    assert client.get(f"{LOG}{acmes.pk}/change/").status_code == 200
    assert client.get("/whitelabel/mistyped/").status_code == 404
    client.force_login(owner)
    assert client.get("/backoffice/deliveries/999999/change/").status_code == 404
    assert counted() == []


def test_a_key_that_asks_for_what_is_anothers_is_counted(
    client: Client, settings: LazySettings, charlie: User, globex: WhiteLabel, acmes: Delivery
) -> None:
    settings.API_URL = "https://builder.test/api"
    key, secret = make_key_and_secret(make_application(charlie, globex), charlie, Maker.WHITE_LABEL)
    for _ in range(10):
        answer = client.get(f"/api/emails/{acmes.email_id}", headers={"Authorization": f"Bearer {secret}"})
        assert answer.status_code == 404
    assert counted() == [(key.shown, "/api/emails/<email_id>")]
    throttle.forget()


def test_each_key_is_counted_by_itself_and_other_entries_are_no_tries(charlie: User) -> None:
    record("sign_in", person=charlie, path="/page/")
    note_refusal("/page/", person=charlie)
    for who in ("wl_one", "wl_two"):
        note_refusal("/page/", who=who)
    assert counted() == [(charlie.email, "/page/"), ("wl_one", "/page/"), ("wl_two", "/page/")]


def test_later_tries_cost_no_query(charlie: User, django_assert_num_queries: object) -> None:
    note_refusal("/page/", person=charlie)
    with django_assert_num_queries(0):  # type: ignore[operator]
        note_refusal("/page/", person=charlie)
