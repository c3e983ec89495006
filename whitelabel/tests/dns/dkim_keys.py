"""DKIM keys for tests: made once, with what a signer needs and what is published."""

from base64 import b64encode
from dataclasses import dataclass
from functools import cache

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat


@dataclass(frozen=True)
class DkimKey:
    """`private` is as dkimpy takes it, `public` the value of p=."""

    private: bytes
    public: str


@cache
def rsa_key(bits: int = 1024) -> DkimKey:
    key = rsa.generate_private_key(65537, bits)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    private = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    return DkimKey(private, b64encode(public).decode())


@cache
def ed25519_key() -> DkimKey:
    key = ed25519.Ed25519PrivateKey.generate()
    return DkimKey(b64encode(key.private_bytes_raw()), b64encode(key.public_key().public_bytes_raw()).decode())


@cache
def bare_rsa_key() -> str:
    """Return p= as an RSAPublicKey (PKCS #1), as RFC 6376 3.6.1 was once read."""
    key = rsa.generate_private_key(65537, 1024)
    return b64encode(key.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)).decode()


def short_rsa_key(bits: int) -> str:
    """Return p= of a key that nobody makes any more, and some still publish."""
    key = rsa.RSAPublicNumbers(65537, (1 << (bits - 1)) | 0xC0FFEE1).public_key()
    return b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()
