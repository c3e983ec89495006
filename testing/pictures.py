"""`python -m testing.pictures`: take the pictures of README and docs/ anew, by Chromium, into docs/images.

Those of pages come from the demo with a month of mail behind it, on a stack and data of their own; those of a journey's
middle, such as a check under way, from the tests that walk it.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from testing import browser_finding
from testing.environment import FOLDER
from testing.servers import ports

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
WIDTH = 1440
PASSWORD = "demo-password"
START_SECONDS = 120
STACK = [sys.executable, "-m", "backoffice.development"]
HISTORY = "from testing.mail_history import make; make()"
OWNER, ALICE = "owner@builder.example", "alice@acme.example"
PAGES = (  # the name of the picture, who sees the page, its address, and how many pixels high the window is
    ("dashboard", OWNER, "/backoffice/?period=30d", 1440),
    ("delivery-log", OWNER, "/backoffice/deliveries/", 900),
    ("white-label-home", ALICE, "/whitelabel/?period=30d", 960),
    ("white-label-email", ALICE, "/whitelabel/email/", 900),
    ("notices", ALICE, "/accounts/profile/#notices", 900),
)
JOURNEYS = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-m", "browser"]
WITH_PICTURES = [f"backoffice/tests/journeys/test_{each}.py" for each in ("platform_smtp", "provider", "whole_domain")]


def main() -> int:
    with demo() as site, chromium() as browser:
        for name, person, address, height in PAGES:
            look = ViewportSize(width=WIDTH, height=height)
            take(browser, site, person, address, look, IMAGES / f"{name}.png")
    return subprocess.run([*JOURNEYS, *WITH_PICTURES], env=os.environ | {"README_IMAGES": "1"}, cwd=ROOT).returncode


@contextmanager
def demo() -> Iterator[str]:
    """Run the whole product over the demo's data, in the folder of `testing.environment`; give the address."""
    port, catcher, door = ports.free_pair(), ports.free_pair(), ports.free_pair()
    chosen = {"PORT": str(port), "CATCHER_PORT": str(catcher), "SUBMISSION_PORT": str(door)}
    of_tests = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "SECRETS_KEYS")
    surroundings = {name: value for name, value in os.environ.items() if name not in of_tests} | chosen
    surroundings["VAR_DIR"] = str(FOLDER / "demo")
    stack = subprocess.Popen(STACK, env=surroundings, cwd=ROOT)
    try:
        site = f"http://localhost:{port}"
        wait_for(f"{site}/healthz")
        subprocess.run([*STACK, "manage.py", "shell", "-c", HISTORY], env=surroundings, cwd=ROOT, check=True)
        yield site
    finally:
        stack.terminate()
        stack.wait(START_SECONDS)


def wait_for(address: str) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            urlopen(address).close()
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)
        else:
            return


@contextmanager
def chromium() -> Iterator[Browser]:
    path = browser_finding.find()
    if path is None:
        sys.exit(f"{browser_finding.ABSENT}.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=browser_finding.FLAGS)
        yield browser
        browser.close()


def take(browser: Browser, site: str, person: str, address: str, look: ViewportSize, path: Path) -> None:
    """Sign in as `person` and keep what the page at `address` looks like."""
    context = browser.new_context(base_url=site, viewport=look, color_scheme="light", reduced_motion="reduce")
    page = context.new_page()
    sign_in(page, person)
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=path, animations="disabled")
    context.close()


def sign_in(page: Page, person: str) -> None:
    page.goto("/accounts/login/")
    page.locator("input[name=login]").fill(person)
    page.locator("input[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_url(lambda url: "/login/" not in url)


if __name__ == "__main__":
    sys.exit(main())
