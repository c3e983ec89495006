"""Two tenants with everything: what is Alice's says qzacme, what is Charlie's says qzglobex."""

from collections.abc import Iterator

import pytest
import time_machine
from django.utils import timezone

from gateway.keys import throttle
from people.models import User
from testing.walls.tenants import Tenant
from whitelabel.models import WhiteLabel


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


@pytest.fixture
def visitors(alices: Tenant) -> dict[str, User]:
    """People by their part: those of the platform, a viewer of Alice's white-label, and those whose part is over."""
    people = {
        part: User.objects.create_user(f"{part}@visitors.test")
        for part in ("owner", "support", "viewer", "nobody's", "removed", "suspended")
    }
    for part in ("owner", "support"):
        people[part].is_staff, people[part].is_superuser = True, part == "owner"
        people[part].save()
    white_label: WhiteLabel = alices.row_of(WhiteLabel)
    white_label.viewers.add(people["viewer"])
    white_label.admins.add(people["suspended"])
    User.objects.filter(pk=people["suspended"].pk).update(is_active=False)
    return people | {"admin": alices.person}


@pytest.fixture(autouse=True)
def _no_log(caplog: pytest.LogCaptureFixture) -> None:
    """Thousands of refusals are no news."""
    caplog.set_level("CRITICAL", logger="django")


@pytest.fixture(autouse=True)
def _wrong_keys_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have each of many wrong keys looked up, not only the first ones."""
    monkeypatch.setattr(throttle, "WRONG_FROM_ADDRESS", 10**9)
    monkeypatch.setattr(throttle, "WRONG_FOR_KEY", 10**9)
