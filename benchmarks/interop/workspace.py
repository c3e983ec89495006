"""Where a server works during a run: its folders, its ports, its certificate, and the account that may send."""

import ssl
from dataclasses import dataclass
from pathlib import Path

import trustme

from benchmarks.processes import ROOT

FOLDER = ROOT / "var" / "interop"
LOGS = FOLDER / "logs"
USERNAME, PASSWORD = "relay@platform.test", "only for the lab"


@dataclass(frozen=True)
class Certificate:
    """For "localhost" and 127.0.0.1; `authority` is what a client has to trust."""

    authority: Path
    chain: Path
    key: Path

    @property
    def server_context(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(self.chain, self.key)
        return context


@dataclass(frozen=True)
class Workspace:
    """`folder` ends with the run, `logs` stays; what is sent to `port` has to arrive at `sink_port`."""

    folder: Path
    logs: Path
    port: int
    sink_port: int
    certificate: Certificate


def issue_certificate(folder: Path) -> Certificate:
    authority = trustme.CA()
    issued = authority.issue_cert("localhost", "127.0.0.1")
    folder.mkdir()
    certificate = Certificate(folder / "authority.pem", folder / "chain.pem", folder / "key.pem")
    certificate.key.touch(mode=0o600)
    authority.cert_pem.write_to_path(str(certificate.authority))
    issued.private_key_pem.write_to_path(str(certificate.key))
    for part in issued.cert_chain_pems:
        part.write_to_path(str(certificate.chain), append=True)
    return certificate
