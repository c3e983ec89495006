"""`bin/test`: every check of the code, then every test; with arguments only the tests, with them."""

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import NoReturn

from testing import browser_finding
from testing.environment import FOLDER

USAGE = """Usage: bin/test [pytest arguments]

  bin/test                   every check, then every test
  bin/test -k domain         only the tests whose names contain "domain"; any pytest arguments will do
  bin/test -m "not browser"  all tests but those in a browser

Checks: ruff, mypy, djade, import-linter, makemigrations --check, check --deploy. Tests run on SQLite, and those of the
outbox once more on PostgreSQL: an embedded one, or the server that TEST_DATABASE_URL names. CHROMIUM names a browser
to use. With CI=true a missing browser is a failure.
"""
ROOT = Path(__file__).resolve().parent.parent
AT_ONCE = 2
PRODUCTION = {
    "DEBUG": "",
    "DJANGO_ALLOW_ASYNC_UNSAFE": "",
    "SECRET_KEY": "0123456789 abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "SITE_URL": "https://backoffice.example.com",
    "DATABASE_URL": "postgres://backoffice:secret@db.example.com/backoffice",
    "REDIS_URL": "rediss://:secret@redis.example.com/0",
    "EMAIL_URL": "smtp+tls://user:secret@smtp.example.com:587",
}


def main(arguments: Sequence[str]) -> int:
    if arguments[:1] in (["--help"], ["-h"]):
        print(USAGE, end="")
        return 0
    failed = [] if arguments else run_checks()
    if not failed:
        become_pytest(arguments)
    print(f"Failed, so the tests were not run: {', '.join(failed)}.", file=sys.stderr)
    return 1


def become_pytest(arguments: Sequence[str]) -> NoReturn:
    """Let pytest have the last word: nothing is printed after it."""
    browser_finding.provide()
    shutil.rmtree(FOLDER)  # pytest makes its own
    os.execv(sys.executable, [sys.executable, "-m", "pytest", *arguments])


def checks() -> dict[str, list[str]]:
    """Return the commands by name; the slowest is first."""
    python, scripts = sys.executable, Path(sys.executable).parent
    templates = sorted(str(path) for path in (ROOT / "templates").rglob("*.html"))
    return {
        "mypy": [python, "-m", "mypy", "."],
        "ruff format": [python, "-m", "ruff", "format", "--check", "."],
        "ruff check": [python, "-m", "ruff", "check", "."],
        "djade": [str(scripts / "djade"), "--check", "--target-version", "5.2", *templates],
        "import-linter": [str(scripts / "lint-imports"), "--no-cache"],
        "makemigrations --check": [python, "manage.py", "makemigrations", "--check", "--dry-run"],
        "check --deploy": [python, "manage.py", "check", "--deploy", "--fail-level", "WARNING"],
    }


def run_checks() -> list[str]:
    """Run every check and return the names of those that failed; only these show what they said."""
    print(f"Checking the code: {', '.join(checks())}", flush=True)
    with ThreadPoolExecutor(AT_ONCE) as pool:
        runs = {pool.submit(run_check, name, command): name for name, command in checks().items()}
        failed = []
        for run in as_completed(runs):
            name, done = runs[run], run.result()
            print(f"{name}: {'failed' if done.returncode else 'ok'}", flush=True)
            if done.returncode:
                print(done.stdout, flush=True)
                failed.append(name)
    return failed


def run_check(name: str, command: list[str]) -> subprocess.CompletedProcess[str]:
    surroundings = os.environ | (PRODUCTION if name == "check --deploy" else {})
    return subprocess.run(
        command, cwd=ROOT, env=surroundings, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
