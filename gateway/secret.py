"""How the secret of a key is written: `bo_mail_`, the key's public prefix, `_`, 40 random characters, a checksum.

Secret scanners know it by its beginning and its length, and leave alone what the checksum does not fit: CRC-32 of
all before it, six digits to the base of 62. Letters and digits only, so that it needs no escape in any language.
"""

import hashlib
import re
import secrets
import zlib
from string import ascii_letters, ascii_lowercase, digits

MARK = "bo_mail_"
PREFIX_CHARS, RANDOM_CHARS, CHECKSUM_CHARS = 12, 40, 6
SECRET_CHARS = len(MARK) + PREFIX_CHARS + 1 + RANDOM_CHARS + CHECKSUM_CHARS
PREFIX_ALPHABET, ALPHABET = ascii_lowercase + digits, digits + ascii_letters
BEGINNING = re.compile(rf"{MARK}([a-z0-9]{{{PREFIX_CHARS}}})_")


def new_prefix() -> str:
    return _random(PREFIX_ALPHABET, PREFIX_CHARS)


def new_secret(prefix: str) -> str:
    """Return a secret of 238 random bits for the key with `prefix`."""
    body = f"{MARK}{prefix}_{_random(ALPHABET, RANDOM_CHARS)}"
    return body + checksum(body)


def checksum(body: str) -> str:
    """Return what stands at the end of the secret that begins with `body`."""
    number, written = zlib.crc32(body.encode()), ""
    for _ in range(CHECKSUM_CHARS):
        number, digit = divmod(number, len(ALPHABET))
        written = ALPHABET[digit] + written
    return written


def prefix_of(typed: str) -> str:
    """Return the public prefix that stands in `typed`, "" where none does; also of a secret that was cut short."""
    found = BEGINNING.match(typed)
    return found[1] if found else ""


def hashed(secret: str) -> str:
    """Return the SHA-256 of `secret`, which is random enough to need no salt and no slow hash."""
    return hashlib.sha256(secret.encode("utf-8", "replace")).hexdigest()


def _random(alphabet: str, length: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(length))
