"""The page that describes the API, in a browser: it shows every call, and loads and runs nothing from elsewhere."""

import pytest
from django.conf import LazySettings
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

pytestmark = pytest.mark.browser


def test_the_page_shows_the_calls_within_the_policy(
    page: Page, live_server: LiveServer, settings: LazySettings
) -> None:
    settings.API_URL = f"{live_server.url}/api"
    requested: list[str] = []
    page.on("request", lambda request: requested.append(request.url))
    page.goto("/api/docs")
    expect(page.get_by_text("Send an e-mail", exact=True)).to_be_visible()
    expect(page.get_by_text("Ask the platform to send for a domain")).to_be_visible()
    assert [url for url in requested if not url.startswith((live_server.url, "data:"))] == []
