"""Post N messages over kept connections: `python -m benchmarks.programs.http_client PORT PATH N CONNECTIONS`.

With `--batch` each request has so many; with `--pause-ms` a connection rests before each. The key is in the
environment, as SECRET. Finds the seconds that it took, and the percentiles of one request in milliseconds.
"""

import argparse
import json
import os
import re
import socket

from benchmarks import sample
from benchmarks.processes import Failed
from benchmarks.programs import take_part
from benchmarks.programs.crowd import shared_out

HEAD_END = b"\r\n\r\n"
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
LAST_CHUNK = b"0\r\n\r\n"
TIMEOUT_SECONDS = 60


class Connection:
    """It is kept (HTTP/1.1), and costs next to nothing beside what is measured."""

    def __init__(self, port: int, path: str) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_SECONDS)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost:{port}\r\nAuthorization: Bearer {os.environ['SECRET']}\r\n"
            "Content-Type: application/json\r\nContent-Length: "
        ).encode()

    def post(self, body: bytes) -> None:
        """Raises `Failed` where the answer is not positive."""
        self._socket.sendall(b"%b%d%b%b" % (self._head, len(body), HEAD_END, body))
        answer = self._answer()
        if not answer.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")):
            raise Failed(answer.decode(errors="replace"))

    def _answer(self) -> bytes:
        answer = b""
        while not is_whole(answer):
            more = self._socket.recv(65_536)
            if not more:
                raise Failed(f"the answer ended early: {answer!r}")
            answer += more
        return answer


def is_whole(answer: bytes) -> bool:
    head, ended, body = answer.partition(HEAD_END)
    length = LENGTH.search(head)
    if not length:
        return bool(ended) and body.endswith(LAST_CHUNK)
    return bool(ended) and len(body) >= int(length[1])


def message(number: int) -> dict[str, str]:
    return {
        "from": f"Shop <{sample.SENDER}>",
        "to": sample.recipient(number),
        "subject": sample.SUBJECT,
        "text": sample.TEXT,
        "html": sample.HTML,
    }


def body(number: int, batch: int) -> bytes:
    """Return a message, or `batch` different ones."""
    if not batch:
        return json.dumps(message(number)).encode()
    return json.dumps([message(number * batch + offset) for offset in range(batch)]).encode()


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("port", type=int)
    parser.add_argument("path")
    parser.add_argument("count", type=int)
    parser.add_argument("connections", type=int)
    parser.add_argument("--batch", type=int, default=0)
    parser.add_argument("--pause-ms", type=float, default=0)
    given = parser.parse_args()
    requests = given.count // (given.batch or 1)
    bodies = [body(number, given.batch) for number in range(requests)]
    connections = [Connection(given.port, given.path) for _ in range(given.connections)]

    def post(connection: Connection, number: int) -> None:
        connection.post(bodies[number])

    take_part(lambda: shared_out(connections, requests, post, given.pause_ms / 1000))


if __name__ == "__main__":
    main()
