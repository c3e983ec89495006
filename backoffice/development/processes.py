"""honcho's manager, with what it lacks: it says when the product answers, and survives whatever happens to a child."""

import os
import signal
import threading
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from honcho.manager import Manager
from honcho.printer import Message, Printer

from backoffice.development.progress import elapsed_seconds

POLL_SECONDS = 0.25
ANSWER_SECONDS = 5
NAME = "ready"
KEY_FILE = "demo.key"
ADDRESSES = """
The product runs; it was ready {seconds:.0f} s after you started it.

  Owner's console       {site}/backoffice/          owner@builder.example
  White-label console   {site}/whitelabel/          alice@acme.example (Acme), bob@globex.example (Globex)
  Caught mail           {site}/backoffice/catcher/  SMTP on 127.0.0.1:{catcher} (STARTTLS), {catcher_tls} (implicit TLS)
  HTTP for applications {site}/api/emails           described at {site}/api/docs
  SMTP for applications localhost:{door} (STARTTLS), {door_tls} (implicit TLS); authority {var}/tls/authority.pem
    with the key {key} (SMTP: as the password, with any user name)

  Everybody's password is demo-password. Ctrl-C stops everything; what was done stays in {var}.
"""


class CalmPrinter(Printer):
    """A terminal that was closed must not end the loop that ends the processes."""

    def write(self, message: Message) -> None:
        with suppress(OSError):
            super().write(message)


class Processes:
    """`commands` maps names to shell commands."""

    def __init__(self, commands: Mapping[str, str], *, cwd: Path, port: int) -> None:
        self.manager = Manager(CalmPrinter())
        self.address = f"http://127.0.0.1:{port}/healthz"
        self._done = threading.Event()
        for name, command in commands.items():
            self.manager.add_process(name, command, cwd=str(cwd))

    def run(self) -> int:
        """Run until everything has ended; return the exit code."""
        watcher = threading.Thread(target=self._watch, daemon=True)
        signal.signal(signal.SIGHUP, lambda *_: os.kill(os.getpid(), signal.SIGTERM))
        watcher.start()
        try:
            self.manager.loop()
        finally:
            self._done.set()
            watcher.join(ANSWER_SECONDS + 1)
        return int(self.manager.returncode or 0)

    def _watch(self) -> None:
        """Say once that the product answers; until the end, notice keepers that were killed."""
        ready = False
        while not self._done.wait(POLL_SECONDS):
            ready = ready or self._report_ready()
            self._end_the_orphaned()

    def _report_ready(self) -> bool:
        if not self._answers():
            return False
        port, var = int(os.environ["CATCHER_PORT"]), Path(os.environ["VAR_DIR"])
        values = {"site": os.environ["SITE_URL"], "catcher": port, "catcher_tls": port + 1, "var": var}
        values |= {"door": os.environ["SUBMISSION_PORT"], "door_tls": os.environ["SUBMISSION_TLS_PORT"]}
        values["key"] = (var / KEY_FILE).read_text() if (var / KEY_FILE).exists() else "the secret of a key (Keys)"
        self._put("line", ADDRESSES.format(seconds=elapsed_seconds(), **values))
        return True

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(self.address, timeout=ANSWER_SECONDS) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False

    def _end_the_orphaned(self) -> None:
        """End a process whose keeper (honcho has one for each) was killed, and report it as stopped."""
        for name, state in self.manager._processes.items():
            keeper = state.get("process")
            if keeper is None or keeper.exitcode in (None, 0) or "returncode" in state or "pid" not in state:
                continue
            with suppress(ProcessLookupError):
                os.killpg(state["pid"], signal.SIGKILL)
            self._put("stop", {"returncode": keeper.exitcode}, name=name)

    def _put(self, kind: str, data: Any, *, name: str = NAME) -> None:
        self.manager.events.put(Message(type=kind, data=data, time=datetime.now(), name=name, colour=None))
