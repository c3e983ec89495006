"""The product as it is installed, with one SMTP server: broker, a worker, beat, and a database of its own."""

import json
import sys
import time
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Event
from typing import Any

from benchmarks import surroundings
from benchmarks.chaos.smtp_server import Mail
from benchmarks.databases import Databases
from benchmarks.interop.workspace import PASSWORD, SENDER, USERNAME, Workspace
from benchmarks.processes import Failed, Process, Program

# What faults of a server cost here, so that a run with faults ends; the product's own delays are minutes and hours.
SHORT_DELAYS = {
    "RETRY_SECONDS": "5,10,20",
    "BREAKER_SECONDS": "5,10,15",
    "UNCERTAIN_RESEND_SECONDS": "10",
}
# Its own, but for what is sent a second time after a long while, in case it has not arrived.
OWN_DELAYS = {"UNCERTAIN_RESEND_SECONDS": "10"}
LOG = """
    SELECT email.message_id, delivery.recipient, delivery.status, delivery.status_reason, delivery.possible_duplicate
    FROM delivery_delivery delivery JOIN delivery_email email ON email.id = delivery.email_id
"""
TRIES = """
    SELECT email.message_id, attempt.outcome, attempt.phase, attempt.reply_code, attempt.reply_text
    FROM delivery_attempt attempt JOIN delivery_delivery delivery ON delivery.id = attempt.delivery_id
    JOIN delivery_email email ON email.id = delivery.email_id
"""
TO_SEND = """
    SELECT count(*) FROM delivery_delivery
    WHERE status IN ('QUEUED', 'SENDING', 'DEFERRED') OR (status = 'HELD' AND due_at IS NOT NULL)
"""
UNDER_WAY = f"{TO_SEND} OR (status = 'UNCERTAIN' AND due_at IS NOT NULL)"  # without a person
SUPPRESSED = "SELECT address FROM delivery_suppression"
LOOK_SECONDS = 0.05
ACT_SECONDS, CHECK_SECONDS = 120, 60


@dataclass(frozen=True)
class Patience:
    """No wait for mail is longer than `seconds`; none goes on when the run is `over`."""

    seconds: float
    over: Event

    def wait(self, holds: Callable[[], bool], seconds: float | None = None) -> bool:
        """Wait until `holds`; return whether it does before the time is over. Raises `Failed` when the run is."""
        until = time.monotonic() + (self.seconds if seconds is None else seconds)
        while not (held := holds()) and time.monotonic() < until:
            if self.over.wait(LOOK_SECONDS):
                raise Failed("The run was ended.")
        return held


@dataclass(frozen=True)
class Entry:
    """A delivery as the log has it."""

    status: str
    why: str
    possible_duplicate: bool


@dataclass(frozen=True)
class Try:
    """`reply` is the phase, the code and the words with which it ended."""

    message_id: str
    outcome: str
    reply: str


@dataclass(frozen=True)
class Check:
    """How a check ended: the step and the sentence are those of its failure, "" where it passed."""

    passed: bool
    step: str
    sentence: str
    diagnosis: str


class Inside(Program):
    """The program that acts inside the product."""

    def do(self, act: str, *arguments: object) -> Any:
        assert self.popen.stdin is not None
        self.popen.stdin.write(json.dumps([act, *arguments]).encode() + b"\n")
        return json.loads(self._hear("done", ACT_SECONDS))


@dataclass(frozen=True)
class Product:
    databases: Databases
    database: str
    environment: Mapping[str, str]
    logs: Path
    inside: Inside
    patience: Patience

    def use(self, port: int, secret: str = PASSWORD, **values: Any) -> None:
        """Make a server of which nothing is known yet the platform's; `values` differ from an ordinary one's."""
        ordinary = {
            "host": "localhost",
            "port": port,
            "security": "STARTTLS",
            "auth": "PASSWORD",
            "username": USERNAME,
            "sender_name": "Shop",
            "sender_address": SENDER,
        }
        self.inside.do("use", secret, ordinary | values)

    def accept(self, recipients: Collection[str]) -> list[Mail]:
        """Accept a message to each, which leave at once; return Message-IDs and recipients."""
        return list(zip(self.inside.do("accept", list(recipients)), recipients, strict=True))

    def check(self, kind: str, person: str) -> Check:
        """Have the server checked, or a test e-mail sent to `person`, and wait for the end."""
        number = self.inside.do("check", kind, person)
        sql = f"SELECT status, steps FROM smtp_settings_smtpcheck WHERE id = {int(number)}"
        if not self.patience.wait(lambda: self.rows(sql)[0][0] in ("PASSED", "FAILED"), CHECK_SECONDS):
            raise Failed("no worker ended a check")
        status, steps = self.rows(sql)[0]
        failed: dict[str, str] = next((step for step in _json(steps) if not step["ok"]), {})
        words = (failed.get(name, "") for name in ("step", "sentence", "diagnosis"))
        return Check(status == "PASSED", *words)

    def wait_until_sent_or_in_doubt(self) -> None:
        """Wait until nothing is to be sent, but what may have arrived already, or the time is over."""
        self.patience.wait(lambda: not self.rows(TO_SEND)[0][0])

    def wait_until_final(self) -> None:
        """Wait until nothing goes on any more without a person, or the time is over."""
        self.patience.wait(lambda: not self.rows(UNDER_WAY)[0][0])

    @property
    def log(self) -> dict[Mail, Entry]:
        return {(row[0], row[1]): Entry(row[2], row[3], bool(row[4])) for row in self.rows(LOG)}

    @property
    def tries(self) -> list[Try]:
        return [Try(row[0], row[1], f"{row[2]} {row[3] or ''} {row[4]}") for row in self.rows(TRIES)]

    @property
    def suppressed(self) -> set[str]:
        return {row[0] for row in self.rows(SUPPRESSED)}

    @property
    def pause(self) -> str:
        """Return why the server in use is paused, "" while it is not."""
        sql = """
            SELECT server.pause_reason FROM smtp_settings_smtpserver server
            JOIN smtp_settings_communication communication ON communication.server_id = server.id
            WHERE server.state = 'PAUSED'
        """
        return "; ".join(row[0] or "without a reason" for row in self.rows(sql))

    def rows(self, sql: str) -> Any:
        return self.databases.rows(self.database, sql)


def _json(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value


@contextmanager
def at_work(
    databases: Databases,
    template: str,
    name: str,
    workspace: Workspace,
    delays: Mapping[str, str],
    patience: Patience,
) -> Iterator[Product]:
    """Install the product and run all of it: broker, worker and beat, as the Procfile does."""
    beat = [sys.executable, "-m", "celery", "-A", "backoffice", "beat"]
    logs = workspace.logs
    with ExitStack() as stack:
        stack.callback(databases.drop, name)
        environment = surroundings.of_product(databases.copy(template, name), workspace.folder) | {
            "SMTP_CA_FILE": str(workspace.authority),
            **delays,
        }
        stack.enter_context(surroundings.start_broker(workspace.folder))
        for part, command in {"worker": surroundings.worker_command("worker"), "beat": beat}.items():
            stack.enter_context(Process(command, environment=environment, log=logs / f"{part}.log"))
        inside = stack.enter_context(Inside("interop", environment=environment, log=logs / "inside.log"))
        inside.wait_ready()
        inside.do("applications")
        surroundings.wait_for_workers(workspace.folder, 1)
        yield Product(databases, name, environment, logs, inside, patience)
