"""An SMTP server that misbehaves at random in every phase, and counts what it took by Message-ID and recipient.

What it defers, refuses, drops or hangs it has not taken, unless it says otherwise: at the final dot it may also take
the mail and lose the link before the reply, the one case in which nobody can know.
"""

import asyncio
import random
import re
import ssl
import threading
from collections import Counter
from collections.abc import Awaitable, Callable
from concurrent.futures import Future
from contextlib import suppress

DEFER, REFUSE, DROP, HANG, TAKE_AND_DROP, TAKE_AND_HANG = range(6)
ANYWHERE, AT_FINAL_DOT = (DEFER, REFUSE, DROP, HANG), (DEFER, REFUSE, DROP, HANG, TAKE_AND_DROP, TAKE_AND_HANG)
CHANCES = {
    "CONNECT": 0.02,
    "EHLO": 0.02,
    "STARTTLS": 0.02,
    "AUTH": 0.02,
    "MAIL": 0.01,
    "RCPT": 0.03,
    "DATA": 0.02,
    "FINAL_DOT": 0.05,
}
DEFERRALS = {"CONNECT": "421 4.3.2 not now", "STARTTLS": "454 4.7.0 no TLS now", "AUTH": "454 4.7.0 not now"}
REFUSALS = {"CONNECT": "554 5.3.2 no service", "EHLO": "550 5.7.1 not you", "AUTH": "535 5.7.8 not accepted"}
SHORT_HANG_SECONDS, LONG_HANG_SECONDS, LONG_HANGS = (0.5, 4.0), 35.0, 0.1
MESSAGE_ID = re.compile(rb"^Message-ID:\s*(<[^>]+>)", re.IGNORECASE | re.MULTILINE)
ADDRESS = re.compile(rb"<([^>]*)>")
LIMIT_BYTES = 1_000_000

Mail = tuple[str, str]


class HungUp(Exception):
    """The session is over."""


class UnrulyServer:
    """Listens on loopback, in clear and with STARTTLS and sign-in (`tls_port`), in a thread of its own."""

    def __init__(self, tls: ssl.SSLContext, seed: int) -> None:
        self.tls = tls
        self.taken: Counter[Mail] = Counter()
        self.calm = False
        self.acts: Counter[tuple[str, int]] = Counter()
        self._random = random.Random(seed)
        self._loop = asyncio.new_event_loop()
        self._ports: Future[tuple[int, int]] = Future()
        self._thread = threading.Thread(target=self._serve, name="unruly SMTP server", daemon=True)
        self._thread.start()
        self.port, self.tls_port = self._ports.result(10)

    def stop(self) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)

    def act(self, phase: str) -> int | None:
        """Decide how to misbehave in `phase`, None for not at all."""
        if self.calm or self._random.random() >= CHANCES[phase]:
            return None
        act = self._random.choice(AT_FINAL_DOT if phase == "FINAL_DOT" else ANYWHERE)
        self.acts[phase, act] += 1
        return act

    def hang_seconds(self) -> float:
        if self._random.random() < LONG_HANGS:
            return LONG_HANG_SECONDS
        return self._random.uniform(*SHORT_HANG_SECONDS)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._listen())
        self._loop.run_forever()
        for task in asyncio.all_tasks(self._loop):
            task.cancel()
        self._loop.run_until_complete(asyncio.sleep(0.1))
        self._loop.close()

    async def _listen(self) -> None:
        ports = []
        for secured in (False, True):
            listener = await asyncio.start_server(self._answer(secured), "127.0.0.1", 0, limit=LIMIT_BYTES)
            ports.append(listener.sockets[0].getsockname()[1])
        self._ports.set_result((ports[0], ports[1]))

    def _answer(self, secured: bool) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
        async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            with suppress(HungUp, OSError, EOFError, ssl.SSLError, asyncio.LimitOverrunError, asyncio.CancelledError):
                await _Session(self, reader, writer, tls=self.tls if secured else None).run()
            writer.close()

        return answer


