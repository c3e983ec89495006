"""No statement of a console's page takes more than some seconds: then a page says so, and the rest goes on."""

import pytest
from django.db import connection
from django.test import Client

from backoffice.owner_console import dashboard
from backoffice.web import statement_limit
from people.models import User

pytestmark = [pytest.mark.postgres, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def _slow_page(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the dashboard ask for something that takes longer than is allowed."""

    def sleep() -> list[object]:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_sleep(4)")
        return []

    monkeypatch.setattr(dashboard, "_warnings", sleep)
    monkeypatch.setattr(statement_limit, "MOST_SECONDS", 1)


def limit() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return str(cursor.fetchone()[0])


@pytest.mark.usefixtures("_slow_page")
def test_a_page_that_takes_too_long_says_so(client: Client, owner: User) -> None:
    client.force_login(owner)
    response = client.get("/backoffice/")
    assert response.status_code == 503
    assert "did not find this within 1 second" in response.content.decode()
    assert client.get("/backoffice/people/").status_code == 200


@pytest.mark.usefixtures("_slow_page")
def test_the_limit_ends_with_the_request(client: Client, owner: User) -> None:
    before = limit()
    client.force_login(owner)
    client.get("/backoffice/")
    assert limit() == before
    client.get("/backoffice/people/")
    assert limit() == before


def test_what_is_asked_for_outside_of_the_consoles_has_no_limit(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = list[str]()
    monkeypatch.setattr(statement_limit, "_say", said.append)
    client.force_login(owner)
    client.get("/accounts/profile/")
    client.get("/healthz")
    assert said == []
    client.get("/backoffice/people/")
    assert said == ["SET statement_timeout = '5s'", "RESET statement_timeout"]
