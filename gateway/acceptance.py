"""Accept for a key: the one way in behind every door, which ends in what `delivery.api` does."""

from collections.abc import Sequence

from delivery import api
from delivery.api import Prepared
from delivery.models import Delivery, Email
from gateway.keys.authentication import KeyStopped
from gateway.models import Key


def accept(key: Key, messages: Sequence[Prepared], *, priority: int = Delivery.Priority.NORMAL) -> list[Email]:
    """Store what `delivery.api` has prepared, all or none, as sent with `key`; return the e-mails.

    With a test key they are stored and logged, and never leave. Raises `KeyStopped`.
    """
    return api.accept([with_key(key, message) for message in messages], priority=priority)


def with_key(key: Key, message: Prepared) -> Prepared:
    """Return the message as one that was sent with `key`. Raises `KeyStopped`."""
    if not key.is_usable():
        raise KeyStopped
    assert key.application is not None, "a key of the platform only provisions"
    email, recipients = message
    email.white_label_id = key.application.white_label_id  # whose it is now, perhaps not as when the message began
    email.key_prefix, email.test = key.prefix, key.test
    return email, recipients
