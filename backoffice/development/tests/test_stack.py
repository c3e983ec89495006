"""`bin/dev`: it starts everything, says where it is, and leaves nothing behind."""

import json
import os
import re
import signal
import smtplib
import socket
import ssl
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from testing.processes import wait_until
from testing.servers import ports

COMMAND = [sys.executable, "-m", "backoffice.development"]
START_SECONDS = 60
STOP_SECONDS = 15
pytestmark = pytest.mark.stack
MINE = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SECRETS_KEYS", "DEBUG", "SITE_URL")


class Stack:
    """A stack on ports and in a folder of its own; what it says goes to `log`."""

    def __init__(self, var: Path) -> None:
        self.var, self.port, self.log = var, ports.free(), var / "log"
        clean = {name: value for name, value in os.environ.items() if name not in MINE}
        chosen = {"VAR_DIR": str(var), "PORT": str(self.port), "CATCHER_PORT": str(ports.free_pair())}
        self.door_port = ports.free_pair()
        chosen["SUBMISSION_PORT"] = str(self.door_port)
        self.surroundings = clean | chosen

    def start(self) -> None:
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(
                COMMAND,
                env=self.surroundings,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                umask=0o022,
            )
        self.wait_for("Everybody's password is demo-password")

    def wait_for(self, words: str) -> None:
        until = time.monotonic() + START_SECONDS
        while words not in self.log.read_text():
            assert time.monotonic() < until, self.log.read_text()
            assert self.process.poll() is None, self.log.read_text()
            time.sleep(0.1)

    def health(self) -> dict[str, object]:
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/healthz", timeout=10) as answer:
            return dict(json.load(answer))

    def family(self) -> list[psutil.Process]:
        return [*psutil.Process(self.process.pid).children(recursive=True), psutil.Process(self.process.pid)]

    def wait_until_gone(self, family: list[psutil.Process]) -> None:
        self.process.wait(STOP_SECONDS)
        _, alive = psutil.wait_procs(family, timeout=STOP_SECONDS)
        assert [process for process in alive if process.status() != psutil.STATUS_ZOMBIE] == []
        with socket.socket() as probe:
            assert probe.connect_ex(("127.0.0.1", self.port)) != 0


def readable_by_others(var: Path) -> list[str]:
    """Return what of the stack's own files others may read, but for the log, which the test itself writes."""
    return [path.name for path in var.rglob("*") if path.stat().st_mode & 0o077 and path.name != "log"]


@pytest.fixture
def stack(tmp_path: Path) -> Iterator[Stack]:
    stack = Stack(tmp_path)
    yield stack
    for process in stack.family() if psutil.pid_exists(stack.process.pid) else []:
        process.kill()
    stack.process.wait(STOP_SECONDS)


def test_everything_runs_and_sigterm_leaves_nothing_and_the_data_stays(stack: Stack) -> None:
    stack.start()
    family = stack.family()
    assert stack.health()["broker"] == "ok"
    wait_until(lambda: any(stack.var.glob("celerybeat-schedule*")), START_SECONDS, stack.log.read_text)
    assert readable_by_others(stack.var) == []
    assert stat_mode(stack.var / "dev.env") == 0o600
    stack.process.terminate()
    stack.wait_until_gone(family)
    keys = (stack.var / "dev.env").read_text()
    stack.start()
    assert (stack.var / "dev.env").read_text() == keys
    assert "superuser" not in stack.log.read_text()


def test_a_log_names_each_stage_with_its_second_and_holds_no_control_characters(stack: Stack) -> None:
    stack.surroundings["COMMAND_STARTED"] = str(time.time() - 700)
    stack.start()
    log = stack.log.read_text()
    stages = [
        "Migrating the database",
        "Adding the demo data",
        "Starting web, worker, beat, submission, broker, catcher",
    ]
    assert re.findall(r"^ 7\d\d s  (.*)$", log, re.MULTILINE) == stages
    assert re.search(r"ready 7\d\d s after you started it", log)
    assert {"\r", "\x1b"}.isdisjoint(log)


def test_an_application_sends_with_the_key_that_is_shown(stack: Stack) -> None:
    stack.start()
    secret = (stack.var / "demo.key").read_text()
    assert stat_mode(stack.var / "demo.key") == 0o600
    assert secret in stack.log.read_text()
    context = ssl.create_default_context(cafile=str(stack.var / "tls" / "authority.pem"))
    with smtplib.SMTP("localhost", stack.door_port, timeout=30) as client:
        client.starttls(context=context)
        client.login("key", secret)
        client.sendmail("shop@acme.example", ["dana@customer.example"], b"Subject: First message\r\n\r\nIt works.\r\n")
    until = time.monotonic() + START_SECONDS
    while not any(b"First message" in mail.read_bytes() for mail in (stack.var / "mail").glob("*.eml")):
        assert time.monotonic() < until, stack.log.read_text()
        time.sleep(0.2)


def test_ctrl_c_ends_the_whole_group(stack: Stack) -> None:
    stack.start()
    family = stack.family()
    os.killpg(stack.process.pid, signal.SIGINT)
    stack.wait_until_gone(family)
    assert stack.process.returncode == 130


@pytest.mark.parametrize("which", [0, -2])
def test_a_killed_child_ends_the_others(stack: Stack, which: int) -> None:
    stack.start()
    family = stack.family()
    family[which].kill()
    stack.wait_until_gone(family)
    assert stack.process.returncode != 0


def test_a_port_in_use_is_named_with_the_variable(tmp_path: Path) -> None:
    stack = Stack(tmp_path)
    with socket.create_server(("127.0.0.1", stack.port)):
        done = subprocess.run(COMMAND, env=stack.surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith(f"Cannot start: port {stack.port} is in use. Choose another one with PORT")


def test_a_wrong_port_is_refused_with_a_sentence(tmp_path: Path) -> None:
    surroundings = Stack(tmp_path).surroundings | {"PORT": "http"}
    done = subprocess.run(COMMAND, env=surroundings, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr == "Cannot start: PORT must be a whole number of at least 1, not 'http'.\n"


def test_commands_of_django_run_in_the_same_environment(tmp_path: Path) -> None:
    code = "from django.conf import settings; print(settings.DEBUG, settings.DATABASES['default']['NAME'])"
    command = [*COMMAND, "manage.py", "shell", "--no-imports", "-c", code]
    done = subprocess.run(command, env=Stack(tmp_path).surroundings, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == f"True {tmp_path / 'backoffice.sqlite3'}"


def stat_mode(path: Path) -> int:
    return path.stat().st_mode & 0o777
