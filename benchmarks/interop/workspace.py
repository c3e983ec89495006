"""Where a server works during a run: its folders, its ports, its certificates, and what a scenario asks of it."""

import itertools
import random
import socket
import ssl
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path

import trustme

from benchmarks.processes import ROOT

FOLDER = ROOT / "var" / "interop"
LOGS = FOLDER / "logs"
USERNAME, PASSWORD = "relay@platform.test", "only for the lab"
SENDER, OTHERS_SENDER = "no-reply@platform.test", "somebody@elsewhere.test"
DOMAIN = "boutique.test"  # of an application; the account may send from SENDER and from here, as nobody else
FULL_MAILBOX = "full@users.test"
FIRST_PORT, LAST_PORT = 20_000, 32_000  # below those that the kernel gives to connections, which come and go
_ports = itertools.count(random.randrange(FIRST_PORT, LAST_PORT))


def free_port() -> int:
    """Return a port of loopback that nobody uses and no other call has returned."""
    for number in _ports:
        port = FIRST_PORT + number % (LAST_PORT - FIRST_PORT)
        with socket.socket() as tried, suppress(OSError):
            tried.bind(("127.0.0.1", port))
            return port
    raise AssertionError


class Identity(Enum):
    """Which certificate a server shows; a client has to trust the first alone."""

    GOOD = "good"
    EXPIRED = "expired"
    OTHER_NAME = "for another name"
    UNKNOWN_AUTHORITY = "of an unknown authority"


@dataclass(frozen=True)
class Certificate:
    """`authority` is what a client has to trust."""

    authority: Path
    chain: Path
    key: Path

    @property
    def server_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.chain, self.key)
        return context


@dataclass(frozen=True)
class Setup:
    """What a scenario asks of the configuration of a server; a limit of 0 is none.

    `greylisted`: a recipient that is new is put off for some seconds. `signing`: an OpenDKIM signs what goes through.
    `sender_refused_at` is the command at which the server says that the account may not send as somebody else. `held`:
    what is accepted stays in the queue.
    """

    identity: Identity = Identity.GOOD
    connections: int = 0
    messages_per_minute: int = 0
    sender_refused_at: str = "RCPT"
    greylisted: bool = False
    signing: bool = False
    held: bool = False


@dataclass(frozen=True)
class Workspace:
    """`folder` ends with the run, `logs` stays; what is sent to `port` has to arrive at `sink_port`."""

    folder: Path
    logs: Path
    port: int
    sink_port: int
    certificates: Mapping[Identity, Certificate]

    @property
    def authority(self) -> Path:
        return self.certificates[Identity.GOOD].authority


def issue_certificates(folder: Path) -> dict[Identity, Certificate]:
    """Issue one of each kind, for "localhost" and 127.0.0.1 but for the one with another name."""
    folder.mkdir()
    ours, unknown = trustme.CA(), trustme.CA()
    now, here = datetime.now(UTC), ("localhost", "127.0.0.1")
    issued = {
        Identity.GOOD: ours.issue_cert(*here),
        Identity.EXPIRED: ours.issue_cert(
            *here, not_before=now - timedelta(days=90), not_after=now - timedelta(days=1)
        ),
        Identity.OTHER_NAME: ours.issue_cert("other.test"),
        Identity.UNKNOWN_AUTHORITY: unknown.issue_cert(*here),
    }
    ours.cert_pem.write_to_path(str(folder / "authority.pem"))
    return {identity: _write(folder, identity.name.lower(), leaf) for identity, leaf in issued.items()}


def _write(folder: Path, name: str, leaf: trustme.LeafCert) -> Certificate:
    certificate = Certificate(folder / "authority.pem", folder / f"{name}-chain.pem", folder / f"{name}-key.pem")
    certificate.key.touch(mode=0o600)
    leaf.private_key_pem.write_to_path(str(certificate.key))
    for part in leaf.cert_chain_pems:
        part.write_to_path(str(certificate.chain), append=True)
    return certificate
