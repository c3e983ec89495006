"""Networks of keys, as people type them and as addresses come."""

import pytest
from django.core.exceptions import ValidationError

from gateway import networks


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("", ""),
        ("203.0.113.7", "203.0.113.7/32"),
        ("203.0.113.0/24, 2001:DB8::/32;203.0.113.0/24\n", "203.0.113.0/24 2001:db8::/32"),
        ("10.0.0.0/255.0.0.0", "10.0.0.0/8"),
    ],
)
def test_networks_are_stored_in_their_usual_form_once_each(typed: str, stored: str) -> None:
    assert networks.read(typed) == stored


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("example.com", "example.com is not a network"),
        ("300.1.1.1", "300.1.1.1 is not a network"),
        ("10.0.0.0/33", "10.0.0.0/33 is not a network"),
        ("1" * 999, "…"),
        ("10.1.2.3/24", "Type 10.1.2.0/24 for the whole network."),
        (" ".join(f"10.0.0.{number}" for number in range(51)), "at most 50 networks"),
    ],
)
def test_what_is_no_network_is_named(typed: str, says: str) -> None:
    with pytest.raises(ValidationError, match=says) as raised:
        networks.read(typed)
    assert len(raised.value.messages[0]) < 150


@pytest.mark.parametrize("address", ["203.0.113.7", "::ffff:203.0.113.7", "2001:db8::7", "2001:db8::7%eth0"])
def test_an_address_is_found_in_its_network_however_it_is_written(address: str) -> None:
    assert networks.contain(["203.0.113.0/24", "2001:db8::/32"], address)


@pytest.mark.parametrize("address", ["203.0.114.7", "2001:db9::7", "", "unix:", "203.0.113.7, 10.0.0.1", "nonsense"])
def test_other_addresses_are_not(address: str) -> None:
    assert not networks.contain(["203.0.113.0/24", "2001:db8::/32"], address)


def test_the_addresses_of_one_household_count_as_one() -> None:
    assert networks.household_of("2001:db8::1") == networks.household_of("2001:db8::ffff:1")
    assert networks.household_of("2001:db8::1") != networks.household_of("2001:db8:0:1::1")
    assert networks.household_of("::ffff:203.0.113.7") == networks.household_of("203.0.113.7")
    assert networks.household_of("203.0.113.7") != networks.household_of("203.0.113.8")
