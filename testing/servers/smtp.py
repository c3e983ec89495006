"""A real SMTP server on a loopback socket, with real TLS and sign-in, that can be told to misbehave.

    smtp_server.script("RCPT", "450 4.2.0 try later", times=1)   # once, then the usual reply
    smtp_server.script("RCPT", "550 5.1.1 nobody", about="eve@") # only where the command names eve@
    smtp_server.script("FINAL_DOT", "close")                     # also "hang", "drip" and "flood"

Phases: CONNECT, EHLO, STARTTLS, TLS (before the handshake), AUTH (the verdict), MAIL, RCPT, DATA, FINAL_DOT, RSET,
NOOP, QUIT.
A reply may have several lines (separated by a line feed), be raw bytes, or a function that returns one.
"""

import socket
import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from testing.servers.smtp_session import Received, ServerSession

Reply = str | bytes | Callable[[], str | bytes]
STOP_SECONDS = 10


@dataclass
class _Scripted:
    phase: str
    reply: Reply
    times: int | None
    about: str

    def applies(self, phase: str, line: str) -> bool:
        return self.phase == phase and self.times != 0 and self.about.lower() in line.lower()

    def use(self) -> str | bytes:
        if self.times:
            self.times -= 1
        return self.reply() if callable(self.reply) else self.reply


@dataclass
class LoopbackSmtpServer:
    """`messages` were accepted, `received` reached the final dot whatever the reply, `commands` are all lines read.

    `too_early` is what clients wrote behind a final dot before they had its reply.
    """

    tls: ssl.SSLContext | None = None
    security: str = "STARTTLS"
    username: str = "user"
    password: str = "secret"
    mechanisms: tuple[str, ...] = ("PLAIN", "LOGIN")
    accepts_token: Callable[[str], bool] = field(default=lambda token: False)
    sign_in_required: bool = False
    max_bytes: int = 20_000_000
    messages_a_session: int = 1_000_000
    session_is_over: str = "452 4.5.3 Too many recipients: Too many messages sent"  # as OpenSMTPD 7.6 says to MAIL
    extensions: tuple[str, ...] = ("8BITMIME", "SMTPUTF8", "PIPELINING", "ENHANCEDSTATUSCODES")
    port: int = 0
    host: str = "localhost"
    messages: list[Received] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    commands: list[str] = field(default_factory=list)
    too_early: bytes = b""
    connections: int = 0
    stopping: threading.Event = field(default_factory=threading.Event)
    _scripts: list[_Scripted] = field(default_factory=list)
    _reached: dict[str, threading.Event] = field(default_factory=dict)
    _sessions: dict[threading.Thread, ServerSession] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", self.port))
        self.port = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, name=f"smtp:{self.port}", daemon=True)
        self._thread.start()

    @property
    def fields(self) -> dict[str, Any]:
        """The server as fields of an `SmtpServer` row, for a client that signs in."""
        return {"host": self.host, "port": self.port, "security": self.security}

    def script(self, phase: str, reply: Reply, *, times: int | None = None, about: str = "") -> None:
        """Answer `phase` with `reply`, `times` times (None: always); the oldest script that applies wins."""
        with self._lock:
            self._scripts.append(_Scripted(phase, reply, times, about))

    def behave(self) -> None:
        """Forget every script."""
        with self._lock:
            self._scripts.clear()

    def wait_for(self, phase: str, seconds: float = 10) -> None:
        """Wait until a client has come to `phase`."""
        assert self._event(phase).wait(seconds), f"no client came to {phase}"

    def break_in(self, reply: str) -> None:
        """Say `reply` on every connection in clear, unasked; "close" hangs up."""
        for session in self._sessions.values():
            session.hang_up() if reply == "close" else session.say(reply)

    def reply_to(self, phase: str, line: str, usual: str) -> str | bytes:
        self._event(phase).set()
        with self._lock:
            script = next((script for script in self._scripts if script.applies(phase, line)), None)
        return script.use() if script else usual

    def stop(self) -> None:
        """End every session and wait until their threads are gone."""
        self.stopping.set()
        socket.create_connection(("127.0.0.1", self.port)).close()  # wakes the listener
        self._thread.join(STOP_SECONDS)
        for thread, session in list(self._sessions.items()):
            session.hang_up()
            thread.join(STOP_SECONDS)
            assert not thread.is_alive(), f"{thread.name} did not end"

    def _event(self, phase: str) -> threading.Event:
        with self._lock:
            return self._reached.setdefault(phase, threading.Event())

    def _accept(self) -> None:
        with self._listener:
            while True:
                connection, _ = self._listener.accept()
                if self.stopping.is_set():
                    return connection.close()
                self.connections += 1
                session = ServerSession(self, connection, self.connections)
                thread = threading.Thread(target=session.run, name=f"smtp session {self.connections}", daemon=True)
                self._sessions[thread] = session
                thread.start()
