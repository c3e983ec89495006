"""Ports that nobody listens on; below those that the system hands out itself, to servers and clients beside us."""

import secrets
import socket
from contextlib import ExitStack

FIRST, LAST = 20_000, 32_000


def free_pair() -> int:
    """Return a port that is free, as is the one above it."""
    while True:
        with ExitStack() as stack:
            port = FIRST + secrets.randbelow(LAST - FIRST)  # `random` is seeded alike in each process of a test run
            try:
                for number in (port, port + 1):
                    stack.enter_context(socket.create_server(("127.0.0.1", number)))
            except OSError:
                continue
            return port


def free() -> int:
    return free_pair()
