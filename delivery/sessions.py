"""Sessions of this process, each with the slot that permits it; one per server may be kept between batches."""

import logging
import threading
import time
from dataclasses import dataclass, field

from django.db import DatabaseError, connection

from delivery.models import ConnectionSlot
from smtp_settings.client import Session, SessionFailed
from smtp_settings.models import ServerHealth, SmtpServer

logger = logging.getLogger(__name__)

IDLE_SECONDS = 10
MESSAGES_PER_CONNECTION = 500
BEAT_SECONDS = 10


@dataclass
class Line:
    """A session and its slot. `messages` counts what it has carried."""

    slot: ConnectionSlot
    session: Session
    messages: int = 0
    idle_since: float = field(default_factory=time.monotonic)

    def serves(self, server: SmtpServer) -> bool:
        """Tell whether it may carry mail for `server` as it is configured now."""
        known = self.session.server
        same = (known.binding, known.sealed_secret) == (server.binding, server.sealed_secret)
        return same and self.messages < MESSAGES_PER_CONNECTION

    def renew(self, server: SmtpServer) -> None:
        """Close the session and make a new one for `server`."""
        self.session.close()
        self.session, self.messages = Session(server), 0

    def close(self) -> None:
        self.session.close()
        self.slot.release()


class Lines:
    """The lines of this process. A beat in the background keeps the slots of those in use and closes idle ones."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._slots: dict[int, ConnectionSlot] = {}
        self._idle: dict[str, Line] = {}
        self._beat: threading.Thread | None = None

    def take(self, server: SmtpServer) -> Line | None:
        """Return a line to `server`, kept or new; None when all connections to it are in use."""
        with self._lock:
            kept = self._idle.pop(server.key, None)
            self._start_beat()
        if kept and not self._alive(kept, server):
            kept.close()
            kept = None
        most = ServerHealth.of(server.key).connections_of(server.max_connections)
        slot = kept.slot if kept else ConnectionSlot.take(server.key, most=most)
        if slot is None:
            return None
        with self._lock:
            self._slots[slot.pk] = slot
        return kept or Line(slot, Session(server))

    def give_back(self, line: Line) -> None:
        """Keep an open line for a while, one for each server, or close it."""
        server = line.session.server
        with self._lock:
            keep = line.session.is_open and server.max_connections > 1 and server.key not in self._idle
            if keep:
                line.idle_since = time.monotonic()
                self._idle[server.key] = line
            else:
                self._slots.pop(line.slot.pk, None)
        if not keep:
            line.close()

    def close_idle(self, *, older_than: float = 0) -> None:
        with self._lock:
            old = [line for line in self._idle.values() if time.monotonic() - line.idle_since >= older_than]
            for line in old:
                self._idle.pop(line.session.server.key)
                self._slots.pop(line.slot.pk, None)
        for line in old:
            line.close()

    def _alive(self, line: Line, server: SmtpServer) -> bool:
        """Ask a kept session whether it is still there, by the RSET it needs anyway."""
        if not (line.serves(server) and line.slot.renew()):
            return False
        try:
            line.session.connection.restart_clock()
            line.session.reset()
        except SessionFailed:
            return False
        return True

    def _start_beat(self) -> None:
        if self._beat is None or not self._beat.is_alive():
            self._beat = threading.Thread(target=self._keep_beating, name="delivery lines", daemon=True)
            self._beat.start()

    def _keep_beating(self) -> None:
        while True:
            time.sleep(BEAT_SECONDS)
            self.close_idle(older_than=IDLE_SECONDS)
            with self._lock:
                slots = list(self._slots.values())
            try:
                for slot in slots:
                    slot.renew()
            except DatabaseError as error:
                logger.warning("The database is away, slots are not renewed: %s", error)
            finally:
                connection.close()


lines = Lines()
