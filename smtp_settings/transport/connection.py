"""A connection to a stranger's SMTP server: pinned address, verified TLS, bounded time, bounded replies."""

import select
import smtplib
import socket
import ssl
import time
from collections.abc import Iterable
from functools import cached_property

from django.conf import settings

from smtp_settings.network.tls import tls_context

CONNECT_SECONDS = 10
REPLY_MAX_BYTES = 64 * 1024
READ_BYTES = 8192


class ProtocolError(Exception):
    """The server said something that is no SMTP (RFC 5321 4.2), or too much of it."""


def wait_for_input(connections: Iterable["Connection"], seconds: float) -> None:
    """Wait until one of them has something to read, or is closed; receive what is there without waiting for more."""
    poll, by_number = select.poll(), {}
    for connection in connections:
        if connection.sock is not None:
            by_number[connection.sock.fileno()] = connection
            poll.register(connection.sock, select.POLLIN)
    for number, _ in poll.poll(seconds * 1000):
        by_number[number].receive()


class Connection(smtplib.SMTP):
    """smtplib's dialogue over a socket of ours.

    Every read and write is bounded by `reply_seconds`, and all of them together by `deadline_seconds`; a reply by
    64 KiB. Raises `OSError` (`TimeoutError` among it), `smtplib.SMTPServerDisconnected` and `ProtocolError`.
    """

    def __init__(self, host: str, *, reply_seconds: float, deadline_seconds: float) -> None:
        super().__init__(local_hostname=settings.SMTP_EHLO_NAME)
        self._host = host  # what `starttls` verifies the certificate against
        self.reply_seconds, self.deadline_seconds = reply_seconds, deadline_seconds
        self.restart_clock()
        self._buffer = b""
        self.is_lost = False
        self.sock: socket.socket | None = None

    @cached_property
    def tls_context(self) -> ssl.SSLContext:
        """What the connection is secured with; built only where it is, as building the first costs 22 ms."""
        return tls_context(settings.SMTP_CA_FILE)

    def restart_clock(self) -> None:
        """Give the next message the whole deadline."""
        self.deadline = time.monotonic() + self.deadline_seconds

    def keep_deadline(self) -> None:
        """Give what is sent next no more than what is left of the deadline."""
        self.deadline_seconds = max(0.0, self.deadline - time.monotonic())

    def open(self, address: str, port: int, *, implicit_tls: bool) -> None:
        """Connect to exactly `address`; the greeting is to be read next."""
        raw = socket.create_connection((address, port), timeout=self._patience(CONNECT_SECONDS))
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # the final dot must not wait for an acknowledgement
        self.sock = raw
        if implicit_tls:
            raw.settimeout(self._patience(self.reply_seconds))
            self.sock = self.tls_context.wrap_socket(raw, server_hostname=self._host)

    def start_tls(self) -> None:
        """Secure the connection after a 220 to STARTTLS; what was sent in clear before it is refused (RFC 3207 4.2)."""
        if self._buffer:
            raise ProtocolError("The server sent more than its reply before the connection was secured.")
        assert self.sock is not None
        self.sock.settimeout(self._patience(self.reply_seconds))
        self.sock = self.tls_context.wrap_socket(self.sock, server_hostname=self._host)
        self.ehlo_resp = self.helo_resp = None
        self.esmtp_features, self.does_esmtp = {}, False

    def write(self, data: bytes, *, seconds: float | None = None) -> None:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("Not connected.")
        self.sock.settimeout(self._patience(seconds or self.reply_seconds))
        try:
            self.sock.sendall(data)
        except (ConnectionError, ssl.SSLEOFError) as error:
            raise self._alert() or error from None

    def _alert(self) -> ssl.SSLError | None:
        """Return the alert by which a server has ended TLS, None where there is none: it says more than a lost link."""
        if isinstance(self.sock, ssl.SSLSocket):
            self.sock.settimeout(0)
            try:
                self.sock.recv(1)
            except ssl.SSLError as error:
                return error if "ALERT" in (error.reason or "") else None
            except OSError:
                pass
        return None

    def send(self, s: object) -> None:
        """Write a command of smtplib's own."""
        self.write(s.encode("ascii") if isinstance(s, str) else bytes(s))  # type: ignore[call-overload]

    def getreply(self, *, seconds: float | None = None, until: float | None = None) -> tuple[int, bytes]:
        """Read one reply, all of its lines, in at most `seconds` or `until` a time; return its code and its text."""
        until = until or time.monotonic() + (seconds or self.reply_seconds)
        texts: list[bytes] = []
        left = REPLY_MAX_BYTES
        while True:
            line = self._line(until, left)
            left -= len(line)
            code, mark = line[:3], line[3:4]
            if len(code) < 3 or not code.isdigit() or mark not in (b" ", b"-", b""):
                raise ProtocolError("The server answered something that is not SMTP.")
            texts.append(line[4:].strip())
            if mark != b"-":
                return int(code), b"\n".join(texts)

    def _line(self, until: float, left: int) -> bytes:
        while b"\n" not in self._buffer:
            if len(self._buffer) > left:
                raise ProtocolError("The server's reply is longer than 64 KiB.")
            self._buffer += self._read(until)
        line, _, self._buffer = self._buffer.partition(b"\n")
        return line.rstrip(b"\r")

    def _read(self, until: float) -> bytes:
        if self.sock is None:
            raise smtplib.SMTPServerDisconnected("Not connected.")
        self.sock.settimeout(self._patience(until - time.monotonic()))
        chunk = self.sock.recv(READ_BYTES)
        if not chunk:
            raise smtplib.SMTPServerDisconnected("The server closed the connection.")
        return chunk

    def receive(self) -> None:
        """Take in what has arrived, and note whether the link is lost; reading the replies says what became of them."""
        assert self.sock is not None
        self.sock.settimeout(0)
        try:
            while len(self._buffer) <= REPLY_MAX_BYTES and (chunk := self.sock.recv(READ_BYTES)):
                self._buffer += chunk
                if len(chunk) < READ_BYTES and not isinstance(self.sock, ssl.SSLSocket):  # TLS may hold more of it
                    return
            self.is_lost = True  # at its end, or flooded
        except (BlockingIOError, ssl.SSLWantReadError):
            pass  # that was all for now
        except OSError:
            self.is_lost = True

    def has_replies(self, count: int) -> bool:
        """Return whether so many complete replies have been received, or no more can come."""
        lines = self._buffer.split(b"\n")[:-1]
        return self.is_lost or sum(line[3:4] != b"-" for line in lines) >= count

    def _patience(self, wanted: float) -> float:
        """Return how long the next step may take, in seconds; raises `TimeoutError` when no time is left."""
        seconds = min(wanted, self.deadline - time.monotonic())
        if seconds <= 0:
            raise TimeoutError("The server took too long.")
        return seconds

    @property
    def surplus(self) -> bytes:
        """What has been received that nobody has read yet."""
        return self._buffer

    @property
    def is_quiet(self) -> bool:
        """Return whether the server is there and has said nothing that nobody has read yet, up to now."""
        if self.sock is not None:
            self.receive()
        return self.sock is not None and not self.is_lost and not self._buffer

    def close(self) -> None:
        """Drop the connection, without a word."""
        self._buffer, self.is_lost = b"", False
        super().close()
