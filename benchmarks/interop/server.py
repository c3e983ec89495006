"""What the lab asks of a server: to be fetched, configured, started, and stopped. One file for each kind."""

import socket
from abc import ABC, abstractmethod
from contextlib import suppress
from typing import ClassVar, Self

from benchmarks.interop.workspace import Workspace
from benchmarks.processes import Process, wait_until
from benchmarks.surroundings import basic

START_SECONDS = 30
GREETING_SECONDS = 10


class Server(ABC):
    """A context manager while it runs. It takes mail with STARTTLS and sign-in, and relays it to the sink."""

    name: ClassVar[str]

    def __init__(self, workspace: Workspace) -> None:
        self.workspace = workspace

    @abstractmethod
    def fetch(self) -> str:
        """Get the program where it is not here yet, and return its version."""

    @abstractmethod
    def configure(self) -> None:
        """Write the configuration into the folder of the workspace."""

    @abstractmethod
    def command(self) -> list[str]:
        """Return what starts it, in the foreground."""

    def __enter__(self) -> Self:
        log = self.workspace.logs / f"{self.name}.out"
        self._process = Process(self.command(), environment=basic(), log=log)
        try:
            wait_until(self._greets, START_SECONDS, lambda: f"{self.name} does not greet; see {self.workspace.logs}")
        except BaseException:
            self._process.end()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        self._process.end()

    def _greets(self) -> bool:
        with (
            suppress(OSError),
            socket.create_connection(("127.0.0.1", self.workspace.port), timeout=GREETING_SECONDS) as connection,
        ):
            return connection.recv(4) == b"220 "
        return False
