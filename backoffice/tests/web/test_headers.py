"""The headers of every answer: each address by each method, errors and redirects, for each kind of visitor."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import LazySettings, settings
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import get_resolver, path

from backoffice.urls import urlpatterns
from backoffice.web.headers import USUAL
from people.access import Audience, declare
from testing.walls.addresses import addresses
from testing.walls.tenants import Tenant
from testing.walls.walk import METHODS

KEPT = ("/palette/",)  # tells nothing of anybody
EVERYWHERE = list(addresses(get_resolver().url_patterns))
TOKEN = "x" * 43


def breaks(request: HttpRequest) -> HttpResponse:
    raise RuntimeError


def missing(answer: Any, *, kept: bool = False) -> Iterator[str]:
    """Yield what the answer lacks."""
    for name in USUAL.keys() - {"Referrer-Policy", "X-Frame-Options"}:
        if answer.get(name) != USUAL[name]:
            yield name
    if answer.get("Referrer-Policy") not in ("same-origin", "strict-origin", "no-referrer"):
        yield "Referrer-Policy"
    if answer.get("X-Frame-Options") not in ("DENY", "SAMEORIGIN"):
        yield "X-Frame-Options"
    if "frame-ancestors" not in answer.get("Content-Security-Policy", ""):
        yield "Content-Security-Policy"
    if not kept and "no-store" not in answer.get("Cache-Control", ""):
        yield "Cache-Control"


def test_every_answer_has_the_headers(visitor: Client, alices: Tenant, settings: LazySettings) -> None:
    settings.API_URL = "http://testserver/api"
    number = str(alices.number)
    for address in EVERYWHERE:
        for asked in address.filled(number, own=number):
            for method in METHODS:
                answer = visitor.generic(method, asked)
                assert list(missing(answer, kept=asked.startswith(KEPT))) == [], f"{method} {asked}"


@pytest.mark.parametrize(
    ("status", "asked"),
    [
        (400, {"path": "/", "headers": {"host": "elsewhere.test"}}),
        (400, {"path": "/?q=%00"}),
        (404, {"path": "/nowhere/"}),
        (405, {"path": "/palette/3457b2.css", "method": "DELETE"}),
        (500, {"path": "/breaks/"}),
    ],
)
def test_errors_have_them_too(status: int, asked: dict[str, str], db: None, settings: LazySettings) -> None:
    settings.ROOT_URLCONF = (path("breaks/", declare(breaks, Audience.ANYBODY)), *urlpatterns)
    answer = Client(raise_request_exception=False).generic(**{"method": "GET"} | asked)  # type: ignore[arg-type]
    assert (answer.status_code, list(missing(answer))) == (status, [])


def test_a_forged_form_and_a_redirect_to_tls_have_them_too(db: None, settings: LazySettings) -> None:
    forged = Client(enforce_csrf_checks=True).post("/accounts/login/")
    assert (forged.status_code, list(missing(forged))) == (403, [])
    settings.SECURE_SSL_REDIRECT = True
    redirect = Client().get("/backoffice/")
    assert (redirect.status_code, list(missing(redirect))) == (301, [])


def test_what_pages_may_load_and_run_is_ours_alone() -> None:
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    assert {name: sources for name, sources in directives.items() if sources not in (["'self'"], ["'none'"])} == {
        "img-src": ["'self'", "data:"]
    }
    assert directives["frame-ancestors"] == directives["object-src"] == ["'none'"]


def test_passkeys_are_for_this_site_and_devices_for_nobody(client: Client, db: None) -> None:
    given = client.get("/accounts/login/").headers["Permissions-Policy"].split(", ")
    assert {"camera=()", "microphone=()", "geolocation=()", "payment=()", "usb=()"} <= set(given)
    assert {"publickey-credentials-get=(self)", "publickey-credentials-create=(self)"} <= set(given)


@pytest.mark.parametrize(
    ("asked", "policy"),
    [
        ("/accounts/login/", "same-origin"),
        (f"/dns/{TOKEN}/", "no-referrer"),
        (f"/accounts/confirm-email/{TOKEN}/", "strict-origin"),
    ],
)
def test_an_address_that_opens_something_is_told_to_nobody(asked: str, policy: str, client: Client, db: None) -> None:
    assert client.get(asked).headers["Referrer-Policy"] == policy
