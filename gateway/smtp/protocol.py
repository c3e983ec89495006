"""A session of SMTP submission (RFC 6409): what aiosmtpd's protocol lacks for strangers, keys and an outbox.

Nothing but EHLO goes in clear. Whatever asks the database does so in a thread, so that one session keeps no other
waiting.
"""

import asyncio
import binascii
import logging
import ssl
import sys
import time
from base64 import b64decode
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from aiosmtpd.proxy_protocol import get_proxy
from aiosmtpd.smtp import SMTP

from gateway.choices import Scope
from gateway.keys.authentication import DELAY_SECONDS, Refusal, authenticate
from gateway.models import Key
from gateway.networks import household_of
from gateway.smtp import acceptance, commands, replies

if TYPE_CHECKING:
    from gateway.smtp.door import Door

logger = logging.getLogger(__name__)

PROXY_SECONDS = 5
TLS_SECONDS = 20
SIGN_IN_SECONDS = 60  # from the first octet to a key that opens
COMMAND_SECONDS = 300  # RFC 5321 4.5.3.2.7
PIECE_SECONDS = 180  # of a message (RFC 5321 4.5.3.2.5)
MESSAGE_SECONDS = 900  # all of it
WORK_SECONDS = 120  # for the database
CLOSE_SECONDS = 5  # for what was said last to arrive
LINE_MAX_OCTETS = 4096  # of a command; RFC 4954 4 has more for other mechanisms than these
PIECE_OCTETS = 64 * 1024
WRONG_KEYS_MAX, ERRORS_MAX, UNKNOWN_MAX = 3, 20, 4
MESSAGE_END = b"\r\n.\r\n"
CALLS_MAX = {"*": 1000, **dict.fromkeys(("MAIL", "RCPT", "DATA", "RSET", "QUIT"), sys.maxsize)}
ERRORS = ("500", "501", "502", "503", "504", "530", "555")  # said of commands, not of what they ask for

Answer = TypeVar("Answer")


class Left(ConnectionResetError):
    """The session is over; aiosmtpd closes it then."""


