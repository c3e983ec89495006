"""Forms that another site sent: every page that takes a POST refuses one without the token of its visitor."""

from django.test import Client
from django.urls import get_resolver

from testing.walls.addresses import addresses
from testing.walls.tenants import Tenant
from testing.walls.walk import WITH_BODY

WITHOUT_COOKIES = ("/api/", "/dns/")  # where no cookie opens anything
BEFORE_ANY_FORM = (301, 302, 404, 405)


def test_every_form_needs_the_token(visitor: Client, alices: Tenant) -> None:
    visitor.handler.enforce_csrf_checks = True
    before, number = alices.state(), str(alices.number)
    for address in addresses(get_resolver().url_patterns):
        for asked in address.filled(number, own=number):
            for method in () if asked.startswith(WITHOUT_COOKIES) else WITH_BODY:
                status = visitor.generic(method, asked, "a=1", "application/x-www-form-urlencoded").status_code
                assert status == 403, f"{method} {asked} answers {status}"
    after = alices.state()
    assert {name for name in before if after[name] != before[name]} <= {"usersessions.UserSession"}  # seen, and when
