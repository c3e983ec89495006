"""Whoever reads the database has nobody's session, and a row that was copied, edited or put in is none."""

import asyncio
import base64
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
import time_machine
from asgiref.sync import sync_to_async
from django.conf import LazySettings
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.core import signing
from django.core.management import call_command
from django.db import connection, connections
from django.test import Client

from backoffice.accounts.session_store import SessionStore, StoredSession, row_of
from backoffice.tests.accounts.steps import is_signed_in, sign_in
from people.models import User

TABLES = ("django_session", "usersessions_usersession", "people_handovercode", "people_auditentry")
pytestmark = pytest.mark.django_db

PROFILE = "/accounts/profile/"
FAR = "2099-01-01 00:00:00+00:00"


def sql(statement: str, *values: str | int) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def database() -> str:
    """Return what those tables hold, and what whoever decodes it without a key reads there."""
    with connection.cursor() as cursor:
        cells = []
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table}")
            cells += [str(cell) for row in cursor.fetchall() for cell in row]
    return "\n".join([*cells, *(legible(part) for cell in cells for part in cell.split(":") if len(part) > 20)])


def legible(part: str) -> str:
    try:
        raw = base64.urlsafe_b64decode(part.lstrip(".") + "==")
        return (zlib.decompress(raw) if part.startswith(".") else raw).decode(errors="replace")
    except (ValueError, zlib.error):
        return ""


def key_of(client: Client) -> str:
    return client.session.session_key or ""


def with_cookie(key: str, settings: LazySettings) -> Client:
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = key
    return client


def stored(**data: object) -> SessionStore:
    session = SessionStore()
    session.update(data)
    session.save()
    return session


def test_the_key_of_a_session_is_not_in_the_database(alice: User) -> None:
    client = Client()
    sign_in(client, alice.email)
    assert is_signed_in(client, alice)
    assert key_of(client) not in database()


def test_what_the_database_calls_a_session_opens_none(alice: User, settings: LazySettings) -> None:
    client = Client()
    sign_in(client, alice.email)
    assert is_signed_in(with_cookie(key_of(client), settings), alice)
    assert not is_signed_in(with_cookie(Session.objects.get().pk, settings), alice)


def test_what_is_in_a_session_is_not_to_be_read_in_the_database() -> None:
    stored(secret="OPEN SESAME", padding="x" * 500)
    assert "OPEN SESAME" not in database()


def test_data_that_was_copied_from_another_row_opens_nothing(alice: User, charlie: User) -> None:
    alices, charlies = Client(), Client()
    sign_in(alices, alice.email)
    sign_in(charlies, charlie.email)
    source, target = row_of(key_of(alices)), row_of(key_of(charlies))
    sql(
        "UPDATE django_session SET session_data = (SELECT session_data FROM django_session WHERE session_key = %s) "
        "WHERE session_key = %s",
        source,
        target,
    )
    assert not is_signed_in(charlies, alice)
    assert not is_signed_in(charlies, charlie)
    assert is_signed_in(alices, alice)


def test_a_row_that_was_named_anew_opens_nothing(alice: User, settings: LazySettings) -> None:
    sign_in(Client(), alice.email)
    sql("UPDATE django_session SET session_key = %s", row_of("chosen by somebody"))
    assert not is_signed_in(with_cookie("chosen by somebody", settings), alice)


@pytest.mark.parametrize(
    "edit",
    [
        lambda data: "",
        lambda data: "nonsense",
        lambda data: "AAAA" + data[4:],
        lambda data: data[:-4],
        lambda data: "\N{SNOWMAN}" * 40,
        lambda data: signing.dumps({"_auth_user_id": "1"}, salt="django.contrib.sessions.SessionStore"),
        lambda data: "x" * 1_000_000,
    ],
)
def test_a_row_that_was_edited_opens_nothing_and_breaks_no_page(edit: Callable[[str], str], alice: User) -> None:
    client = Client()
    sign_in(client, alice.email)
    sql("UPDATE django_session SET session_data = %s", edit(Session.objects.get().session_data))
    assert client.get(PROFILE).status_code == 302
    sign_in(client, alice.email)
    assert is_signed_in(client, alice)


