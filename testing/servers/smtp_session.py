"""One client's session with `testing.servers.smtp.LoopbackSmtpServer` (RFC 5321, 3207, 4954)."""

import base64
import binascii
import re
import socket
import ssl
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from testing.servers.smtp import LoopbackSmtpServer

DRIP_SECONDS = 0.2
LONGEST_LINE = 100_000
FLOOD = b"220-" + b"x" * 65_532
ADDRESS = re.compile(r"<([^>]*)>\s*(.*)")
XOAUTH2 = re.compile("user=([^\x01]+)\x01auth=Bearer ([!-~]+)\x01\x01")
TOKEN_REFUSED = '{"status":"401","schemes":"bearer","scope":"https://mail.example/"}'


@dataclass(frozen=True)
class Received:
    """A message whose final dot arrived: its envelope, and its bytes as sent (dots unstuffed, CRLF)."""

    sender: str
    recipients: tuple[str, ...]
    content: bytes
    tls: bool
    user: str
    connection: int
    options: str = ""

    @property
    def parsed(self) -> EmailMessage:
        message = message_from_bytes(self.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        return message

    @property
    def text(self) -> str:
        """The plain text of it, whether it is all there is or stands beside HTML."""
        body = self.parsed.get_body(("plain",))
        assert body is not None
        return str(body.get_content())


class HungUp(Exception):
    """The session is over."""


class ServerSession:
    def __init__(self, server: "LoopbackSmtpServer", connection: socket.socket, number: int) -> None:
        self.server, self.connection, self.number = server, connection, number
        self.secured, self.user, self._buffer = False, "", b""
        self._taken = 0
        self._commands: dict[str, Callable[[str], None]] = {
            "EHLO": self._ehlo, "HELO": self._helo, "STARTTLS": self._starttls, "AUTH": self._auth,
            "MAIL": self._mail, "RCPT": self._rcpt, "DATA": self._data, "RSET": self._rset, "NOOP": self._noop,
            "QUIT": self._quit,
        }  # fmt: skip
        self._sender: str | None = None
        self._forget()

    def run(self) -> None:
        """Serve until either side ends it; a TLS failure is an `OSError`, too."""
        with suppress(HungUp, OSError):
            self._serve()
        self.connection.close()

    def hang_up(self) -> None:
        """Wake the thread of this session out of any read."""
        with suppress(OSError):
            self.connection.shutdown(socket.SHUT_RDWR)

    def _serve(self) -> None:
        if self.server.security == "IMPLICIT_TLS":
            self._handshake()
        self._answer("CONNECT", "", "220 localhost ESMTP")
        while True:
            line = self._read_line()
            self.server.commands.append(line)
            handle = self._commands.get(line.split(" ")[0].upper(), self._unknown)
            handle(line)

    # Commands

    def _ehlo(self, line: str) -> None:
        self._forget()
        features = ["localhost", f"SIZE {self.server.max_bytes}", *self.server.extensions]
        if self.server.security == "STARTTLS" and self.server.tls and not self.secured:
            features.append("STARTTLS")
        elif self.server.mechanisms:
            features.append("AUTH " + " ".join(self.server.mechanisms))
        lines = [f"250-{feature}" for feature in features[:-1]] + [f"250 {features[-1]}"]
        self._answer("EHLO", line, "\n".join(lines))

    def _helo(self, line: str) -> None:
        self._forget()
        self._answer("HELO", line, "250 localhost")

    def _starttls(self, line: str) -> None:
        if self.server.tls is None or self.secured or self.server.security != "STARTTLS":
            return self.say("502 5.5.1 STARTTLS is not available")
        if self._answer("STARTTLS", line, "220 2.0.0 ready"):
            self._handshake()
        return None

    def _auth(self, line: str) -> None:
        _, mechanism, *initial = line.split(" ")
        if mechanism.upper() not in self.server.mechanisms:
            return self.say("504 5.5.4 mechanism not offered")
        if mechanism.upper() == "XOAUTH2":
            return self._auth_by_token(line, initial)
        user, password = self._credentials(mechanism.upper(), initial)
        known = (user, password) == (self.server.username, self.server.password)
        usual = "235 2.7.0 signed in" if known else "535 5.7.8 username and password not accepted"
        if self._answer("AUTH", line, usual):
            self.user = user
        return None

    def _auth_by_token(self, line: str, initial: list[str]) -> None:
        """Take a token; say why one is refused, and refuse it after an empty line."""
        said = XOAUTH2.fullmatch(self._decoded(initial[0] if initial else self._ask("")))
        if said is None:
            return self.say("501 5.5.4 that is not XOAUTH2")
        known = said[1] == self.server.username and self.server.accepts_token(said[2])
        if not known and self._ask(TOKEN_REFUSED) != "":
            return self.say("501 5.5.2 an empty line was expected")
        usual = "235 2.7.0 signed in" if known else "535 5.7.8 token not accepted"
        if self._answer("AUTH", line, usual):
            self.user = said[1]
        return None

    def _credentials(self, mechanism: str, initial: list[str]) -> tuple[str, str]:
        if mechanism == "PLAIN":
            _, user, password = self._decoded(initial[0] if initial else self._ask("")).split("\0")
            return user, password
        user = self._decoded(initial[0] if initial else self._ask("Username:"))
        return user, self._decoded(self._ask("Password:"))

    def _mail(self, line: str) -> None:
        if self.server.security == "STARTTLS" and self.server.tls and not self.secured:
            return self.say("530 5.7.0 STARTTLS first")
        if self.server.sign_in_required and not self.user:
            return self.say("530 5.7.0 sign in first")
        if self._taken >= self.server.messages_a_session:
            return self.say(self.server.session_is_over)
        if self._answer("MAIL", line, "250 2.1.0 sender ok"):
            self._sender, self._options = self._address(line)
        return None

    def _rcpt(self, line: str) -> None:
        if self._sender is None:
            return self.say("503 5.5.1 MAIL first")
        if self._answer("RCPT", line, "250 2.1.5 recipient ok"):
            self._recipients.append(self._address(line)[0])
        return None

    def _data(self, line: str) -> None:
        if not self._recipients:
            return self.say("503 5.5.1 RCPT first")
        if self._answer("DATA", line, "354 end with a dot"):
            self._take(self._read_content())
        return None

    def _take(self, content: bytes) -> None:
        message = Received(
            self._sender or "", tuple(self._recipients), content, self.secured, self.user, self.number, self._options
        )
        self._forget()
        self._taken += 1
        self.server.received.append(message)
        usual = "250 2.0.0 kept" if len(content) <= self.server.max_bytes else "552 5.3.4 too large"
        self._answer("FINAL_DOT", "", usual, lambda: self.server.messages.append(message))

    def _rset(self, line: str) -> None:
        self._forget()
        self._answer("RSET", line, "250 2.0.0 forgotten")

    def _noop(self, line: str) -> None:
        self._answer("NOOP", line, "250 2.0.0 ok")

    def _quit(self, line: str) -> None:
        self._answer("QUIT", line, "221 2.0.0 bye")
        raise HungUp

    def _unknown(self, line: str) -> None:
        self.say("502 5.5.2 unknown command")

    # The wire

    def _answer(self, phase: str, line: str, usual: str, accepted: Callable[[], None] | None = None) -> bool:
        """Send the reply to `phase` and return whether it was a positive one; `accepted` runs just before that one."""
        reply = self.server.reply_to(phase, line, usual)
        if phase == "FINAL_DOT":
            self.server.too_early += self._unread()
        raw = reply if isinstance(reply, bytes) else reply.encode()
        positive = raw[:1] in b"23" and raw != b""
        if positive and accepted is not None:
            accepted()
        self._misbehave(raw)
        self.say(reply)
        return positive

    def _misbehave(self, act: bytes) -> None:
        if act == b"hang":
            self.server.stopping.wait()
        while act == b"drip" and not self.server.stopping.wait(DRIP_SECONDS):
            self.connection.sendall(b"2")
        while act == b"flood" and not self.server.stopping.is_set():
            self.connection.sendall(FLOOD)
        if act in (b"close", b"hang", b"drip", b"flood"):
            raise HungUp

    def say(self, reply: str | bytes) -> None:
        text = reply if isinstance(reply, bytes) else reply.replace("\n", "\r\n").encode() + b"\r\n"
        self.connection.sendall(text)

    def _ask(self, challenge: str) -> str:
        self.say("334 " + base64.b64encode(challenge.encode()).decode())
        return self._read_line()

    def _decoded(self, text: str) -> str:
        try:
            return base64.b64decode(text).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            self.say("501 5.5.2 not base64")
            raise HungUp from error

    def _handshake(self) -> None:
        assert self.server.tls is not None
        self._misbehave(self._raw(self.server.reply_to("TLS", "", "")))
        secure = self.server.tls.wrap_socket(self.connection, server_side=True, do_handshake_on_connect=False)
        self.connection, self._buffer = secure, b""
        secure.do_handshake()
        self.secured = True

    @staticmethod
    def _raw(reply: str | bytes) -> bytes:
        return reply if isinstance(reply, bytes) else reply.encode()

    def _read_line(self) -> str:
        while b"\r\n" not in self._buffer:
            more = self.connection.recv(65_536)
            if not more or len(self._buffer) > LONGEST_LINE:
                raise HungUp
            self._buffer += more
        line, self._buffer = self._buffer.split(b"\r\n", 1)
        return line.decode("utf-8", "surrogateescape")

    def _unread(self) -> bytes:
        """Return what has arrived that is not read yet."""
        self.connection.settimeout(0)
        with suppress(BlockingIOError, ssl.SSLWantReadError):
            self._buffer += self.connection.recv(65_536)
        self.connection.settimeout(None)
        return self._buffer

    def _read_content(self) -> bytes:
        """Return the message up to its final dot, dots unstuffed (RFC 5321 4.5.2)."""
        raw, looked = bytearray(b"\r\n" + self._buffer), 0
        while (end := raw.find(b"\r\n.\r\n", looked)) < 0:
            looked = max(0, len(raw) - 4)
            more = self.connection.recv(65_536)
            if not more:
                raise HungUp
            raw += more
        self._buffer = bytes(raw[end + 5 :])
        return bytes(raw[: end + 2].replace(b"\r\n.", b"\r\n")[2:])

    def _address(self, line: str) -> tuple[str, str]:
        found = ADDRESS.search(line)
        return (found[1], found[2]) if found else ("", "")

    def _forget(self) -> None:
        self._sender = None
        self._recipients: list[str] = []
        self._options = ""
