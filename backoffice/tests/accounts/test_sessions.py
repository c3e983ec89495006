"""How long a session lasts without a request."""

import time

import pytest
import time_machine
from django.conf import LazySettings
from django.contrib.sessions.models import Session
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backoffice.tests.accounts.steps import sign_in
from people.models import User
from whitelabel.models import WhiteLabel

HOUR, DAY = 3600, 86_400


def after(seconds: float, client: Client, address: str) -> int:
    with time_machine.travel(time.time() + seconds, tick=False):
        return client.get(address).status_code


def test_a_session_of_an_owner_ends_after_twelve_idle_hours(client: Client, owner: User) -> None:
    sign_in(client, owner.email)
    assert after(12 * HOUR - 60, client, "/backoffice/") == 200
    assert after(24 * HOUR - 180, client, "/backoffice/") == 200
    assert after(36 * HOUR, client, "/backoffice/") == 302


def test_a_session_of_others_ends_after_fourteen_idle_days(client: Client, alice: User, acme: WhiteLabel) -> None:
    sign_in(client, alice.email)
    assert after(13 * DAY, client, "/whitelabel/") == 200
    assert after(27 * DAY + 60, client, "/whitelabel/") == 302


def test_whoever_becomes_an_owner_has_an_owners_time_from_then_on(client: Client, alice: User) -> None:
    sign_in(client, alice.email)
    User.objects.filter(pk=alice.pk).update(is_superuser=True, is_staff=True)
    assert after(12 * HOUR + 1, client, "/backoffice/") == 302


def test_the_times_are_settings(client: Client, owner: User, settings: LazySettings) -> None:
    settings.OWNER_SESSION_SECONDS = 600
    sign_in(client, owner.email)
    assert after(601, client, "/backoffice/") == 302


@pytest.mark.parametrize(("seconds", "writes"), [(58, 0), (61, 1)])
def test_a_session_is_written_once_a_minute_at_most(
    seconds: int, writes: int, client: Client, alice: User, acme: WhiteLabel
) -> None:
    sign_in(client, alice.email)
    client.get("/whitelabel/")  # shows what the sign-in said
    with time_machine.travel(time.time() + seconds, tick=False), CaptureQueriesContext(connection) as asked:
        client.get("/whitelabel/applications/")
    assert sum('UPDATE "django_session"' in query["sql"] for query in asked) == writes


def test_the_row_and_the_cookie_end_with_the_session(client: Client, owner: User, settings: LazySettings) -> None:
    sign_in(client, owner.email)
    with time_machine.travel(time.time() + 120, tick=False):
        client.get("/backoffice/")
        assert client.cookies[settings.SESSION_COOKIE_NAME]["max-age"] == settings.OWNER_SESSION_SECONDS
        left = Session.objects.get().expire_date.timestamp() - time.time()
    assert left == pytest.approx(settings.OWNER_SESSION_SECONDS, abs=1)
