"""Connections of a process: each is given back once, and none is left behind when the database goes away."""

import threading
from types import TracebackType

import pytest
from django.db import OperationalError

from delivery.models import ConnectionSlot
from delivery.worker import heartbeat
from delivery.worker.connection_pool import BackgroundConnect, ConnectionSet, PooledConnection, pool
from smtp_settings.models import SmtpServer
from testing.factories import make_server
from testing.servers.smtp import LoopbackSmtpServer

pytestmark = pytest.mark.django_db(transaction=True)

AWAY = OperationalError("the database is away")


class LockWithGuest:
    """A lock after whose release, in any thread but that of the test, the `guest` is let in first."""

    def __init__(self) -> None:
        self._lock, self._owner = threading.Lock(), threading.get_ident()
        self.released, self.go_on = threading.Event(), threading.Event()

    def __enter__(self) -> None:
        self._lock.acquire()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lock.release()
        if threading.get_ident() != self._owner:
            self.released.set()
            self.go_on.wait(5)


def taken(server: SmtpServer) -> PooledConnection:
    connection = pool.take(server)
    assert connection
    return connection


def test_a_connection_opened_in_the_background_is_given_back_once(
    server: LoopbackSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    released, real, go_on = list[int](), ConnectionSlot.release, threading.Event()

    def release(slot: ConnectionSlot) -> None:
        released.append(slot.pk)
        real(slot)

    def refuse() -> str:
        go_on.wait(5)
        return "421 4.3.2 no"

    monkeypatch.setattr(ConnectionSlot, "release", release)
    server.script("CONNECT", refuse, times=1)
    connect, lock = BackgroundConnect(pool, taken(SmtpServer.objects.get())), LockWithGuest()
    connect._lock = lock  # type: ignore[assignment]
    go_on.set()
    assert lock.released.wait(5)
    connect.release()
    lock.go_on.set()
    for thread in threading.enumerate():
        if thread.name == "background connect":
            thread.join(5)
    assert len(released) == 1


def test_where_one_slot_cannot_be_released_the_other_idle_connections_are_closed_all_the_same(
    server: LoopbackSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = SmtpServer.objects.get(), make_server(secret="secret", **server.fields)
    pair = [taken(first), taken(second)]
    for connection in pair:
        connection.session.open()
        pool.release(connection)
    real, failed = ConnectionSlot.release, list[int]()

    def away_once(slot: ConnectionSlot) -> None:
        if not failed:
            failed.append(slot.pk)
            raise AWAY
        real(slot)

    monkeypatch.setattr(ConnectionSlot, "release", away_once)
    with pytest.raises(OperationalError):
        pool.close_idle()
    assert [connection.session.is_open for connection in pair] == [False, False]
    assert not any(connection.slot.renew in heartbeat._held for connection in pair)


def test_a_connection_that_is_open_already_is_taken_as_it_is(server: LoopbackSmtpServer) -> None:
    row, connections = SmtpServer.objects.get(), ConnectionSet(pool)
    kept = taken(row)
    kept.session.open()
    pool.release(kept)
    connections.grow(row, 1)
    assert (list(connections), server.connections) == ([kept], 1)
    connections.release_all()


def test_a_server_that_wants_one_command_after_the_other_gets_no_further_connection(server: LoopbackSmtpServer) -> None:
    server.extensions = ("8BITMIME",)
    row, connections = SmtpServer.objects.get(), ConnectionSet(pool)
    assert connections.take(row)
    connections.taken[0].session.open()
    connections.grow(row, 3)
    connections.release_all()
    assert server.connections == 1


def test_where_there_is_no_thread_left_the_slot_is_given_back_and_the_run_goes_on(
    server: LoopbackSmtpServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_thread(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    row, connections = SmtpServer.objects.get(), ConnectionSet(pool)
    assert connections.take(row)
    with monkeypatch.context() as without_threads:
        without_threads.setattr(threading.Thread, "start", no_thread)
        connections.grow(row, 3)
    assert ConnectionSlot.objects.in_use(row.key).count() == 1
    connections.release_all()
