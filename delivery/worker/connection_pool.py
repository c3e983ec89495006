"""Connections of this process, each with the slot that permits it; one to each server may be kept between two runs."""

import logging
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

from django.db import connections

from delivery.message.ascii_form import in_ascii
from delivery.models import ConnectionSlot
from delivery.worker import heartbeat
from smtp_settings.choices import Fault, Phase
from smtp_settings.models import ServerHealth, SmtpServer
from smtp_settings.transport.envelope import Envelope
from smtp_settings.transport.session import Session, SessionFailed
from smtp_settings.transport.submission import Submission

logger = logging.getLogger(__name__)

IDLE_SECONDS = 10
MESSAGES_PER_CONNECTION = 500


@dataclass(eq=False)
class PooledConnection:
    """A session and its slot. `messages` counts what it has carried."""

    slot: ConnectionSlot
    session: Session
    messages: int = 0
    idle_since: float = field(default_factory=time.monotonic)

    def serves(self, server: SmtpServer) -> bool:
        """Return whether it may carry messages for `server` as it is configured now."""
        known = self.session.server
        same = server is known or (known.binding, known.sealed_secret) == (server.binding, server.sealed_secret)
        return same and self.messages < MESSAGES_PER_CONNECTION

    def submission(self, server: SmtpServer, envelope: Envelope, content: bytes) -> Submission:
        """Return what carries a message of `server` over this connection, made new where it does not serve."""
        if not self.serves(server):
            self.renew(server)
        self.messages += 1
        return Submission(self.session, envelope, content, in_ascii)

    def renew(self, server: SmtpServer) -> None:
        """Close the session and make a new one for `server`."""
        self.session.close()
        self.session, self.messages = Session(server), 0

    def close(self) -> None:
        heartbeat.let_go(self.slot.renew)
        self.session.close()
        self.slot.release()


