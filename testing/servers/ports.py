"""Ports that nobody listens on; below those that the system hands out itself, to servers and clients beside us.

Each process of a test run has a range of its own: a server may take seconds until it listens at the port it was given.
"""

import os
import secrets
import socket
from contextlib import ExitStack

FIRST, LAST = 20_000, 32_000
RANGES = 8
SIZE = (LAST - FIRST) // RANGES


def free_pair() -> int:
    """Return a port that is free, as is the one above it."""
    while True:
        with ExitStack() as stack:
            port = _first() + secrets.randbelow(SIZE)  # `random` is seeded alike in each process of a test run
            try:
                for number in (port, port + 1):
                    stack.enter_context(socket.create_server(("127.0.0.1", number)))
            except OSError:
                continue
            return port


def free() -> int:
    return free_pair()


def _first() -> int:
    """Return where the range of this process begins: they are called gw0, gw1 and so on."""
    number = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
    return FIRST + int(number) % RANGES * SIZE
