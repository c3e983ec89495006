"""Find a Chromium, or get one: the system's, else Debian's by apt for root, else Playwright's own."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
ABSENT = "No Chromium could be found or installed"
INSTALL_SECONDS = 300
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def find() -> str | None:
    """Return the path of a Chromium: the one CHROMIUM names, one on the PATH, or Playwright's own."""
    named = os.environ.get("CHROMIUM")
    if named:
        return shutil.which(named)
    return next((path for name in NAMES if (path := shutil.which(name))), None) or _playwrights_own()


def provide() -> None:
    """Make sure that there is a browser; where there can be none, say so in one line."""
    if find():
        return
    print("No Chromium was found; installing one for the browser tests.", flush=True)
    if os.geteuid() == 0 and shutil.which("apt-get"):
        _run("apt-get", "update", "--quiet") and _run("apt-get", "install", "--yes", "--quiet", "chromium")
    if not find():
        _run(sys.executable, "-m", "playwright", "install", "chromium")
    if not find():
        print(f"{ABSENT}: the browser tests {'fail' if required() else 'are skipped'}.", flush=True)


def required() -> bool:
    return os.environ.get("CI", "").lower() == "true"


def _playwrights_own() -> str | None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def _run(*command: str) -> bool:
    """Run an installer quietly; what it could not do is seen by what is missing afterwards."""
    print(f"Running {' '.join(command)}", flush=True)
    quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        done = subprocess.run(command, env=quiet, capture_output=True, timeout=INSTALL_SECONDS, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0