class ConnectionPool:
    """The connections of this process; one to each server may be kept open between two runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[str, PooledConnection] = {}

    def take(self, server: SmtpServer) -> PooledConnection | None:
        """Return a connection to `server`, kept or new; None when all to it are in use."""
        with self._lock:
            kept = self._idle.pop(server.key, None)
        if kept:
            with ExitStack() as stack:
                stack.callback(kept.close)
                if self._is_alive(kept, server):
                    stack.pop_all()
                    return kept
        most = ServerHealth.of(server.key).connections_of(server.max_connections)
        slot = ConnectionSlot.take(server.key, most=most)
        if slot is None:
            return None
        heartbeat.keep(slot.renew)
        return PooledConnection(slot, Session(server))

    def release(self, connection: PooledConnection) -> None:
        """Keep an open connection for a while, one for each server, or close it."""
        server = connection.session.server
        with self._lock:
            keep = connection.session.is_open and server.max_connections > 1 and server.key not in self._idle
            if keep:
                connection.idle_since = time.monotonic()
                self._idle[server.key] = connection
        if keep:
            heartbeat.keep(self._close_old)
        else:
            connection.close()

    def close_idle(self, *, older_than: float = 0) -> None:
        """Close what nobody has used for so many seconds; where one fails, the others are closed all the same."""
        with self._lock:
            old = [kept for kept in self._idle.values() if time.monotonic() - kept.idle_since >= older_than]
            for kept in old:
                self._idle.pop(kept.session.server.key)
        with ExitStack() as stack:
            for kept in old:
                stack.callback(kept.close)

    def _close_old(self) -> None:
        """Close what is old, in a thread of its own: no server that is slow to say goodbye delays the heartbeat."""
        if any(time.monotonic() - kept.idle_since >= IDLE_SECONDS for kept in list(self._idle.values())):
            threading.Thread(target=self._close_old_here, daemon=True, name="close idle").start()

    def _close_old_here(self) -> None:
        try:
            self.close_idle(older_than=IDLE_SECONDS)
        finally:
            connections.close_all()

    def _is_alive(self, kept: PooledConnection, server: SmtpServer) -> bool:
        """Ask a kept session whether it is still there, by the RSET it needs anyway."""
        if not (kept.serves(server) and kept.slot.renew()):
            return False
        try:
            kept.session.connection.restart_clock()
            kept.session.reset()
        except SessionFailed:
            return False
        return True


class BackgroundConnect:
    """Opens a connection in a thread of the pool's own, so that the messages under way over others do not wait for it.

    Until it `is_over` the connection is the thread's, from then on that of who started it.
    """

    def __init__(self, pool: ConnectionPool, connection: PooledConnection) -> None:
        self.connection = connection
        self.succeeded = self.is_over = False
        self._pool, self._is_unwanted = pool, False
        self._lock = threading.Lock()
        threading.Thread(target=self._run, daemon=True, name="background connect").start()

    def release(self) -> None:
        """Give the connection back to the pool, now or as soon as the thread has come to its end."""
        with self._lock:
            self._is_unwanted = True
            if not self.is_over:
                return
        self._pool.release(self.connection)

    def _run(self) -> None:
        try:
            self.succeeded = self._open()
        finally:
            with self._lock:
                self.is_over, is_unwanted = True, self._is_unwanted
            try:
                if is_unwanted:
                    self._pool.release(self.connection)
            finally:
                connections.close_all()

    def _open(self) -> bool:
        """A failure says nothing of the server, which serves others, unless it says in whatever words: not more."""
        server = self.connection.session.server
        try:
            self.connection.session.open()
        except SessionFailed as failure:
            logger.info("A further connection to %s was not opened: %s", server, failure.text)
            if failure.phase == Phase.CONNECT and failure.fault in (
                Fault.CONNECTION_LIMIT,
                Fault.RATE_LIMIT,
                Fault.BUSY,
            ):
                in_use = ConnectionSlot.objects.in_use(server.key).count()
                ServerHealth.of(server.key).note_crowded(in_use)
            return False
        return True


class ConnectionSet:
    """The connections of one run."""

    def __init__(self, pool: ConnectionPool) -> None:
        self.taken: list[PooledConnection] = []
        self.may_grow = True
        self._pool = pool
        self._connecting: list[BackgroundConnect] = []

    def __iter__(self) -> Iterator[PooledConnection]:
        return iter(self.taken)

    def __len__(self) -> int:
        return len(self.taken)

    def take(self, server: SmtpServer) -> bool:
        """Have one connection at least; return whether there is one."""
        if not self.taken and (connection := self._pool.take(server)):
            self.taken.append(connection)
        return bool(self.taken)

    def grow(self, server: SmtpServer, most: int) -> None:
        """Have up to `most` connections: what is still to be opened, is opened in the background.

        One is all where the server wants one command after the other, each of which keeps the run waiting.
        """
        if any(connection.session.is_open and not connection.session.pipelines for connection in self.taken):
            return
        while self.may_grow and len(self.taken) + len(self._connecting) < most:
            connection = self._pool.take(server)
            if connection is None:
                return
            if connection.session.is_open:
                self.taken.append(connection)
            else:
                self._connect(connection)

    def _connect(self, connection: PooledConnection) -> None:
        try:
            self._connecting.append(BackgroundConnect(self._pool, connection))
        except RuntimeError as error:  # there is no thread left
            logger.warning("A further connection was not opened: %s", error)
            self.may_grow = False
            self._pool.release(connection)

    def take_opened(self) -> list[PooledConnection]:
        """Return the further connections that have been opened since the last call; they are of the set from now on.

        Where one could not be opened there will be no more of them, nor where the server does not pipeline.
        """
        over = [connect for connect in self._connecting if connect.is_over]
        opened = []
        for connect in over:
            self._connecting.remove(connect)
            if connect.succeeded and connect.connection.session.pipelines:
                opened.append(connect.connection)
            else:
                self.may_grow = False
                self._pool.release(connect.connection)
        self.taken += opened
        return opened

    def release(self, connection: PooledConnection) -> None:
        self.taken.remove(connection)
        self._pool.release(connection)

    def release_all(self) -> None:
        """Give all back; where one cannot be, the others are all the same."""
        with ExitStack() as stack:
            for connect in self._connecting:
                stack.callback(connect.release)
            for connection in self.taken:
                stack.callback(self._pool.release, connection)
        self._connecting, self.taken = [], []


pool = ConnectionPool()
