"""`/healthz` for load balancers and monitors."""

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from delivery.api import send
from delivery.models import Delivery


@pytest.mark.django_db
def test_all_is_well_with_database_and_broker(client: Client, valkey: str) -> None:
    response = client.get("/healthz")
    assert response.status_code == 200
    assert response.json() == {"status": "ok", "database": "ok", "broker": "ok", "oldest_due_seconds": None}


@pytest.mark.django_db
def test_without_a_broker_it_is_degraded_but_up(client: Client, settings: LazySettings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    response = client.get("/healthz")
    assert response.status_code == 200
    assert (response.json()["status"], response.json()["broker"]) == ("degraded", "away")


@pytest.mark.django_db
def test_it_tells_for_how_long_due_mail_waits(client: Client) -> None:
    send(None, to="dana@customer.example", subject="Hello", text="Hello")
    Delivery.objects.update(due_at=timezone.now() - timedelta(minutes=5))
    assert 300 <= client.get("/healthz").json()["oldest_due_seconds"] < 310


def test_without_a_database_it_is_unavailable(client: Client, django_db_blocker: DjangoDbBlocker) -> None:
    with django_db_blocker.unblock():
        name, connection.settings_dict["NAME"] = connection.settings_dict["NAME"], "/nowhere/at/all.sqlite3"
        connection.close()
        response = client.get("/healthz")
        connection.settings_dict["NAME"] = name
    assert response.status_code == 503
    assert response.json()["database"] == "away"
    assert "nowhere" not in response.content.decode()