class _Session:
    def __init__(
        self,
        server: UnrulyServer,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        *,
        tls: ssl.SSLContext | None,
    ) -> None:
        self.server, self.reader, self.writer, self.tls = server, reader, writer, tls
        self.secured, self.recipients = False, list[str]()

    async def run(self) -> None:
        await self.reply("CONNECT", "220 unruly ESMTP")
        handlers = {b"EHLO": self.ehlo, b"HELO": self.helo, b"STARTTLS": self.starttls, b"AUTH": self.auth}
        handlers |= {b"MAIL": self.mail, b"RCPT": self.rcpt, b"DATA": self.data, b"QUIT": self.quit}
        while True:
            line = (await self.reader.readuntil(b"\r\n")).rstrip()
            await handlers.get(line.split(b" ", 1)[0].upper(), self.other)(line)

    async def ehlo(self, line: bytes) -> None:
        features = ["unruly", "PIPELINING", "8BITMIME", "ENHANCEDSTATUSCODES"]
        if self.tls:
            features.append("AUTH PLAIN" if self.secured else "STARTTLS")
        await self.reply("EHLO", "\r\n".join(f"250-{feature}" for feature in features) + "\r\n250 SIZE 20000000")

    async def helo(self, line: bytes) -> None:
        await self.say("250 unruly")

    async def starttls(self, line: bytes) -> None:
        if self.tls and await self.reply("STARTTLS", "220 2.0.0 ready"):
            await self.writer.start_tls(self.tls)
            self.secured = True

    async def auth(self, line: bytes) -> None:
        await self.reply("AUTH", "235 2.7.0 signed in")

    async def mail(self, line: bytes) -> None:
        self.recipients = []
        await self.reply("MAIL", "250 2.1.0 ok")

    async def rcpt(self, line: bytes) -> None:
        if await self.reply("RCPT", "250 2.1.5 ok"):
            self.recipients += [address.decode() for address in ADDRESS.findall(line)]

    async def data(self, line: bytes) -> None:
        if not self.recipients:
            return await self.say("503 5.5.1 no recipient")
        if await self.reply("DATA", "354 go on"):
            content = await self.reader.readuntil(b"\r\n.\r\n")
            await self.end_of_data(content)
        return None

    async def end_of_data(self, content: bytes) -> None:
        act = self.server.act("FINAL_DOT")
        if act in (None, TAKE_AND_DROP, TAKE_AND_HANG):
            found = MESSAGE_ID.search(content)
            message_id = found[1].decode() if found else "none"
            self.server.taken.update((message_id, recipient) for recipient in self.recipients)
        self.recipients = []
        await self.misbehave("FINAL_DOT", act)
        if act is None:
            await self.say("250 2.0.0 taken")

    async def quit(self, line: bytes) -> None:
        await self.say("221 2.0.0 bye")
        raise HungUp

    async def other(self, line: bytes) -> None:
        self.recipients = []
        await self.say("250 2.0.0 ok")

    async def reply(self, phase: str, usual: str) -> bool:
        """Say the usual, or misbehave; return whether it was the usual."""
        act = self.server.act(phase)
        await self.misbehave(phase, act)
        if act is None:
            await self.say(usual)
        return act is None

    async def misbehave(self, phase: str, act: int | None) -> None:
        if act == DEFER:
            await self.say(DEFERRALS.get(phase, "451 4.3.0 later"))
        elif act == REFUSE:
            await self.say(REFUSALS.get(phase, "550 5.7.1 never"))
        elif act in (HANG, TAKE_AND_HANG):
            await asyncio.sleep(self.server.hang_seconds())
        if act in (DROP, TAKE_AND_DROP, HANG, TAKE_AND_HANG):
            raise HungUp

    async def say(self, reply: str) -> None:
        self.writer.write(reply.encode() + b"\r\n")
        await self.writer.drain()
