"""An address is measured in octets, part by part."""

import pytest
from django.core.exceptions import ValidationError

from phrases.address_limits import too_long, within_limits


@pytest.mark.parametrize("address", ["", "a", f"{'a' * 64}@users.test", f"{'ü' * 32}@users.test", f"a@{'b' * 252}"])
def test_what_servers_take_is_within_the_limits(address: str) -> None:
    within_limits(address)


@pytest.mark.parametrize(
    ("address", "what"),
    [
        (f"{'a' * 65}@users.test", "part before the @ has 65"),
        (f"{'ü' * 33}@users.test", "part before the @ has 66"),
        (f'"{"a" * 63}"@users.test', "part before the @ has 65"),
        (f"a@{'b' * 256}", "domain has 256"),
        (f"a@{'ü' * 128}", "domain has 256"),
        (f"{'a' * 60}@{'b' * 200}", "address has 261"),
    ],
)
def test_what_is_longer_is_refused_in_octets(address: str, what: str) -> None:
    assert what in too_long(address)
    with pytest.raises(ValidationError):
        within_limits(address)