class SubmissionProtocol(SMTP):
    """`secure_port` says that TLS comes before the first word (RFC 8314 3.3)."""

    line_length_limit = PIECE_OCTETS  # the reader's; what it means for the lines of a message is `written`'s to say
    command_size_limit = LINE_MAX_OCTETS
    command_size_limits = defaultdict(lambda: LINE_MAX_OCTETS)
    AuthLoginUsernameChallenge = "Username:"
    AuthLoginPasswordChallenge = "Password:"

    def __init__(self, door: "Door", *, secure_port: bool) -> None:
        self.door, self.secure_port = door, secure_port
        self.key: Key | None = None
        self.address = ""
        self.is_at_final_dot = False
        self._household = ""
        self.began = time.monotonic()
        self._deadline = 0.0
        self._wrong_keys = self._errors = self._unknown = 0
        super().__init__(
            door,
            hostname=door.name,
            ident="ESMTP submission",
            data_size_limit=door.most_octets,
            enable_SMTPUTF8=True,
            tls_context=door.certificate.context,
            require_starttls=True,
            command_call_limit=CALLS_MAX,
            loop=asyncio.get_running_loop(),
        )

    def end(self) -> None:
        """Let the session end because the process does; what is at its final dot is finished first."""
        if not self.is_at_final_dot:
            self._close_with(replies.STOPPING)

    def turn_away(self) -> None:
        """Give the place to somebody else."""
        self._give_back()
        self._close_with(replies.TOO_MANY_HERE)

    # The connection

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.door.sessions.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        super().connection_lost(error)
        self._give_back()

    async def _handle_client(self) -> None:
        try:
            if await self._is_admitted():
                await super()._handle_client()
        except (OSError, EOFError, asyncio.LimitOverrunError) as error:
            logger.debug("The session with %s ended: %s", self.address, error)
        finally:
            if self.transport:
                self.transport.close()
            self._give_back()

    def _give_back(self) -> None:
        """Let others have what the session took; asyncio tells nobody of a connection lost within a TLS handshake."""
        if self._timeout_handle:
            self._timeout_handle.cancel()
        self.door.sessions.discard(self)
        if self._household:
            self.door.addresses.give_back(self._household)
            self._household = ""
        if self.key:
            self.door.keys.give_back(self.key.pk)
            self.key = None

    async def _is_admitted(self) -> bool:
        """Return whether there is room for whoever came; TLS is agreed upon where it comes first."""
        assert self.session is not None
        self.address = self.session.peer[0] if self.session.peer else ""
        if self.door.is_balancer(self.address):
            async with asyncio.timeout(PROXY_SECONDS):
                told = await get_proxy(self._reader)
            if not told.valid:
                return False
            self.address = str(told.src_addr) if told.src_addr else self.address
        household = household_of(self.address)
        if self.door.is_stopping:
            return await self._is_turned_away(replies.STOPPING)
        if not self.door.addresses.take(household):
            return await self._is_turned_away(replies.TOO_MANY_FROM_ADDRESS)
        self._household = household
        if not self.door.make_room(self):
            return await self._is_turned_away(replies.TOO_MANY_HERE)
        if self.secure_port:
            await self._begin_tls(self._stop_reading())  # the handshake may have come with a PROXY header
        return True

    async def _is_turned_away(self, reply: str) -> bool:
        if not self.secure_port:
            await super().push(reply)
        return False

    def _stop_reading(self) -> bytes:
        """Leave what comes from now on to the handshake; return what came ahead of it."""
        transport: Any = self.transport
        reader: Any = self._reader
        transport.pause_reading()
        came_ahead = bytes(reader._buffer)
        reader._buffer.clear()
        return came_ahead

    async def _begin_tls(self, handshake: bytes = b"") -> None:
        """Go on in TLS; reading has stopped, and `handshake` is what of it was read before."""
        reader: Any = self._reader
        start = self._writer.start_tls(self.door.certificate.context, ssl_handshake_timeout=TLS_SECONDS)
        started = asyncio.create_task(start)
        try:
            await asyncio.sleep(0)  # next the loop opens TLS and reads on: what was read before comes in between
            self.loop.call_soon(_feed, self.transport, handshake)
            await started
        except (OSError, ssl.SSLError) as error:
            raise Left(f"no TLS: {error}") from error
        finally:
            started.cancel()
        secured: Any = self._writer.transport
        self.transport = reader._transport = secured
        self._tls_protocol = secured.get_extra_info("ssl_object")
        self.envelope, self.session = self._create_envelope(), self._create_session()
        self.session.peer, self.session.ssl = secured.get_extra_info("peername"), {"cipher": secured}
        self._reset_timeout()

    # Time

    def _reset_timeout(self, duration: float | None = None) -> None:
        seconds = duration or (COMMAND_SECONDS if self.key else self.began + SIGN_IN_SECONDS - time.monotonic())
        self._deadline = self.loop.time() + seconds
        if seconds <= 0:  # at once: a client that never stops talking would put off any timer
            self._timeout_cb()
        elif self._timeout_handle is None or self._timeout_handle.when() > self._deadline:
            self._wait_for_deadline()

    def _wait_for_deadline(self) -> None:
        """Look at the deadline when it has come; one that was put off costs no timer of its own."""
        if self._timeout_handle:
            self._timeout_handle.cancel()
        self._timeout_handle = self.loop.call_at(self._deadline, self._timeout_cb)

    def _timeout_cb(self) -> None:
        if self.loop.time() < self._deadline:
            self._wait_for_deadline()
        else:
            self._close_with(replies.TIMED_OUT)

    def _close_with(self, reply: str) -> None:
        """Say why and close; who does not listen is cut off."""
        transport: Any = self.transport
        if transport is None or transport.is_closing():
            return
        if not self.secure_port or self._tls_protocol:
            transport.write(f"{reply}\r\n".encode())
        transport.close()
        self.loop.call_later(CLOSE_SECONDS, transport.abort)

    # What is said

    async def push(self, status: Any) -> None:
        """Answer, with an enhanced status code; who makes too many mistakes is sent away."""
        reply = replies.coded(status.decode("ascii", "replace") if isinstance(status, bytes) else str(status))
        if reply.startswith(replies.ECHO):  # clients that are out of step say passwords here, and log what they hear
            reply = replies.UNKNOWN_COMMAND
        self._errors += reply.startswith(ERRORS)
        self._unknown += reply.startswith("500")
        if self._unknown >= UNKNOWN_MAX:
            await self._leave(replies.UNKNOWN_COMMANDS)
        if self._errors >= ERRORS_MAX:
            await self._leave(replies.TOO_MANY_ERRORS)
        await super().push(reply)
        if reply.startswith("421"):
            raise Left(reply)
        if self._reader._buffer:  # type: ignore[attr-defined]  # who sends commands ahead takes turns with the others
            await asyncio.sleep(0)

    async def _leave(self, reply: str) -> None:
        await super().push(reply)
        raise Left(reply)

    async def handle_exception(self, error: Exception) -> str:
        if not isinstance(error, acceptance.AWAY):
            logger.error("A session with %s failed", self.address, exc_info=error)
        return replies.AWAY

    async def _ask(self, work: Callable[[], Answer]) -> Answer:
        """Do what asks the database in a thread."""
        self._reset_timeout(WORK_SECONDS)
        try:
            return await self.loop.run_in_executor(self.door.threads, partial(acceptance.with_database, work))
        finally:
            self._reset_timeout()

    # Commands

    async def smtp_HELO(self, hostname: str) -> None:
        if not hostname:
            await self.push("501 Syntax: HELO hostname")
            return
        await self._greet(hostname, extended=False, lines=[self.hostname])

    async def smtp_EHLO(self, hostname: str) -> None:
        if not hostname:
            await self.push("501 Syntax: EHLO hostname")
            return
        offers = [self.hostname, f"SIZE {self.door.most_octets}", "8BITMIME", "SMTPUTF8", "PIPELINING"]
        offers += ["ENHANCEDSTATUSCODES", "AUTH PLAIN LOGIN" if self._tls_protocol else "STARTTLS"]
        await self._greet(hostname, extended=True, lines=offers)

    async def _greet(self, name: str, *, extended: bool, lines: list[str]) -> None:
        """Answer a greeting, whatever the client calls itself; these replies have no enhanced code (RFC 2034 3)."""
        self.envelope = self._create_envelope()
        assert self.session is not None
        self.session.host_name, self.session.extended_smtp = name, extended
        await super().push("\r\n".join([*(f"250-{line}" for line in lines[:-1]), f"250 {lines[-1]}"]))

    async def smtp_STARTTLS(self, arg: str) -> None:
        if arg:
            await self.push("501 Syntax: STARTTLS")
        elif self._tls_protocol:
            await self.push("503 TLS is there already")
        else:
            self._stop_reading()  # what was said in clear behind STARTTLS is forgotten (RFC 3207 4.2, 6)
            await self.push("220 2.0.0 Ready to start TLS")  # and all that answers this is the handshake's
            await self._begin_tls()

    async def smtp_AUTH(self, arg: str) -> None:
        if await self.check_helo_needed("EHLO"):
            return
        mechanism, _, initial = (arg or "").partition(" ")
        if self.key:
            await self.push("503 Signed in already")
        elif mechanism.upper() not in ("PLAIN", "LOGIN"):
            await self.push("504 PLAIN and LOGIN are offered")
        else:
            read = self._plain if mechanism.upper() == "PLAIN" else self._login
            secret = await read(initial.strip())
            if secret is not None:
                await self._sign_in(secret)

    async def _plain(self, initial: str) -> str | None:
        """Return the password of SASL PLAIN (RFC 4616), None where the answer has been given."""
        response = await self._decoded(initial) if initial else await self._challenge("")
        if response is None:
            return None
        parts = response.split(b"\x00")
        if len(parts) != 3:
            await self.push("501 5.5.2 This is not PLAIN: a name, a NUL, a name, a NUL and the password")
            return None
        return parts[2].decode("utf-8", "replace")

    async def _login(self, initial: str) -> str | None:
        """Return the password of LOGIN; the user name may come with the command."""
        name = await self._decoded(initial) if initial else await self._challenge(self.AuthLoginUsernameChallenge)
        if name is None:
            return None
        password = await self._challenge(self.AuthLoginPasswordChallenge)
        return None if password is None else password.decode("utf-8", "replace")

    async def _challenge(self, text: str) -> bytes | None:
        try:
            response = await self.challenge_auth(text)
        except ValueError:
            await self._leave("500 5.5.6 The line is too long")
        return response if isinstance(response, bytes) else None

    async def _decoded(self, initial: str) -> bytes | None:
        try:
            return b64decode("" if initial == "=" else initial.encode("ascii", "replace"), validate=True)
        except binascii.Error:
            await self.push("501 5.5.2 This is not base64")
            return None

    async def _sign_in(self, secret: str) -> None:
        """Let a key in; whoever has none waits."""
        try:
            key = await self._ask(partial(authenticate, secret, self.address))
        except acceptance.AWAY:
            await self.push(replies.SIGN_IN_AWAY)
            return
        if isinstance(key, Refusal):
            await asyncio.sleep(DELAY_SECONDS)
            self._wrong_keys += 1
            is_over = key is Refusal.TOO_MANY or self._wrong_keys >= WRONG_KEYS_MAX
            await self.push(replies.TOO_MANY_WRONG if is_over else replies.WRONG_KEY)
        elif not self.door.keys.take(key.pk):
            await self.push(replies.TOO_MANY_WITH_KEY)
        else:
            self.key = key
            self._reset_timeout()
            await self.push("235 2.7.0 Signed in")

    async def smtp_MAIL(self, arg: str | None) -> None:
        assert self.envelope is not None
        if await self.check_helo_needed() or await self._is_sign_in_needed():
            return
        try:
            mail = commands.mail(arg)
        except commands.Refused as refusal:
            await self.push(str(refusal))
            return
        if refused := await self._refusal_of_mail(mail):
            await self.push(refused)
            return
        self.envelope.mail_from = "<>" if mail.null else "sender"
        self.envelope.smtp_utf8 = mail.smtputf8
        await self.push("250 2.1.0 Sender taken")

    async def _refusal_of_mail(self, mail: commands.Mail) -> str:
        assert self.envelope is not None
        assert self.key is not None
        if self.envelope.mail_from:
            return "503 One message at a time: MAIL has been said"
        if mail.size > self.door.most_octets:
            return replies.TOO_LARGE.format(most=self.door.most_octets)
        if self.key.application is None or not self.key.may(Scope.SEND):
            await self._ask(partial(acceptance.note_scope, self.key, self.address))
            return replies.NOT_FOR_THIS_KEY
        if not (self.key.is_usable() if self.key.was_checked_lately else await self._ask(self.key.is_usable)):
            await self._ask(partial(acceptance.note_stopped, self.key, self.address))
            return replies.STOPPED_KEY
        return ""

    @property
    def _application(self) -> int | None:
        return self.key.application_id if self.key else None

    async def _is_sign_in_needed(self) -> bool:
        if self.key is None:
            await self.push(replies.SIGN_IN_FIRST)
        return self.key is None

    async def smtp_RCPT(self, arg: str | None) -> None:
        assert self.envelope is not None
        if not self.envelope.mail_from:
            await self.push("503 Say MAIL first")
            return
        try:
            recipient = commands.recipient(arg, smtputf8=self.envelope.smtp_utf8)
        except commands.Refused as refusal:
            await self.push(str(refusal))
            return
        if recipient not in self.envelope.rcpt_tos:
            if len(self.envelope.rcpt_tos) >= self.door.most_recipients:
                await self.push(replies.TOO_MANY_RECIPIENTS.format(most=self.door.most_recipients))
                return
            self.envelope.rcpt_tos.append(recipient)
        await self.push("250 2.1.5 Recipient taken")

    async def smtp_DATA(self, arg: str) -> None:
        assert self.envelope is not None
        if arg:
            await self.push("501 Syntax: DATA")
        elif not self.envelope.rcpt_tos:
            await self.push("503 Say MAIL and RCPT first")
        elif self.door.room.is_full_for(self._application):
            await self.push(replies.FULL)
        else:
            await self.push("354 Go on; end with a dot on a line of its own")
            await self._receive()

    async def _receive(self) -> None:
        """Take a message and say what became of it; nothing else happens to the session in between."""
        message, whose = bytearray(), self._application
        try:
            reply = await self._read_message(message) or await self._store(bytes(message))
        finally:
            self.door.room.give_back(whose, len(message))
            self.is_at_final_dot = False
        self.envelope = self._create_envelope()
        if reply.startswith("250"):
            self._errors = 0
        await self.push(reply)
        if self.door.is_stopping:
            await self._leave(replies.STOPPING)

    async def _read_message(self, message: bytearray) -> str:
        """Read up to the final dot; return why the message is refused, "" where it is in `message`."""
        reader: Any = self._reader
        reader._buffer[:0] = b"\r\n"  # so that a dot is found on the first line as on every other one
        refused, read, until = "", 0, time.monotonic() + MESSAGE_SECONDS
        while True:
            self._reset_timeout(PIECE_SECONDS)
            try:
                piece, is_last = (await self._reader.readuntil(MESSAGE_END))[: -len(b".\r\n")], True
            except asyncio.LimitOverrunError as error:
                piece, is_last = await self._reader.read(error.consumed), False
            read += len(piece)
            if read > self.door.most_octets:
                refused = replies.TOO_LARGE.format(most=self.door.most_octets)
            elif not refused and self.door.room.is_full_for(self._application):
                refused = replies.FULL
            if not refused:
                message += piece
                self.door.room.take(self._application, len(piece))
            if is_last:
                return refused
            if read > 4 * self.door.most_octets or time.monotonic() > until:
                await self._leave(replies.TIMED_OUT)

    async def _store(self, data: bytes) -> str:
        assert self.envelope is not None
        assert self.session is not None
        assert self.key is not None
        submitted = acceptance.Submitted(
            key=self.key,
            data=data,
            recipients=list(self.envelope.rcpt_tos),
            null_reverse_path=self.envelope.mail_from == "<>",
            smtputf8=self.envelope.smtp_utf8,
            client=self.session.host_name or "",
            address=self.address,
        )
        self.is_at_final_dot = True
        self._reset_timeout(WORK_SECONDS)
        try:
            return await self.door.intake.take(submitted)
        except Exception as error:  # noqa: BLE001 (whatever it is: the client keeps its mail, and the session goes on)
            return await self.handle_exception(error)
        finally:
            self._reset_timeout()

    async def smtp_VRFY(self, arg: str) -> None:
        await self.push("252 2.1.5 Send a message, and see")

    async def smtp_HELP(self, arg: str) -> None:
        await self.push("214 2.0.0 SMTP submission: RFC 6409")


def _feed(transport: Any, octets: bytes) -> None:
    """Let the protocol of `transport`, which has a buffer, have octets as if they came now."""
    protocol = transport.get_protocol()
    while octets and not transport.is_closing():
        buffer = memoryview(protocol.get_buffer(len(octets)))
        count = min(len(buffer), len(octets))
        buffer[:count] = octets[:count]
        protocol.buffer_updated(count)
        octets = octets[count:]
