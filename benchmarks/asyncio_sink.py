"""An SMTP server that takes everything and counts it, for where postfix's smtp-sink is absent or does too little.

    python -m benchmarks.asyncio_sink COUNT_FILE [--delay-ms N] [--certificate PEM] [--full-every N]

Prints its port. The number of messages taken is in COUNT_FILE, as eight bytes. `--delay-ms` holds each reply back, as
a network of that round trip would; `--certificate` offers STARTTLS. With `--full-every` each so many-th recipient's
mailbox is full.
"""

import argparse
import asyncio
import mmap
import ssl
import struct
from collections import deque
from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

END_OF_DATA = b"\r\n.\r\n"
REPLIES = {
    b"HELO": b"250 sink\r\n",
    b"MAIL": b"250 2.1.0 ok\r\n",
    b"DATA": b"354 go on\r\n",
    b"RSET": b"250 2.0.0 ok\r\n",
    b"NOOP": b"250 2.0.0 ok\r\n",
    b"QUIT": b"221 2.0.0 bye\r\n",
    b"STARTTLS": b"220 2.0.0 ready\r\n",
}


RECIPIENT, FULL = b"250 2.1.5 ok\r\n", b"452 4.2.2 The mailbox is full\r\n"


class Counter:
    """A number in a file that another process may read at any time."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(struct.pack("Q", 0))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), 8)
        self._count = 0

    def add(self) -> None:
        self._count += 1
        struct.pack_into("Q", self._memory, 0, self._count)


class Sink(asyncio.Protocol):
    def __init__(
        self, counter: Counter, delay_seconds: float, tls: ssl.SSLContext | None, recipients: Iterator[bytes]
    ) -> None:
        self.counter, self.delay_seconds, self.tls, self.recipients = counter, delay_seconds, tls, recipients
        self._transport: asyncio.Transport | None = None
        self._buffer = b""
        self._in_data = self._secured = self._securing = False
        self._later: deque[bytes] = deque()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        if self._transport is None:
            self._transport = transport
            self._say(b"220 sink ESMTP\r\n")

    def data_received(self, data: bytes) -> None:
        """Answer all that has arrived at once, so that pipelined commands cost one delay."""
        self._buffer += data
        if not self._securing:
            self._answer()

    def _answer(self) -> None:
        replies = b""
        while (reply := self._next_reply()) is not None:
            replies += reply
        if replies:
            self._say(replies)

    def _next_reply(self) -> bytes | None:
        if self._in_data:
            return self._end_of_data()
        line, ended, rest = self._buffer.partition(b"\r\n")
        if not ended:
            return None
        self._buffer = rest
        verb = line.split(b" ", 1)[0].upper()
        if verb == b"EHLO":
            return self._features()
        if verb == b"RCPT":
            return next(self.recipients)
        if verb == b"DATA":
            self._in_data, self._buffer = True, b"\r\n" + rest
        elif verb == b"STARTTLS":
            self._securing = True
            asyncio.get_running_loop().create_task(self._start_tls())
        return REPLIES.get(verb, b"502 5.5.2 unknown\r\n")

    def _end_of_data(self) -> bytes | None:
        end = self._buffer.find(END_OF_DATA)
        if end < 0:
            return None
        self._buffer, self._in_data = self._buffer[end + len(END_OF_DATA) :], False
        self.counter.add()
        return b"250 2.0.0 taken\r\n"

    def _features(self) -> bytes:
        offered = [b"sink", b"PIPELINING", b"8BITMIME", b"ENHANCEDSTATUSCODES"]
        if self.tls and not self._secured:
            offered.append(b"STARTTLS")
        return b"".join(b"250-" + feature + b"\r\n" for feature in offered) + b"250 SIZE 20000000\r\n"

    def _say(self, replies: bytes) -> None:
        self._later.append(replies)
        if self.delay_seconds:
            asyncio.get_running_loop().call_later(self.delay_seconds, self._write)
        else:
            self._write()

    def _write(self) -> None:
        assert self._transport is not None
        self._transport.write(self._later.popleft())

    async def _start_tls(self) -> None:
        """What the client says first may arrive before this goes on; it is answered through the new transport."""
        assert self._transport is not None
        assert self.tls is not None
        loop = asyncio.get_running_loop()
        secured = await loop.start_tls(self._transport, self, self.tls, server_side=True)
        assert isinstance(secured, asyncio.Transport)
        self._transport, self._secured, self._securing = secured, True, False
        self._answer()


def of_recipients(full_every: int) -> Iterator[bytes]:
    """Yield the replies to recipients, of all connections together; 0 where no mailbox is full."""
    return cycle([RECIPIENT] * (full_every - 1) + [FULL] if full_every else [RECIPIENT])


async def serve(count_file: Path, *, delay_seconds: float, certificate: str, full_every: int) -> None:
    tls = None
    if certificate:
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        tls.load_cert_chain(certificate)
    counter, recipients = Counter(count_file), of_recipients(full_every)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Sink(counter, delay_seconds, tls, recipients), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count_file", type=Path)
    parser.add_argument("--delay-ms", type=float, default=0)
    parser.add_argument("--certificate", default="")
    parser.add_argument("--full-every", type=int, default=0)
    given = parser.parse_args()
    asyncio.run(
        serve(
            given.count_file,
            delay_seconds=given.delay_ms / 1000,
            certificate=given.certificate,
            full_every=given.full_every,
        )
    )


if __name__ == "__main__":
    main()
