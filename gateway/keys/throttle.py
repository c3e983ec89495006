"""Stop who tries one wrong key after another, by address and by key, and who asks too much with a right one.

All processes count together. Nobody locks out anybody: against an address only wrong keys count. Who knows the public
prefix of a key makes it slow for wrong secrets, never for the right one; at an address with many wrong keys, a key goes
on working if it has worked there lately. A process asks the cache about an address only within a minute of a wrong key
from there.
"""

import time

from django.conf import settings
from django.core.cache import cache

from gateway.networks import household_of
from people.throttling import any_exceeded, exceeded

SECONDS = 60
WRONG_FROM_ADDRESS = 30
WRONG_FOR_KEY = 100
KNOWN_SECONDS = 7 * 24 * 3600
WATCHED_MAX = 10_000

_watched: dict[str, float] = {}
_remembered: dict[str, float] = {}
_asked: dict[str, int] = {}  # requests with a key of which no other process knows


def stops(prefix: str, address: str) -> bool:
    """Return whether nothing is even looked up for `address` now; the key with `prefix` is, where it has worked."""
    name = _at(address)
    if _watched.get(name, 0) < time.monotonic():
        return False
    return any_exceeded({name: WRONG_FROM_ADDRESS}) and not cache.get(_known(prefix, address))


def count_wrong(prefix: str, address: str) -> bool:
    """Count a wrong key; return whether there were too many for the key with `prefix`."""
    _note(_watched, _at(address))
    exceeded(_at(address), most=WRONG_FROM_ADDRESS, seconds=SECONDS)
    return bool(prefix) and exceeded(f"wrong-keys:key:{prefix}", most=WRONG_FOR_KEY, seconds=SECONDS)


def remember(prefix: str, address: str) -> None:
    """Let the key go on working from here, whoever else is here too; a process says so once a minute."""
    name = _known(prefix, address)
    if _remembered.get(name, 0) < time.monotonic():
        _note(_remembered, name)
        cache.set(name, 1, timeout=KNOWN_SECONDS)


def takes_another(prefix: str) -> bool:
    """Count a request with the key; return whether it is within what a key may ask for in a minute.

    A process tells the others of a hundredth part of the limit at once, and of each request where it is reached.
    """
    name, most = f"requests:{prefix}", settings.API_REQUESTS_PER_MINUTE
    asked = _asked[prefix] = _asked.get(prefix, 0) + 1
    if asked < most // 100 and _watched.get(name, 0) < time.monotonic():
        return True
    _asked.pop(prefix, None)
    over = exceeded(name, most=most, seconds=SECONDS, more=asked)
    if over:
        _note(_watched, name)
    return not over


def forget() -> None:
    """Watch nobody in this process; what was counted stays."""
    _watched.clear()
    _remembered.clear()
    _asked.clear()


def _note(names: dict[str, float], name: str) -> None:
    """Have `name` among the bounded `names` for a minute."""
    if len(names) >= WATCHED_MAX:
        names.clear()
    names[name] = time.monotonic() + SECONDS


def _at(address: str) -> str:
    return f"wrong-keys:address:{household_of(address)}"


def _known(prefix: str, address: str) -> str:
    return f"right-key:{prefix}:{household_of(address)}"
