"""Sessions of this process, each with the slot that permits it; one per server may be kept between batches."""

import threading
import time
from dataclasses import dataclass, field

from delivery.models import ConnectionSlot
from delivery.worker import heartbeat
from smtp_settings.models import ServerHealth, SmtpServer
from smtp_settings.transport.envelope import Envelope
from smtp_settings.transport.session import Session, SessionFailed
from smtp_settings.transport.submission import Submission

IDLE_SECONDS = 10
MESSAGES_PER_CONNECTION = 500


@dataclass
class Line:
    """A session and its slot. `messages` counts what it has carried."""

    slot: ConnectionSlot
    session: Session
    messages: int = 0
    idle_since: float = field(default_factory=time.monotonic)

    def serves(self, server: SmtpServer) -> bool:
        """Return whether it may carry mail for `server` as it is configured now."""
        known = self.session.server
        same = server is known or (known.binding, known.sealed_secret) == (server.binding, server.sealed_secret)
        return same and self.messages < MESSAGES_PER_CONNECTION

    def submission(self, server: SmtpServer, envelope: Envelope, content: bytes) -> Submission:
        """Return what carries a message of `server` over this line, made new where it does not serve."""
        if not self.serves(server):
            self.renew(server)
        self.messages += 1
        return Submission(self.session, envelope, content)

    def renew(self, server: SmtpServer) -> None:
        """Close the session and make a new one for `server`."""
        self.session.close()
        self.session, self.messages = Session(server), 0

    def close(self) -> None:
        self.session.close()
        self.slot.release()


class Lines:
    """The lines of this process; one to each server may be kept open between two runs."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._idle: dict[str, Line] = {}

    def take(self, server: SmtpServer) -> Line | None:
        """Return a line to `server`, kept or new; None when all connections to it are in use."""
        with self._lock:
            kept = self._idle.pop(server.key, None)
        if kept and self._alive(kept, server):
            return kept
        if kept:
            self._close(kept)
        most = ServerHealth.of(server.key).connections_of(server.max_connections)
        slot = ConnectionSlot.take(server.key, most=most)
        if slot is None:
            return None
        heartbeat.keep(slot.renew)
        return Line(slot, Session(server))

    def give_back(self, line: Line) -> None:
        """Keep an open line for a while, one for each server, or close it."""
        server = line.session.server
        with self._lock:
            keep = line.session.is_open and server.max_connections > 1 and server.key not in self._idle
            if keep:
                line.idle_since = time.monotonic()
                self._idle[server.key] = line
        if keep:
            heartbeat.keep(self._close_old)
        else:
            self._close(line)

    def close_idle(self, *, older_than: float = 0) -> None:
        with self._lock:
            old = [line for line in self._idle.values() if time.monotonic() - line.idle_since >= older_than]
            for line in old:
                self._idle.pop(line.session.server.key)
        for line in old:
            self._close(line)

    def _close_old(self) -> None:
        self.close_idle(older_than=IDLE_SECONDS)
        if not self._idle:
            heartbeat.let_go(self._close_old)

    def _close(self, line: Line) -> None:
        heartbeat.let_go(line.slot.renew)
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


lines = Lines()
