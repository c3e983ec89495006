"""OpenDKIM as a milter beside a server: signs what an account sends (RFC 6376)."""

import base64
import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from benchmarks.interop import debian
from benchmarks.interop.workspace import SENDER

SELECTOR, KEY_BITS = "lab", 2048
CONFIGURATION = """
Mode s
Domain {domain}
Selector {selector}
KeyFile {folder}/key.pem
Socket inet:{port}@127.0.0.1
UserID opendkim
Canonicalization relaxed/simple
OversignHeaders From
RequireSafeKeys no
Syslog no
LogWhy no
"""


def configure(folder: Path, accounts: Path, port: int) -> None:
    """Write key, record and configuration into `folder`; `accounts` know the user that it runs as."""
    folder.mkdir(exist_ok=True)
    key = rsa.generate_private_key(public_exponent=65537, key_size=KEY_BITS)
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    private = folder / "key.pem"
    private.touch(mode=0o600)
    private.write_bytes(pem)
    os.chown(private, debian.user_id(accounts, "opendkim"), 0)
    (folder / "record.txt").write_text(f"v=DKIM1; k=rsa; p={base64.b64encode(public).decode()}")
    text = CONFIGURATION.format(domain=_domain(), selector=SELECTOR, folder=folder, port=port)
    (folder / "opendkim.conf").write_text(text)


def command(folder: Path) -> list[str]:
    return ["/usr/sbin/opendkim", "-f", "-x", str(folder / "opendkim.conf")]


def zone(folder: Path) -> dict[str, str]:
    """Return the TXT records that a receiver needs, by name."""
    return {f"{SELECTOR}._domainkey.{_domain()}": (folder / "record.txt").read_text()}


def _domain() -> str:
    return SENDER.rpartition("@")[2]
