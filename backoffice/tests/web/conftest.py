"""Alice's white-label with one row of everything, and visitors of each kind."""

from collections.abc import Callable

import pytest
from django.test import Client

from testing.walls.tenants import Tenant

Visitor = Callable[..., Client]


@pytest.fixture
def alices(db: None) -> Tenant:
    return Tenant.furnish("qzacme", 900_177)


@pytest.fixture(params=["nobody", "admin", "owner"])
def visitor(request: pytest.FixtureRequest, alices: Tenant) -> Client:
    """Nobody, the admin of a white-label, and somebody who owns the platform as well."""
    client = Client(raise_request_exception=False)
    if request.param == "owner":
        alices.person.is_superuser = alices.person.is_staff = True
        alices.person.save()
    if request.param != "nobody":
        client.force_login(alices.person)
    return client


@pytest.fixture(autouse=True)
def _no_log(caplog: pytest.LogCaptureFixture) -> None:
    """Thousands of refusals are no news."""
    caplog.set_level("CRITICAL")
