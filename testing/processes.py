"""Processes of the product as production starts them, on the tests' database and broker."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import pytest
from django.conf import settings

ROOT = Path(__file__).resolve().parent.parent
START_SECONDS = STOP_SECONDS = 60
CELERY = [sys.executable, "-m", "celery", "-A", "backoffice"]
WORKER = [*CELERY, "worker", "-P", "threads", "-c", "4", "--without-gossip", "--without-mingle"]


def database_url() -> str:
    """Return the address of the tests' own database."""
    name = str(settings.DATABASES["default"]["NAME"])
    if settings.DATABASES["default"]["ENGINE"].endswith("sqlite3"):
        return f"sqlite:///{name}"
    return urlsplit(os.environ["TEST_DATABASE_URL"])._replace(path=f"/{name}").geturl()


class ProductProcess:
    """A process with what it says, which is in `log`."""

    def __init__(self, command: list[str], environment: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("wb") as output:
            self._popen = subprocess.Popen(
                command, cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT, start_new_session=True
            )

    @property
    def said(self) -> str:
        return self.log.read_text(errors="replace")

    @property
    def runs(self) -> bool:
        return self._popen.poll() is None

    def wait_for(self, words: str, seconds: float = START_SECONDS) -> None:
        """Wait until it has said `words`."""
        wait_until(lambda: words in self.said or not self.runs, seconds, lambda: f"never said {words!r}:\n{self.said}")
        assert words in self.said, f"ended without {words!r}:\n{self.said}"

    def wait(self, seconds: float = START_SECONDS) -> int:
        """Return the exit code of a process that ends by itself."""
        return self._popen.wait(seconds)

    def send(self, number: int) -> None:
        """Signal it and its children."""
        with suppress(ProcessLookupError):
            os.killpg(self._popen.pid, number)

    def end(self) -> None:
        self.send(signal.SIGTERM)
        self.send(signal.SIGCONT)
        with suppress(subprocess.TimeoutExpired):
            self._popen.wait(STOP_SECONDS)
        self.send(signal.SIGKILL)
        self._popen.wait()


def wait_until(is_so: Callable[[], object], seconds: float, otherwise: Callable[[], str]) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, otherwise()
        time.sleep(0.05)


class ProcessFactory(Protocol):
    """`environment` is what differs from that of the tests."""

    def __call__(self, command: list[str], **environment: str) -> ProductProcess: ...


@pytest.fixture
def process_factory(tmp_path: Path) -> Iterator[ProcessFactory]:
    """Start processes on the tests' database; all end with the test."""
    started: list[ProductProcess] = []

    def start(command: list[str], **environment: str) -> ProductProcess:
        var = tmp_path / f"var-{len(started)}"
        here = {"DATABASE_URL": database_url(), "VAR_DIR": str(var), "C_FORCE_ROOT": "1", "PYTHONUNBUFFERED": "1"}
        process = ProductProcess(command, os.environ | here | environment, tmp_path / f"{len(started)}.log")
        started.append(process)
        return process

    yield start
    for process in started:
        process.end()
