"""Alice's white-label with one row of everything, and visitors of each kind."""

from collections.abc import Callable

import pytest
from django.test import Client

from delivery.models import Email
from gateway.models import ListFile
from testing.walls.tenants import Tenant

Visitor = Callable[..., Client]


@pytest.fixture
def alices(db: None) -> Tenant:
    """Her white-label; what its rows say is as it would be in life where a page takes it apart."""
    tenant = Tenant.furnish("qzacme", 900_177)
    Email.objects.update(reply_to="")
    ListFile.objects.update(
        summary={name: [] for name in ("created", "changed", "missing", "problems")}
        | {f"{name}_count": 0 for name in ("created", "changed", "unchanged", "missing", "problem")}
    )
    return tenant


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
