"""Cookies: with https they are bound to the host, no script reads them, and no other site sends them with a form."""

from pathlib import Path

from django.conf import LazySettings
from django.test import Client

from backoffice.tests.test_environment import start
from people.models import User
from testing.factories import PASSWORD


def test_with_https_they_are_bound_to_the_host(tmp_path: Path) -> None:
    names = "SESSION_COOKIE_NAME CSRF_COOKIE_NAME DEVICE_COOKIE_NAME"
    assert start(tmp_path, names).stdout.split() == ["__Host-session", "__Host-csrf", "__Host-device"]
    plain = start(tmp_path, names, SITE_URL="http://localhost:8000", DEBUG="1")
    assert plain.stdout.split() == ["session", "csrf", "device"]


def test_every_cookie_of_a_sign_in_is_for_browsers_of_this_host_alone(
    owner: User, client: Client, settings: LazySettings
) -> None:
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = settings.OWNER_SECOND_FACTOR = True
    client.get("/accounts/login/", secure=True)
    client.post("/accounts/login/", {"login": owner.email, "password": PASSWORD}, secure=True)
    client.get("/backoffice/", secure=True)  # and a message waits for the next page
    names = (settings.SESSION_COOKIE_NAME, settings.CSRF_COOKIE_NAME, settings.DEVICE_COOKIE_NAME)
    assert set(client.cookies) == set(names)
    for cookie in client.cookies.values():
        found = (cookie["path"], cookie["domain"], cookie["secure"], cookie["httponly"], cookie["samesite"])
        assert found == ("/", "", True, True, "Lax"), cookie.key


def test_the_api_neither_takes_nor_gives_a_cookie(owner: User, client: Client, settings: LazySettings) -> None:
    settings.API_URL = "http://testserver/api"
    client.force_login(owner)
    for path in ("/api/emails", "/api/domains", "/api/people", "/api/white-labels"):
        for answer in (client.get(path), client.post(path, {}, "application/json")):
            assert answer.status_code in (401, 405)
            assert not answer.cookies
