"""Accept for a key: the one way in behind every door, which ends in what `delivery.api` does."""

from collections.abc import Sequence

from delivery import api
from delivery.api import Prepared
from delivery.models import Delivery, Email
from gateway.models import Key


class KeyStopped(Exception):
    """The key was revoked, has expired or was stopped since it opened the door."""


def accept(key: Key, messages: Sequence[Prepared], *, priority: int = Delivery.Priority.NORMAL) -> list[Email]:
    """Store what `delivery.api` has prepared, all or none, as sent with `key`; return the e-mails.

    With a test key they are stored and logged, and never leave. Raises `KeyStopped`.
    """
    if not key.is_usable():
        raise KeyStopped
    assert key.application is not None, "a key of the platform only provisions"
    for email, _ in messages:  # whose the application is now, which may be another's than when the message began
        email.white_label_id = key.application.white_label_id
        email.key_prefix, email.test = key.prefix, key.test
    return api.accept(messages, priority=priority)
