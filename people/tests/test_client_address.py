"""Whose address a request has: behind proxies the one that ours saw, and never what a client says of itself."""

import pytest
from django.conf import LazySettings
from django.test import RequestFactory

from people.client_address import client_address

PROXY, CLIENT, FORGED = "10.0.0.1", "203.0.113.7", "198.51.100.9"


def address(settings: LazySettings, hops: int, forwarded: str | None, connection: str = PROXY) -> str:
    settings.PROXY_HOPS = hops
    headers = {} if forwarded is None else {"x-forwarded-for": forwarded}
    return client_address(RequestFactory(REMOTE_ADDR=connection, headers=headers).get("/"))


@pytest.mark.parametrize(
    ("hops", "forwarded", "believed"),
    [
        (0, CLIENT, PROXY),
        (1, CLIENT, CLIENT),
        (1, f"{FORGED}, {CLIENT}", CLIENT),
        (1, f"{FORGED},{FORGED}, {FORGED} ,{CLIENT}", CLIENT),
        (2, f"{FORGED}, {CLIENT}, 10.0.0.2", CLIENT),
        (2, CLIENT, PROXY),
        (1, None, PROXY),
        (1, "", PROXY),
        (1, f"{CLIENT}, unknown", PROXY),
        (1, f"{CLIENT}, ", PROXY),
        (1, "\x00, \ud800, ٣.٣.٣.٣", PROXY),
    ],
)
def test_as_many_proxies_are_believed_as_there_are(
    hops: int, forwarded: str | None, believed: str, settings: LazySettings
) -> None:
    assert address(settings, hops, forwarded) == believed


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("203.0.113.7:51234", "203.0.113.7"),
        ("[2001:db8::7]:51234", "2001:db8::7"),
        ("2001:DB8:0::7", "2001:db8::7"),
        ("::ffff:203.0.113.7", "203.0.113.7"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_one_address_is_always_written_alike(written: str, read: str, settings: LazySettings) -> None:
    assert address(settings, 1, written) == address(settings, 0, None, written) == read


def test_a_local_socket_has_no_address(settings: LazySettings) -> None:
    assert address(settings, 0, None, "") == ""
