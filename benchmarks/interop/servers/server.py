"""What the lab asks of a server: to be fetched, configured, started, and stopped. One file for each kind."""

import socket
from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from pathlib import Path
from typing import ClassVar

from benchmarks.interop.mailbox import Mailbox, Received
from benchmarks.interop.workspace import Certificate, Setup, Workspace
from benchmarks.processes import Failed, Process, wait_until
from benchmarks.surroundings import basic

START_SECONDS = 30
GREETING_SECONDS = 10


class Offer(Enum):
    """What not every server has: a scenario that needs it is left out elsewhere."""

    REFUSAL_AT_MAIL = auto()
    REFUSAL_AT_RCPT = auto()
    GREYLISTING = auto()
    FULL_MAILBOX = auto()
    CONNECTION_LIMIT = auto()
    RATE_LIMIT = auto()
    SIGNING = auto()
    QUEUE = auto()  # what it has accepted outlives it


@dataclass(frozen=True)
class Companion:
    """What runs beside a server, started before and ended after it; `address` is its port, or its socket."""

    command: Sequence[str]
    address: int | Path

    def listens(self) -> bool:
        if isinstance(self.address, Path):
            return self.address.exists()
        with suppress(OSError), socket.create_connection(("127.0.0.1", self.address), timeout=GREETING_SECONDS):
            return True
        return False


class Server(ABC):
    """It takes mail with STARTTLS and sign-in, and what it has taken comes to the mailbox behind it."""

    name: ClassVar[str]
    offers: ClassVar[frozenset[Offer]] = frozenset()
    takes_utf8: ClassVar[bool] = False  # SMTPUTF8 (RFC 6531)

    def __init__(self, workspace: Workspace, mailbox: Mailbox) -> None:
        self.workspace, self._mailbox = workspace, mailbox
        self.setup = Setup()
        self._running = ExitStack()

    @abstractmethod
    def fetch(self) -> str:
        """Get the program where it is not here yet, and return its version."""

    @abstractmethod
    def configure(self) -> None:
        """Write the configuration that `setup` asks for into the folder of the workspace."""

    @abstractmethod
    def command(self) -> list[str]:
        """Return what starts it, in the foreground."""

    def companions(self) -> Sequence[Companion]:
        """Return what helps it to sign people in, to greylist, to sign."""
        return []

    def prepare(self, setup: Setup) -> None:
        """Have it run as `setup` asks."""
        if setup == self.setup and self.running:
            return
        self.close()
        self.setup = setup
        self.configure()
        for number, companion in enumerate(self.companions()):
            log = self.workspace.logs / f"companion{number}.out"
            self._running.enter_context(Process(companion.command, environment=basic(), log=log))
            wait_until(companion.listens, START_SECONDS, partial(str, f"a companion does not listen; see {log}"))
        self.start()

    @property
    def running(self) -> bool:
        process = getattr(self, "_process", None)
        return process is not None and process.runs

    def start(self) -> None:
        log = self.workspace.logs / f"{self.name}.out"
        self._process = Process(self.command(), environment=basic(), log=log)
        wait_until(
            self._greets_or_ended, START_SECONDS, lambda: f"{self.name} does not greet; see {self.workspace.logs}"
        )
        if not self.running:
            raise Failed(f"{self.name} has ended; see {self.workspace.logs}")

    def stop(self) -> None:
        """End it as an administrator does."""
        self._process.end()

    def kill(self) -> None:
        """End it and all its children at once."""
        self._process.kill()

    def close(self) -> None:
        if self.running:
            self.stop()
        self._running.close()

    @property
    def certificate(self) -> Certificate:
        return self.workspace.certificates[self.setup.identity]

    @property
    def zone(self) -> dict[str, str]:
        """Return the TXT records that a receiver needs to verify what it signs."""
        return {}

    @property
    def received(self) -> list[Received]:
        """Return what has come out behind it so far."""
        return self._mailbox.received

    def mislaid(self) -> set[str]:
        """Return the Message-IDs of mail that it says it took, and then lost by a fault of its own."""
        return set()

    def _greets_or_ended(self) -> bool:
        return not self.running or self._greets()

    def _greets(self) -> bool:
        with (
            suppress(OSError),
            socket.create_connection(("127.0.0.1", self.workspace.port), timeout=GREETING_SECONDS) as connection,
        ):
            return connection.recv(4) in (b"220 ", b"220-")
        return False