def test_a_row_whose_time_was_put_off_ends_all_the_same(alice: User, settings: LazySettings) -> None:
    client = Client()
    with time_machine.travel(0, tick=False) as clock:
        sign_in(client, alice.email)
        sql("UPDATE django_session SET expire_date = %s", FAR)
        clock.move_to(settings.SESSION_SECONDS - 100)
        assert client.get(PROFILE).status_code == 200
        clock.move_to(3 * settings.SESSION_SECONDS)
        assert client.get(PROFILE).status_code == 302


def test_a_row_that_was_edited_leaves_no_key_to_go_on_with(settings: LazySettings) -> None:
    session = stored(a=1)
    sql("UPDATE django_session SET session_data = 'x'")
    again = SessionStore(session.session_key)
    assert again.get("a") is None
    assert again.session_key is None


def test_an_empty_session_keeps_its_key() -> None:
    session = stored()
    again = SessionStore(session.session_key)
    assert "a" not in again
    assert again.session_key == session.session_key


def test_a_changed_key_keeps_the_data_and_leaves_one_row() -> None:
    session = stored(a=1)
    former = session.session_key
    session.cycle_key()
    session.save()
    assert SessionStore(session.session_key)["a"] == 1
    assert "a" not in SessionStore(former)
    assert Session.objects.count() == 1


def test_a_session_that_ended_meanwhile_is_not_stored_again() -> None:
    session = stored(a=1)
    late = SessionStore(session.session_key)
    late["b"] = 2
    session.flush()
    with pytest.raises(UpdateError):
        late.save()
    assert not Session.objects.exists()


def test_of_two_that_save_at_once_the_later_one_is_kept() -> None:
    key = stored(a=1).session_key
    early, late = SessionStore(key), SessionStore(key)
    early["a"], late["a"] = 2, 3
    early.save()
    late.save()
    assert SessionStore(key)["a"] == 3
    assert Session.objects.count() == 1


def test_what_is_over_is_cleared() -> None:
    session = stored(a=1)
    sql("UPDATE django_session SET expire_date = '2020-01-01 00:00:00+00:00'")
    assert "a" not in SessionStore(session.session_key)
    call_command("clearsessions")
    assert not Session.objects.exists()


def test_the_server_opens_a_session_by_the_name_of_its_row() -> None:
    key = stored(a=1).session_key or ""
    session = StoredSession(row_of(key))
    session["a"] = 2
    session.save()
    assert SessionStore(key)["a"] == 2
    session.delete()
    assert not SessionStore().exists(key)


@pytest.mark.django_db(transaction=True)
def test_the_asynchronous_methods_write_no_key_either() -> None:
    async def live() -> None:
        session = SessionStore()
        await session.aset("a", 1)
        await session.asave()
        await session.acycle_key()
        await session.asave()
        key = session.session_key or ""
        assert (await Session.objects.aget()).pk == row_of(key)
        assert await SessionStore(key).aget("a") == 1
        assert await SessionStore().aexists(key)
        await session.adelete()
        await sync_to_async(connections.close_all)()

    with ThreadPoolExecutor(1) as thread:  # in the one of the tests a loop may run: a browser's
        thread.submit(asyncio.run, live()).result()
    assert not Session.objects.exists()


@pytest.mark.parametrize("cookie", ["x", "x" * 8, "x" * 5000, "0" * 40, "%00" * 10, "\udcff" * 10, "é" * 20])
def test_a_cookie_that_is_no_key_is_no_session(cookie: str) -> None:
    assert SessionStore(cookie).load() == {}
    assert not SessionStore().exists(cookie)
