"""Whether a secret opens a door for whoever is at an address. Looked up each time, so that a revoked key stops at once.

Why a key was refused is for its page alone: every wrong key gets the same answer, for the same work.
"""

import time
from enum import Enum
from functools import cache

from django.views.decorators.debug import sensitive_variables

from gateway.choices import Fault
from gateway.keys import throttle
from gateway.models import Key
from gateway.secret import SECRET_CHARS, hashed, prefix_of
from smtp_settings import sealing

TYPED_MAX_CHARS = 2 * SECRET_CHARS
DELAY_SECONDS = 1.0  # how long a door that waits for free lets whoever was refused wait for the answer


class Refusal(Enum):
    """What a door may say. After `TOO_MANY` another try is worth it in `throttle.SECONDS`."""

    WRONG_KEY = "wrong key"
    TOO_MANY = "too many wrong keys"


class KeyStopped(Exception):
    """The key was revoked, has expired or was stopped since it opened the door."""


@sensitive_variables()
def authenticate(secret: str, address: str) -> Key | Refusal:
    """Return the key with `secret`, with its application, if it may be used from `address` now.

    What the key may do there is `Key.may`; whoever keeps it for a session asks `Key.is_usable` again.
    """
    typed = secret.strip()[:TYPED_MAX_CHARS]
    prefix = prefix_of(typed)
    if throttle.stops(prefix, address):
        return Refusal.TOO_MANY
    asked_at = time.monotonic()
    key = _with(prefix)
    fault = _fault(key, typed, address)
    if key is None or fault:
        Key.note_refusal(prefix, fault or Fault.SECRET, address)
        return Refusal.TOO_MANY if throttle.count_wrong(prefix, address) else Refusal.WRONG_KEY
    key.was_read(asked_at)
    key.note_use(address)
    throttle.remember(prefix, address)
    return key


def _with(prefix: str) -> Key | None:
    try:
        return Key.objects.select_related("application").get(prefix=prefix)
    except Key.DoesNotExist:
        return None


def _fault(key: Key | None, typed: str, address: str) -> Fault | None:
    """Return why nothing opens, None where it does. A hash is opened and compared whatever else is wrong."""
    right = (key if key and key.sealed_hash else _nobodys()).matches(typed)
    if key is None or not (right or key.revoked_at):
        return Fault.SECRET
    if key.fault:
        return key.fault
    return None if key.admits(address) else Fault.NETWORK


@cache
def _nobodys() -> Key:
    """Return a key that no secret opens: it is compared where there is none, or none with a hash."""
    key = Key(prefix="")
    key.sealed_hash = sealing.seal(hashed("nobody's"), binding=key.binding)
    return key
