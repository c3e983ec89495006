"""A real browser on Django's live server: fixtures, and what journeys share."""

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import (
    Browser,
    ConsoleMessage,
    Error,
    FloatRect,
    Locator,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)
from pytest_django.live_server_helper import LiveServer

from people.models import User
from testing import browser_finding

ROOT = Path(__file__).resolve().parent.parent
SCREENSHOTS = ROOT / "var" / "screenshots"
README_IMAGES = ROOT / "docs" / "images"
WIDE = ViewportSize(width=1440, height=900)
NARROW = ViewportSize(width=390, height=844)
WAIT_MILLISECONDS = 10_000
CAPTURE_FAILED, CAPTURE_AGAIN_MILLISECONDS = "Unable to capture screenshot", 1_000
POLICIES = ("Content Security Policy", "Content-Security-Policy", "Permissions-Policy", "Permissions Policy")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = browser_finding.find()
    if path is None:
        (pytest.fail if browser_finding.required() else pytest.skip)(f"{browser_finding.ABSENT}.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=browser_finding.FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def page(chromium: Browser, live_server: LiveServer) -> Iterator[Page]:
    """A page of a fresh visitor; the test fails where the browser met an error of a script, a forbidden
    source or a policy that it does not understand."""
    with visit(chromium, live_server, viewport=WIDE, color_scheme="light", reduced_motion="reduce") as page:
        yield page


@pytest.fixture
def visitor(chromium: Browser, live_server: LiveServer) -> Iterator[Page]:
    """As `page`, of somebody on a phone who has no account; the test fails where a cookie was set, too."""
    with visit(chromium, live_server, viewport=NARROW, color_scheme="dark") as page:
        yield page
        assert page.context.cookies() == []


@contextmanager
def visit(browser: Browser, server: LiveServer, **looks: Any) -> Iterator[Page]:
    context = browser.new_context(base_url=server.url, **looks)
    context.set_default_timeout(WAIT_MILLISECONDS)
    page, complaints = context.new_page(), list[str]()
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.extend(_forbidden(message)))
    yield page
    context.close()
    assert complaints == []


def _forbidden(message: ConsoleMessage) -> list[str]:
    """Return what the browser says about a source that our policy forbids, or a policy that it does not understand."""
    return [message.text] if any(policy in message.text for policy in POLICIES) else []


def sign_in(page: Page, person: User) -> None:
    """Give the visitor a session of `person`, without the sign-in form."""
    client = Client()
    client.force_login(person, "allauth.account.auth_backends.AuthenticationBackend")
    name = settings.SESSION_COOKIE_NAME
    page.goto("/healthz")  # a cookie needs an address
    page.context.add_cookies([{"name": name, "value": client.cookies[name].value, "url": page.url}])


def labelled(page: Page | Locator, label: str) -> Locator:
    """Return the form field whose label begins with `label`."""
    return page.get_by_label(re.compile(rf"^\s*{re.escape(label)}"))


def fill(page: Page | Locator, typed: dict[str, str]) -> None:
    """Type into fields, by the beginnings of their labels."""
    for label, value in typed.items():
        labelled(page, label).fill(value)


def choose(page: Page, label: str, typed: str) -> None:
    """Search in a chooser, by the beginning of its label, with the keyboard alone; take the first that is offered."""
    page.get_by_role("combobox", name=re.compile(rf"^\s*{re.escape(label)}")).press(typed[0])
    page.keyboard.type(typed[1:])
    offered = page.locator(".select2-results__option--highlighted")
    expect(offered).to_contain_text(typed, ignore_case=True)
    page.keyboard.press("Enter")
    expect(offered).to_have_count(0)


def mistake_at(page: Page, label: str) -> Locator:
    """Return what a page says is wrong at a field."""
    return page.locator(".field", has=labelled(page, label)).locator(".field-errors")


def open_menu(page: Page, title: str) -> None:
    """Follow an entry of the menu at the side, whatever it counts."""
    page.locator("#nav-sidebar").get_by_role("link", name=re.compile(rf"^{re.escape(title)}( \d+)?$")).click()


def press(page: Page | Locator, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def copied(part: Page | Locator, what: str) -> str:
    """Press the copy button for `what` and return what it put on the clipboard."""
    page = part if isinstance(part, Page) else part.page
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    part.get_by_role("button", name=f"Copy {what}").click()
    expect(part.get_by_role("button", name=f"Copied {what}")).to_be_visible()
    return str(page.evaluate("navigator.clipboard.readText()"))


def screenshot(page: Page, name: str) -> Path:
    """Keep what the page looks like as var/screenshots/NAME.png.

    Under load Chromium sometimes has no surface to take it from (`CAPTURE_FAILED`); a moment later it has.
    """
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    path = SCREENSHOTS / f"{name}.png"
    try:
        page.screenshot(path=path, animations="disabled")
    except Error as error:
        if CAPTURE_FAILED not in error.message:
            raise
        page.wait_for_timeout(CAPTURE_AGAIN_MILLISECONDS)
        page.screenshot(path=path, animations="disabled")
    return path


def readme_image(page: Page, name: str, part: FloatRect | None = None) -> None:
    """Keep it as `screenshot` does; with README_IMAGES set, also `part` of it as the committed docs/images/NAME.png."""
    screenshot(page, name)
    if os.environ.get("README_IMAGES"):
        page.screenshot(path=README_IMAGES / f"{name}.png", animations="disabled", clip=part)
