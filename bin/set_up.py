"""Make .venv with the pinned requirements unless that is done, then become the module named first, inside it."""

import fcntl
import hashlib
import importlib.util
import os
import signal
import subprocess
import sys
import venv
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
REQUIREMENTS = ROOT / "requirements-dev.txt"
STAMP = VENV / "requirements.sha256"


def main() -> NoReturn:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    (ROOT / "var").mkdir(exist_ok=True)
    with (ROOT / "var" / "set-up.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # two commands may be started at once
        if not STAMP.is_file() or STAMP.read_text() != fingerprint():
            install()
    os.execv(PYTHON, [str(PYTHON), "-m", *sys.argv[1:]])


def fingerprint() -> str:
    """Name what is wanted: these requirements for this Python."""
    return hashlib.sha256(REQUIREMENTS.read_bytes() + sys.version.encode()).hexdigest()


def install() -> None:
    print("Setting up .venv with the pinned requirements; this happens only when they change.", flush=True)
    if Path(sys.prefix).resolve() != VENV:  # bin/set-up would have taken the Python of .venv if it fitted
        venv.create(VENV, clear=True, with_pip=True, symlinks=True)
    elif importlib.util.find_spec("pip") is None:
        run("ensurepip")
    run("pip", "install", "--disable-pip-version-check", "-qq", "--no-deps", "--requirement", str(REQUIREMENTS))
    STAMP.write_text(fingerprint())


def run(module: str, *arguments: str) -> None:
    """Run a module of .venv; where it fails, its own words have said why."""
    done = subprocess.run([PYTHON, "-m", module, *arguments], cwd=ROOT, check=False)
    if done.returncode:
        print(f"The set-up failed: {module} ended with exit code {done.returncode}.", file=sys.stderr)
        sys.exit(1)


if __name__ == "__main__":
    main()
