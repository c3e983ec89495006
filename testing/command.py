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
from testing.servers.postgresql import postgresql

USAGE = """Usage: bin/test [--postgres] [pytest arguments]

  bin/test                      every check, the tests of the database on PostgreSQL, then all but the slowest on SQLite
  bin/test -k domain            only the tests whose names contain "domain", on SQLite; any pytest arguments will do
  bin/test --postgres -k lease  the same on PostgreSQL
  bin/test --slow               what waits for real leases, four minutes; .ci/run does, bin/test does not
  bin/test -m "not browser"     all tests but those in a browser; -n 4 spreads them over four processes

Checks: ruff, mypy, djade, import-linter, makemigrations --check, check --deploy. What fails ends the command: a check,
or the first of the two test runs. PostgreSQL is an embedded one, or the server that TEST_DATABASE_URL names. CHROMIUM
names a browser to use. With CI=true a missing browser is a failure.
"""
ROOT = Path(__file__).resolve().parent.parent
CHECKS_AT_ONCE = 2
IN_PROCESSES = ("--numprocesses=3",)  # on two cores too: much of a test is waiting
ON_POSTGRESQL = "--postgres"
MADE_UP_REQUESTS = "backoffice/tests/web/test_bad_bytes.py"  # of pages, which each database takes amiss in its own way
APPS_WITH_ROWS = ("gateway", "delivery", "whitelabel", "smtp_settings", "messages", "people")
ABOUT_SOCKETS = (  # what is shown there has nothing to do with rows
    "gateway/tests/smtp/test_door.py",
    "gateway/tests/smtp/test_fuzz.py",
    "gateway/tests/smtp/test_timeouts.py",
    "smtp_settings/tests/checks",
    "smtp_settings/tests/network",
    "smtp_settings/tests/oauth/test_endpoint.py",
    "smtp_settings/tests/providers/test_discovery.py",
    "smtp_settings/tests/transport",
)
ONCE = (
    "gateway/tests/http/test_description.py",
)  # a minute of made-up requests, which PostgreSQL judges more strictly
PRODUCTION = {
    "DEBUG": "",
    "DJANGO_ALLOW_ASYNC_UNSAFE": "",
    "SECRET_KEY": "0123456789 abcdefghijklmnopqrstuvwxyz ABCDEFGHIJKLMNOPQRSTUVWXYZ",
    "SECRETS_KEYS": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=",
    "SITE_URL": "https://backoffice.example.com",
    "DATABASE_URL": "postgres://backoffice:secret@db.example.com/backoffice?sslmode=verify-full",
    "BEHIND_PROXY": "true",
    "REDIS_URL": "rediss://:secret@redis.example.com/0",
    "EMAIL_URL": "smtp+tls://user:secret@smtp.example.com:587",
}


def main(arguments: Sequence[str]) -> int:
    if arguments[:1] in (["--help"], ["-h"]):
        print(USAGE, end="")
        return 0
    if arguments[:1] == [ON_POSTGRESQL]:
        return run_on_postgresql(arguments[1:])
    code = 0 if arguments else run_what_goes_before()
    return code or become_pytest(arguments or (*IN_PROCESSES, *(f"--ignore={path}" for path in ONCE)))


def run_what_goes_before() -> int:
    """Run the checks, then what is run once more on PostgreSQL; return the exit code of what failed, else 0."""
    failed = run_checks()
    if failed:
        print(f"Failed, so the tests were not run: {', '.join(failed)}.", file=sys.stderr)
        return 1
    elsewhere = (f"--ignore={path}" for path in ABOUT_SOCKETS)
    return run_on_postgresql((*IN_PROCESSES, *elsewhere, *APPS_WITH_ROWS, MADE_UP_REQUESTS))


def run_on_postgresql(arguments: Sequence[str]) -> int:
    """Run the tests that use the database, and return pytest's exit code; pytest has the last word."""
    with postgresql() as address:
        surroundings = os.environ | {"RUN_ON_POSTGRES": "1", "TEST_DATABASE_URL": address}
        return subprocess.call(pytest(arguments), cwd=ROOT, env=surroundings)


def become_pytest(arguments: Sequence[str]) -> NoReturn:
    """Let pytest have the last word: nothing is printed after it."""
    browser_finding.provide()
    shutil.rmtree(FOLDER)  # pytest makes its own
    command = pytest(arguments)
    os.execv(command[0], command)


def pytest(arguments: Sequence[str]) -> list[str]:
    return [sys.executable, "-m", "pytest", *arguments]


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
    with ThreadPoolExecutor(CHECKS_AT_ONCE) as pool:
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
