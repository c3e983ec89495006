"""Seal secrets with a key from the environment, bound to the place where they are stored.

A sealed text is `v1.<key id>.<URL-safe base64 of nonce and ciphertext>`; the cipher is AES-256-GCM (NIST SP 800-38D).
The binding is authenticated but not stored: a sealed text that is copied to another row, or whose row was edited,
cannot be opened.
"""

import base64
import hashlib
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

VERSION = "v1"
CANNOT_OPEN = "The stored secret cannot be opened; type it again."
NONCE_BYTES = 12


class CannotOpen(Exception):
    """The secret was sealed for another place, or with a key that is no longer in the ring."""


def seal(secret: str, *, binding: str) -> str:
    """Return `secret` sealed with the newest key for `binding`."""
    key = settings.SECRETS_KEYS[0]
    nonce = os.urandom(NONCE_BYTES)
    ciphertext = AESGCM(key).encrypt(nonce, secret.encode(), binding.encode())
    return ".".join((VERSION, key_id(key), base64.urlsafe_b64encode(nonce + ciphertext).decode()))


def open_sealed(sealed: str, *, binding: str) -> str:
    """Return the secret; raises `CannotOpen`."""
    try:
        version, name, body = sealed.split(".")
        key = next(key for key in settings.SECRETS_KEYS if key_id(key) == name and version == VERSION)
        raw = base64.urlsafe_b64decode(body)
        return AESGCM(key).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], binding.encode()).decode()
    except (StopIteration, ValueError, InvalidTag) as error:
        raise CannotOpen(CANNOT_OPEN) from error


def reseal(sealed: str, *, binding: str) -> str:
    """Return the same secret sealed with the newest key; raises `CannotOpen`."""
    return sealed if sealed_with_newest_key(sealed) else seal(open_sealed(sealed, binding=binding), binding=binding)


def is_sealed(text: str) -> bool:
    return text.startswith(f"{VERSION}.")


def sealed_with_newest_key(sealed: str) -> bool:
    return sealed.startswith(f"{VERSION}.{key_id(settings.SECRETS_KEYS[0])}.")


def key_id(key: bytes) -> str:
    """Return a short public name of the key."""
    return hashlib.sha256(key).hexdigest()[:8]
