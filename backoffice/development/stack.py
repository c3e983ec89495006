"""Run the whole product in one terminal until Ctrl-C, SIGTERM, or the end of one of its processes."""

import fcntl
import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from honcho.environ import parse_procfile

from backoffice.development import environment, ports
from backoffice.development.processes import Processes
from backoffice.development.progress import say
from backoffice.environment import EXIT_CODE, stop

USAGE = """Usage: bin/dev
       bin/dev manage.py COMMAND ...

Sets everything up and runs the product: web server, worker, beat, SMTP submission, broker and mail catcher.
Ctrl-C stops it. With manage.py, runs a command of Django's, such as shell, on what is running in another terminal.

PORT, CATCHER_PORT and SUBMISSION_PORT choose the ports (8000; 1025 and 1587, and the ones above them). DATABASE_URL and
REDIS_URL name a database and a broker to use instead of the embedded ones. VAR_DIR is where data is kept (var).
A file .env is read as well.
"""


def main(arguments: Sequence[str]) -> int:
    if arguments[:1] == ["manage.py"]:
        environment.set_up()
        os.execv(sys.executable, [sys.executable, str(environment.ROOT / "manage.py"), *arguments[1:]])
    if arguments:
        print(USAGE, end="")
        return 0 if arguments[0] in ("-h", "--help") else 2
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        var = environment.set_up()
        with only_one(var):
            ports.require_free()
            prepare()
            return run(var)
    except KeyboardInterrupt:
        return 130


@contextmanager
def only_one(var: Path) -> Iterator[None]:
    """Refuse a second stack on the same folder; the lock ends with the last process of the first."""
    with (var / "dev.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stop(f"bin/dev already runs with the data in {var}. Choose another folder with VAR_DIR, or stop it.")
        yield


def prepare() -> None:
    """Bring the database up to date and fill it with the demo, both without harm when done before."""
    say("Migrating the database")
    quiet = os.environ | {"LOG_LEVEL": "ERROR"}  # that the broker is not there yet is no news
    command = [sys.executable, "-m", "backoffice.development.database"]
    done = subprocess.run(command, cwd=environment.ROOT, env=quiet, check=False)
    if done.returncode == EXIT_CODE:
        sys.exit(EXIT_CODE)
    if done.returncode:
        stop("the database could not be prepared; the reason is above.")


def run(var: Path) -> int:
    commands = dict(parse_procfile((environment.ROOT / "Procfile").read_text()).processes)
    if not environment.broker_is_embedded(var):
        del commands["broker"]
    say(f"Starting {', '.join(commands)}")
    return Processes(commands, cwd=environment.ROOT, port=int(os.environ["PORT"])).run()
