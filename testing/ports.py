"""Ports that nobody listens on."""

import socket
from contextlib import ExitStack


def free_pair() -> int:
    """Return a port that is free, as is the one above it."""
    while True:
        with ExitStack() as stack:
            first = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
            port: int = first.getsockname()[1]
            try:
                stack.enter_context(socket.create_server(("127.0.0.1", port + 1)))
            except (OSError, OverflowError):
                continue
            return port


def free() -> int:
    return free_pair()
