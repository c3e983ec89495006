"""Host names in mail and in addresses of the web."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smtp_settings import host_name


@given(st.ip_addresses())
def test_addresses_are_literals_in_mail(address: object) -> None:
    written = host_name.in_mail(str(address))
    assert written.isascii()
    assert written in (f"[{address}]", f"[IPv6:{str(address).partition('%')[0]}]")
    assert host_name.in_mail(written) == written
    assert host_name.in_mail(host_name.in_url(str(address))) == written


def test_a_zone_is_of_this_machine_alone() -> None:
    assert host_name.in_mail("fe80::1%eth0") == "[IPv6:fe80::1]"


@pytest.mark.parametrize(
    "host", ["", " ", "a b", "a_b.example", "-a.example", "a..b", "127.1", "1.2.3.4.5", "a:25", "[x]"]
)
def test_what_is_no_host_is_refused(host: str) -> None:
    with pytest.raises(ValueError, match=r"[a-z]"):
        host_name.canonical(host)
