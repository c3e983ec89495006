"""Processes that a benchmark starts: each leads a group of its own, stays on its cores, and is ended for sure."""

import json
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

ROOT = Path(__file__).resolve().parent.parent
END_SECONDS = 15
LOG_LINES_SHOWN = 30


class Failed(Exception):
    """Something that was measured did not work; the sentence is for the person who started the benchmark."""


class Process:
    """A context manager. What it prints goes to `log`, unless it is a `Program`."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        log: Path,
        cores: Collection[int] = (),
        stdin: int = subprocess.DEVNULL,
        stdout: int | None = None,
    ) -> None:
        self.command, self.log = list(command), log
        with log.open("ab") as output:
            self.popen = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=dict(environment),
                stdin=stdin,
                stdout=output if stdout is None else stdout,
                stderr=output,
                bufsize=0,
                start_new_session=True,
            )
        if cores:
            os.sched_setaffinity(self.pid, cores)

    @property
    def pid(self) -> int:
        return self.popen.pid

    @property
    def runs(self) -> bool:
        return self.popen.poll() is None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def send(self, number: int) -> None:
        """Signal the whole group, where there still is one."""
        with suppress(ProcessLookupError):
            os.killpg(self.pid, number)

    def end(self) -> None:
        """Ask it to end, then insist."""
        for stream in (self.popen.stdin, self.popen.stdout):
            if stream:
                with suppress(OSError):
                    stream.close()
        self.send(signal.SIGTERM)
        self.send(signal.SIGCONT)
        try:
            self.popen.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            self.popen.terminate()
        self.kill()

    def kill(self) -> None:
        self.send(signal.SIGKILL)
        self.popen.wait()

    def wait_for_line(self, words: str, seconds: float = 60) -> None:
        """Wait until the log holds `words`."""
        wait_until(lambda: words.encode() in self.log.read_bytes(), seconds, lambda: self._why(f"never said {words!r}"))

    def _why(self, what: str) -> str:
        lines = self.log.read_text(errors="replace").splitlines()[-LOG_LINES_SHOWN:]
        return "\n".join([f"{' '.join(self.command)} {what}; its last lines:", *lines])


class Program(Process):
    """A module of `benchmarks.programs`: says "ready", waits for "go", works, says "done" and what it found."""

    def __init__(self, module: str, *arguments: str, **options: Any) -> None:
        command = [sys.executable, "-m", f"benchmarks.programs.{module}", *arguments]
        super().__init__(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, **options)
        self._heard = b""

    def wait_ready(self, seconds: float = 120) -> None:
        self._hear("ready", seconds)

    def go(self, seconds: float) -> Any:
        """Let it work, and return what it found."""
        assert self.popen.stdin is not None
        self.popen.stdin.write(b"go\n")
        return json.loads(self._hear("done", seconds))

    def _hear(self, word: str, seconds: float) -> str:
        assert self.popen.stdout is not None
        until = time.monotonic() + seconds
        while b"\n" not in self._heard:
            readable, _, _ = select.select([self.popen.stdout], [], [], max(0, until - time.monotonic()))
            more = os.read(self.popen.stdout.fileno(), 65_536) if readable else b""
            if not more:
                raise Failed(self._why(f"did not say {word!r} within {seconds:.0f} s"))
            self._heard += more
        line, self._heard = self._heard.split(b"\n", 1)
        said, _, rest = line.decode().partition(" ")
        if said != word:
            raise Failed(self._why(f"said {line!r} instead of {word!r}"))
        return rest


class Background:
    """A program that works while others do something else; it is ready when this is made."""

    def __init__(self, program: Program, seconds: float) -> None:
        program.wait_ready()
        self._found: Any = None
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._run, args=(program, seconds), daemon=True)
        self._thread.start()

    def _run(self, program: Program, seconds: float) -> None:
        try:
            self._found = program.go(seconds)
        except Exception as error:  # noqa: BLE001  # raised where the result is asked for
            self._error = error

    def result(self, seconds: float) -> Any:
        self._thread.join(seconds)
        if self._error:
            raise self._error
        return self._found


def run_program(module: str, *arguments: str, seconds: float = 600, **options: Any) -> Any:
    """Run a program from start to end, and return what it found."""
    with Program(module, *arguments, **options) as program:
        program.wait_ready()
        return program.go(seconds)


def wait_until(
    holds: Callable[[], bool], seconds: float, why: Callable[[], str], *, pause_seconds: float = 0.05
) -> None:
    """Wait until `holds`; raises `Failed` with `why` after `seconds`."""
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            raise Failed(why())
        time.sleep(pause_seconds)


def exit_on_signals() -> None:
    """Let a signal unwind the stack, so that nothing is left behind."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
