"""DKIM key records (RFC 6376 3.6.1, RFC 8463): what verifiers make of one, and which two are the same to them."""

import binascii
import re
from base64 import b64decode

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_der_public_key

from whitelabel.dns.tags import tags_of

KEY_LABEL = "._domainkey."
HASH, ANY_SERVICE, SERVICE = "sha256", "*", "email"
RSA_MIN_BITS = 1024  # RFC 8301 3.2
RSA_MAX_BITS = 16_384  # OpenSSL verifies none that is longer
ED25519_BYTES = 32
_LIKE_KEY = re.compile(r"dkim1|(?:^|[;\s\"'])p\s*=", re.IGNORECASE)


def is_key_name(name: str) -> bool:
    return KEY_LABEL in name


def signing_domain(name: str) -> str:
    """Return the domain that the key at `name` signs for (d=)."""
    return name.rpartition(KEY_LABEL)[2]


def is_like_key(text: str) -> bool:
    """Return whether somebody meant it as a key record; a verifier may take any that is there (RFC 6376 3.6.2.2)."""
    return _LIKE_KEY.search(text) is not None


def same_key(expected: str, published: str) -> bool:
    """Return whether what `expected` verifies is verified by `published` as well.

    Order, blanks, notes, flags and defaults make no difference to it, nor hashes and services that no mail here uses.
    """
    wanted, key = _key(expected), _key(published)
    same = [(one.get("k", "rsa"), "".join(one.get("p", "").split())) for one in (wanted, key)]
    return bool(same[0][1]) and same[0] == same[1] and not _not_for_mail(key)


def problem(text: str) -> str:
    """Say why no signature is verified by this key record, as a sentence; "" where it may be."""
    key = _key(text)
    if not key:
        return "It is no DKIM key record."
    value = "".join(key["p"].split())
    if not value:
        return "The key was revoked: p= is empty."
    return _not_for_mail(key) or _broken(key.get("k", "rsa"), value)


def _key(text: str) -> dict[str, str]:
    """Return the tags of a key record, {} where it is none; the version may be left out, but not come later."""
    tags = tags_of(text)
    if "p" not in tags or ("v" in tags and (next(iter(tags)) != "v" or tags["v"] != "DKIM1")):
        return {}
    return tags


def _not_for_mail(key: dict[str, str]) -> str:
    if not {ANY_SERVICE, SERVICE} & _listed(key.get("s", ANY_SERVICE)):
        return "The key is not for mail: s= names another service."
    return "" if HASH in _listed(key.get("h", HASH)) else f"The key does not allow {HASH}: see h=."


def _listed(value: str) -> set[str]:
    return {one.strip() for one in value.split(":")}


def _broken(kind: str, value: str) -> str:
    try:
        data = b64decode(value, validate=True)
    except binascii.Error:
        return "The key is cut off or changed: p= is no base64."
    if kind == "ed25519":
        return "" if len(data) == ED25519_BYTES else f"An Ed25519 key has {ED25519_BYTES} bytes, not {len(data)}."
    if kind != "rsa":
        return "The key is of a type that mail servers do not know: see k=."
    try:
        key = load_der_public_key(data)
    except (ValueError, UnsupportedAlgorithm):
        return "The key is cut off or changed: p= holds no RSA key."
    if not isinstance(key, RSAPublicKey):
        return "p= holds no RSA key."
    fits = RSA_MIN_BITS <= key.key_size <= RSA_MAX_BITS
    return "" if fits else f"The key has {key.key_size} bits; mail servers take none below {RSA_MIN_BITS}."
