"""Make .venv with the pinned requirements unless that is done, then become the module named first, inside it."""

import ast
import fcntl
import hashlib
import math
import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = str(VENV / "bin" / "python")
REQUIREMENTS = ROOT / "requirements-dev.txt"
STAMP = VENV / "requirements.sha256"
LOG = ROOT / "var" / "set-up.log"

UV = ROOT / "bin" / "uv.txt"
UV_SECONDS = 60  # to fetch it; where that takes longer, pip alone is no worse
UV_NAMES = {
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "find-links": "UV_FIND_LINKS",
    "no-index": "UV_OFFLINE",
    "trusted-host": "UV_INSECURE_HOST",
    "cert": "SSL_CERT_FILE",
    "proxy": "ALL_PROXY",
}
AS_PIP_DOES = {"UV_SYSTEM_CERTS": "true", "UV_INDEX_STRATEGY": "unsafe-best-match"}  # the latter: no index goes first

STARTED = float(os.environ.get("COMMAND_STARTED", "").replace(",", ".") or time.time())
TERMINAL = sys.stdout.isatty()
TICK_SECONDS = 1 if TERMINAL else 5


def main() -> NoReturn:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: sys.exit(128 + number))
    LOG.parent.mkdir(mode=0o700, exist_ok=True)
    with open(LOG.with_suffix(".lock"), "w", opener=private) as lock:
        wait_for(lock.fileno())
        if STAMP.is_file() and STAMP.read_text() == fingerprint():
            say(".venv is up to date")
        else:
            make_environment()
            install()
            STAMP.write_text(fingerprint())
    os.environ["COMMAND_STARTED"] = str(STARTED)
    os.execv(PYTHON, [PYTHON, "-m", *sys.argv[1:]])


def private(path: str, flags: int) -> int:
    """Open a file that, where it is new, only its owner reads: addresses of package indexes hold passwords."""
    return os.open(path, flags, 0o600)


def wait_for(lock: int) -> None:
    """Take the lock: two commands may be started at once."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        say("Waiting for another command that sets up .venv")
        fcntl.flock(lock, fcntl.LOCK_EX)


def fingerprint() -> str:
    """Name what is wanted: these requirements for this Python."""
    return hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()


def make_environment() -> None:
    """Make .venv from nothing, unless it has our Python; never through a link, behind which others may work."""
    if VENV.is_symlink():
        sys.exit(
            f".venv is a link to {VENV.resolve()}, which has not what {REQUIREMENTS.name} pins, and nothing is changed "
            "there. Remove the link and start again: .venv is then made here."
        )
    if Path(sys.prefix).resolve() != VENV:  # bin/set-up would have taken the Python of .venv if it fitted
        require(
            f"Making .venv with Python {platform.python_version()}", sys.executable, "-m", "venv", "--clear", str(VENV)
        )
    elif not works(PYTHON, "-m", "pip"):
        require("Adding pip to .venv", PYTHON, "-m", "ensurepip")


def install() -> None:
    """Install what is pinned: with uv, which takes seconds, or with pip, which takes a minute and is always there."""
    title = f"Installing the {number_of_pins()} packages of {REQUIREMENTS.name}"
    what = ["install", "--no-deps", "--require-hashes", "--requirement", str(REQUIREMENTS)]
    if uv := uv_on_the_path() or fetch_uv():
        surroundings = uv_settings(pip_settings()) | os.environ
        if run(title, uv, "pip", *what, "--python", PYTHON, environment=surroundings):
            return
        say(f"uv failed, going on with pip: {last_words()}")
    require(title, PYTHON, "-m", "pip", *what, "--disable-pip-version-check", "--no-compile")


def number_of_pins() -> int:
    return len(re.findall("^[^# ]+==", REQUIREMENTS.read_text(), re.MULTILINE))


def uv_on_the_path() -> str | None:
    """Return the path of a uv that runs; a version manager may put a uv there that does not."""
    uv = shutil.which("uv")
    return uv if uv and works(uv) else None


def works(*tool: str) -> bool:
    return subprocess.run([*tool, "--version"], capture_output=True, check=False).returncode == 0


def fetch_uv() -> str | None:
    """Return the path of the pinned uv, installed into .venv; None where this platform or network has none."""
    asked = ["install", "--no-deps", "--only-binary", ":all:", "--retries", "1", "--disable-pip-version-check"]
    what = ["--require-hashes", "--requirement", str(UV)]
    if run("Fetching uv", PYTHON, "-m", "pip", *asked, *what, seconds=UV_SECONDS):
        return str(Path(PYTHON).with_name("uv"))
    say(f"There is no uv, going on with pip: {last_words()}")
    return None


def pip_settings() -> str:
    """Return pip's settings, from its files and the environment, as it lists them: `section.name='value'`."""
    command = [PYTHON, "-m", "pip", "config", "list"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def uv_settings(pip_settings: str) -> dict[str, str]:
    """Translate them for uv, which reads none of them: packages must come from where pip would fetch them."""
    sections: dict[str, dict[str, str]] = {"global": {}, "install": {}, ":env:": {}}  # the later ones go first
    for line in pip_settings.splitlines():
        key, _, value = line.partition("=")
        section, _, name = key.rpartition(".")
        if section in sections and name in UV_NAMES:
            sections[section][name] = str(ast.literal_eval(value))
    values = sections["global"] | sections["install"] | sections[":env:"]
    settings = {UV_NAMES[name]: " ".join(value.split()) for name, value in values.items()}
    if "UV_FIND_LINKS" in settings:
        settings["UV_FIND_LINKS"] = settings["UV_FIND_LINKS"].replace(" ", ",")
    return settings | AS_PIP_DOES


def require(title: str, *command: str) -> None:
    if not run(title, *command):
        print(LOG.read_text(), end="", file=sys.stderr)
        print(f"The set-up failed: {title}. The reason is above.", file=sys.stderr)
        sys.exit(1)


def run(title: str, *command: str, seconds: float = math.inf, environment: Mapping[str, str] | None = None) -> bool:
    """Return whether `command` succeeds within `seconds`; its output goes to LOG, the last line of it is shown."""
    show(title)
    until = time.monotonic() + seconds
    with open(LOG, "w", opener=private) as log:
        child = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )
        try:
            while not ended(child) and time.monotonic() < until:
                show(": ".join(filter(None, (title, last_words()))))
        finally:
            if child.poll() is None:
                os.killpg(child.pid, signal.SIGKILL)  # with what it has started
                child.wait()
    if TERMINAL:
        say(title)
    return child.returncode == 0


def ended(child: "subprocess.Popen[bytes]") -> bool:
    """Wait a tick for it."""
    try:
        child.wait(TICK_SECONDS)
    except subprocess.TimeoutExpired:
        return False
    return True


def last_words() -> str:
    return "".join(LOG.read_text(errors="replace").strip().splitlines()[-1:]).strip()


def say(text: str) -> None:
    """Print a line with the seconds since the command was typed."""
    show(text)
    if TERMINAL:
        print(flush=True)


def show(text: str) -> None:
    """Print such a line for now: on a terminal the next one takes its place."""
    line = f"{time.time() - STARTED:4.0f} s  {text}"
    if not TERMINAL:
        print(line, flush=True)
        return
    width = shutil.get_terminal_size().columns - 1
    print(f"\r{line[:width]:<{width}}", end="", flush=True)


if __name__ == "__main__":
    main()
