"""Two tenants with everything: what is Alice's says qzacme, what is Charlie's says qzglobex."""

from collections.abc import Iterator

import pytest
import time_machine
from django.utils import timezone

from testing.walls.tenants import Tenant


@pytest.fixture(autouse=True)
def _clock_stands_still() -> Iterator[None]:
    """Two answers do not differ by the seconds between them."""
    with time_machine.travel(timezone.now(), tick=False):
        yield


@pytest.fixture
def alices(db: None, _clock_stands_still: None) -> Tenant:
    return Tenant.furnish("qzacme", 900_177)


@pytest.fixture
def charlies(db: None, _clock_stands_still: None) -> Tenant:
    return Tenant.furnish("qzglobex", 700_233)


@pytest.fixture(autouse=True)
def _no_log(caplog: pytest.LogCaptureFixture) -> None:
    """Thousands of refusals are no news."""
    caplog.set_level("CRITICAL", logger="django")
