"""Whether the ports of the stack are free, said before anything starts."""

import socket

from backoffice.environment import port, stop

HOST = "127.0.0.1"


def require_free() -> None:
    """Stop with a sentence where a port is taken."""
    web, catcher = port("PORT", 8000), port("CATCHER_PORT", 1025)
    if catcher == 65_535:
        stop("CATCHER_PORT must leave room for the port above it: at most 65534.")
    door, secure_door = port("SUBMISSION_PORT", 1587), port("SUBMISSION_TLS_PORT", 1588)
    chosen = ((web, "PORT"), (catcher, "CATCHER_PORT"), (catcher + 1, "CATCHER_PORT"))
    for number, variable in (*chosen, (door, "SUBMISSION_PORT"), (secure_door, "SUBMISSION_TLS_PORT")):
        if why := _why_taken(number):
            another = number + 1000 if number < 60_000 else 8100
            stop(f"port {number} {why}. Choose another one with {variable}, for example: {variable}={another} bin/dev")


def _why_taken(number: int) -> str:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, number))
        except PermissionError:
            return "may only be used by the system's administrator"
        except OSError:
            return "is in use"
    return ""
