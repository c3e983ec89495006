"""A journey fails where the browser complains of the policies that pages come with."""

import pytest
from playwright.sync_api import Browser, Page
from pytest_django.live_server_helper import LiveServer

from backoffice.web.headers import USUAL
from testing.browser import visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def test_a_feature_that_the_browser_does_not_know_fails_a_journey(
    chromium: Browser, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(USUAL, "Permissions-Policy", "no-such-feature=()")
    with pytest.raises(AssertionError, match="no-such-feature"), visit(chromium, live_server) as page:
        page.goto("/accounts/login/")


def test_a_script_that_the_policy_forbids_fails_a_journey(chromium: Browser, live_server: LiveServer) -> None:
    with pytest.raises(AssertionError, match="inline script"), visit(chromium, live_server) as page:
        run_inline_script(page)


def run_inline_script(page: Page) -> None:
    page.goto("/accounts/login/")
    page.evaluate("document.head.append(Object.assign(document.createElement('script'), {text: '1'}))")
