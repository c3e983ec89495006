"""What the lab asks of a DNS server: to be fetched, configured, started, and stopped. One file for each kind."""

import socket
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

import dns.exception
import dns.message
import dns.query

from benchmarks.interop import debian
from benchmarks.processes import Process, wait_until
from benchmarks.surroundings import basic

START_SECONDS = 90  # on a machine that is busy with something else
STOP_SECONDS = 30
ANSWER_SECONDS = 0.2  # nothing says that a UDP port is closed; a question is asked again instead
DNS_PORT = 53


@dataclass(frozen=True)
class Zone:
    """A zone that a server is told to serve; where `file` does not exist, it cannot."""

    origin: str
    file: Path
    signed: bool = False


class NameServer(ABC):
    """A context manager while it runs; it may be stopped and started again. `role` is its part in the lab."""

    name: ClassVar[str]
    package: ClassVar[str]

    def __init__(self, role: str, folder: Path, logs: Path, addresses: Sequence[str], zones: Sequence[Zone]) -> None:
        self.role, self.folder, self.addresses, self.zones = role, folder / role, tuple(addresses), tuple(zones)
        self.log = logs / f"{self.name}-{role}.log"

    @classmethod
    def fetch(cls) -> debian.Tree:
        """Get the program where it is not here yet."""
        return debian.fetch(cls.package)

    @abstractmethod
    def configure(self) -> None:
        """Write the configuration into `folder`."""

    @abstractmethod
    def command(self) -> list[str]:
        """Return what starts it, in the foreground."""

    def __enter__(self) -> Self:
        self.folder.mkdir(exist_ok=True)
        debian.write_accounts(self.folder / "accounts")
        self.configure()
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> None:
        self._process = Process(self.installed(self.command()), environment=basic(), log=self.log)
        try:
            wait_until(self._answers, START_SECONDS, lambda: f"{self.name} ({self.role}) is silent; see {self.log}")
        except BaseException:
            self.stop()
            raise

    def stop(self) -> None:
        """End it at once: the first of a process namespace may be deaf to SIGTERM, and there is nothing to save."""
        self._process.kill()
        wait_until(self._is_gone, STOP_SECONDS, lambda: f"{self.name} ({self.role}) does not let go of its port")

    def installed(self, command: Sequence[str]) -> list[str]:
        """Return how to run `command` where the packages of this kind are installed."""
        return self.fetch().command(command, self.folder / "accounts")

    def _is_gone(self) -> bool:
        family = socket.AF_INET6 if ":" in self.addresses[0] else socket.AF_INET
        with socket.socket(family, socket.SOCK_DGRAM) as place:
            try:
                place.bind((self.addresses[0], DNS_PORT))
            except OSError:
                return False
        return True

    def _answers(self) -> bool:
        """Return whether it answers anything at all at each of its addresses."""
        query = dns.message.make_query(".", "SOA")
        for address in self.addresses:
            try:
                dns.query.udp(query, address, timeout=ANSWER_SECONDS, port=DNS_PORT)
            except (OSError, dns.exception.DNSException):
                return False
        return True
