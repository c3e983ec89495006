"""The whole product as processes that may be killed at any time, and whoever starts them again."""

import random
import signal
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Self

from redis import Redis
from redis.exceptions import RedisError

from benchmarks.processes import Process, wait_until
from benchmarks.sinks import listens
from benchmarks.surroundings import broker_socket, worker_command

WORKERS = ("worker1", "worker2")
WATCH_SECONDS = 0.1
RESTART_SECONDS = (0.2, 2.0)


class Stack:
    """A context manager: starts everything, restarts what ended, and ends everything."""

    def __init__(self, environment: Mapping[str, str], folder: Path, port: int, smtp_port: int, seed: int) -> None:
        self.environment, self.folder, self.port, self.smtp_port = environment, folder, port, smtp_port
        self.ended_alone: Counter[str] = Counter()
        self._random = random.Random(seed)
        self._commands = {
            "broker": [sys.executable, "-m", "backoffice.development.broker"],
            **{name: worker_command(name) for name in WORKERS},
            "beat": [sys.executable, "-m", "celery", "-A", "backoffice", "beat"],
            "web": [
                sys.executable,
                "-m",
                "gunicorn",
                "backoffice.wsgi",
                "--workers",
                "1",
                "--threads",
                "4",
                "--bind",
                f"127.0.0.1:{port}",
            ],
            "submission": [sys.executable, "manage.py", "smtp_submission"],
        }
        self._running: dict[str, Process] = {}
        self._due: dict[str, float] = {}
        self._lock, self._over = threading.RLock(), threading.Event()
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(self._commands)

    def __enter__(self) -> Self:
        for name in self._commands:
            self._start(name)
            if name == "broker":
                wait_until(broker_socket(self.folder).exists, 20, lambda: "the broker did not start")
        self._thread.start()
        wait_until(self._answers, 60, lambda: f"the web server does not answer; see {self.folder}")
        wait_until(lambda: listens(self.smtp_port), 60, lambda: f"SMTP submission does not listen; see {self.folder}")
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        for process in reversed(self._running.values()):
            process.end()

    def kill(self, name: str, *, away_seconds: float | None = None) -> None:
        """Kill a process and its children the hard way; it is started again after a moment, or `away_seconds`."""
        with self._lock:
            if name in self._running and name not in self._due:
                self._running[name].kill()
                away = self._random.uniform(*RESTART_SECONDS) if away_seconds is None else away_seconds
                self._due[name] = time.monotonic() + away

    def freeze(self, name: str) -> bool:
        """Stop a process where it stands; return whether it ran."""
        with self._lock:
            runs = name not in self._due and self._running[name].runs
            self._running[name].send(signal.SIGSTOP)
            return runs

    def thaw(self, name: str) -> None:
        with self._lock:
            self._running[name].send(signal.SIGCONT)

    def flush_broker(self) -> None:
        with suppress(RedisError), Redis(unix_socket_path=str(broker_socket(self.folder))) as broker:
            broker.flushall()

    def _start(self, name: str) -> None:
        log = self.folder / f"{name}.log"
        more = {"DEBUG": "1"} if name == "web" else {}  # serves its own static files
        self._running[name] = Process(self._commands[name], environment={**self.environment, **more}, log=log)

    def _watch(self) -> None:
        while not self._over.wait(WATCH_SECONDS):
            with self._lock:
                for name in self._commands:
                    self._revive(name)

    def _revive(self, name: str) -> None:
        if name in self._due:
            if time.monotonic() >= self._due[name]:
                del self._due[name]
                self._start(name)
        elif not self._running[name].runs:
            self.ended_alone[name] += 1
            self._due[name] = time.monotonic() + 1

    def _answers(self) -> bool:
        with (
            suppress(OSError),
            urllib.request.urlopen(f"http://127.0.0.1:{self.port}/accounts/login/", timeout=5) as page,
        ):
            return page.status == 200
        return False
