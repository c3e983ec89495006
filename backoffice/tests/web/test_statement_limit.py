"""No statement of a console's page takes more than some seconds: then a page says so, and the rest goes on."""

import pytest
from django.db import DataError, OperationalError, connection, transaction
from django.http import HttpResponse
from django.test import Client, RequestFactory

from backoffice.owner_console import dashboard
from backoffice.web import statement_limit
from people.models import User
from tables.statement_limit import limited

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


def session_limit() -> str:
    """Return what the session has without what is said before each statement."""
    return str(connection.connection.execute("SHOW statement_timeout").fetchone()[0])


@pytest.mark.usefixtures("_slow_page")
def test_a_page_that_takes_too_long_says_so(client: Client, owner: User) -> None:
    client.force_login(owner)
    response = client.get("/backoffice/")
    assert response.status_code == 503
    assert "did not find this within 1 second" in response.content.decode()
    assert client.get("/backoffice/people/").status_code == 200


def test_the_session_keeps_no_limit_that_a_pool_would_give_to_others(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = list[str]()

    def look() -> list[object]:
        limits.extend((limit(), session_limit()))
        return []

    monkeypatch.setattr(dashboard, "_warnings", look)
    client.force_login(owner)
    client.get("/backoffice/")
    assert limits == ["5s", "0"]
    assert limit() == "0"


def test_what_is_asked_for_outside_of_the_consoles_has_no_limit(
    client: Client, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(statement_limit, "MOST_SECONDS", 0.001)
    client.force_login(owner)
    assert client.get("/accounts/profile/").status_code == 200
    assert client.get("/healthz").status_code == 200


def test_what_the_database_ends_outside_of_the_consoles_is_not_answered_as_a_page_of_one(rf: RequestFactory) -> None:
    request = rf.get("/healthz")
    vars(request).update(console=None)
    with pytest.raises(OperationalError) as cancelled, limited(25):
        connection.cursor().execute("SELECT pg_sleep(1)")
    middleware = statement_limit.StatementLimitMiddleware(lambda _: HttpResponse())
    assert middleware.process_exception(request, cancelled.value) is None


def test_the_shorter_of_two_limits_holds() -> None:
    with limited(5000), limited(25):
        assert limit() == "25ms"
        with transaction.atomic():
            assert (limit(), limit()) == ("25ms", "25ms")
    assert limit() == "0"


def test_what_follows_in_a_transaction_has_no_limit() -> None:
    with transaction.atomic():
        with limited(25):
            assert limit() == "25ms"
        assert limit() == "0"


def test_a_statement_that_took_too_long_is_taken_back_alone() -> None:
    with limited(5000), transaction.atomic():
        with pytest.raises(OperationalError), transaction.atomic(), limited(25):
            connection.cursor().execute("SELECT pg_sleep(1)")
        assert limit() == "5s"
    assert limit() == "0"


def test_what_fails_in_a_savepoint_leaves_the_transaction_usable() -> None:
    with limited(5000), transaction.atomic():
        with pytest.raises(DataError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")
        assert not User.objects.exists()
