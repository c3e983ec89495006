"""Stop who tries one wrong key after another, by address and by key, in all processes together.

Nobody locks out anybody: what is counted are wrong keys alone, and a key goes on working from where it has worked
lately. A process asks the cache about an address only within a minute of a wrong key from there.
"""

import time

from django.core.cache import cache

from gateway.networks import household_of
from people.throttling import any_exceeded, exceeded

SECONDS = 60
WRONG_FROM_ADDRESS = 30
WRONG_FOR_KEY = 100
KNOWN_SECONDS = 7 * 24 * 3600
WATCHED_MAX = 10_000

_watched: dict[str, float] = {}


def stops(prefix: str, address: str) -> bool:
    """Return whether the key with `prefix` is not even looked up for `address` now."""
    limits = _limits(prefix, address)
    now = time.monotonic()
    if all(_watched.get(name, 0) < now for name in limits):
        return False
    return any_exceeded(limits) and not cache.get(_known(prefix, address))


def count_wrong(prefix: str, address: str) -> None:
    now = time.monotonic()
    if len(_watched) >= WATCHED_MAX:
        forget()
    for name, most in _limits(prefix, address).items():
        _watched[name] = now + SECONDS
        exceeded(name, most=most, seconds=SECONDS)


def remember(prefix: str, address: str) -> None:
    """Let the key go on working from here, whoever else is here too."""
    cache.set(_known(prefix, address), 1, timeout=KNOWN_SECONDS)


def forget() -> None:
    """Watch nobody in this process; what was counted stays."""
    _watched.clear()


def _limits(prefix: str, address: str) -> dict[str, int]:
    by_address = {f"wrong-keys:address:{household_of(address)}": WRONG_FROM_ADDRESS}
    return by_address | ({f"wrong-keys:key:{prefix}": WRONG_FOR_KEY} if prefix else {})


def _known(prefix: str, address: str) -> str:
    return f"right-key:{prefix}:{household_of(address)}"
