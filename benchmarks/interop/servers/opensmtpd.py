"""OpenSMTPD as a submission server: what it accepts is in its queue, and goes on at once."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path

from benchmarks.interop import debian
from benchmarks.interop.servers.server import Offer, Server
from benchmarks.interop.workspace import DOMAIN, FULL_MAILBOX, PASSWORD, SENDER, USERNAME
from benchmarks.processes import Failed

ENCRYPT_SECONDS = 20
CONFIGURATION = """
pki lab cert "{folder}/chain.pem"
pki lab key "{folder}/key.pem"
table users file:{folder}/users
table owners file:{folder}/senders
filter full phase rcpt-to match rcpt-to {{ "{full}" }} reject "452 4.2.2 The mailbox is full"
listen on 127.0.0.1 port {port} tls-require pki lab auth <users> {senders} hostname opensmtpd.test filter full
action next relay host smtp://127.0.0.1:{sink_port}
match auth from any for any action next
"""


class OpenSmtpd(Server):
    name = "opensmtpd"
    offers = frozenset({Offer.QUEUE, Offer.FULL_MAILBOX, Offer.REFUSAL_AT_MAIL})

    def fetch(self) -> str:
        """Debian 12 has 6.8, which was made for OpenSSL 1.1 and cannot do TLS with OpenSSL 3."""
        self._tree = debian.fetch("opensmtpd", backport_for="bookworm")
        return self._tree.version

    def configure(self) -> None:
        folder = self._folder
        self._accounts = debian.write_accounts(folder / "accounts", "opensmtpd", "opensmtpq")
        for name in ("lib/opensmtpd/empty", "spool/smtpd", "run"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        (folder / "spool" / "smtpd").chmod(0o711)
        (folder / "chain.pem").write_bytes(self.certificate.chain.read_bytes())
        key = folder / "key.pem"
        key.touch(mode=0o600)
        key.write_bytes(self.certificate.key.read_bytes())
        (folder / "users").write_text(f"{USERNAME} {self._encrypted(PASSWORD)}\n")
        (folder / "senders").write_text(f"{USERNAME} {SENDER}, @{DOMAIN}\n")
        configuration = CONFIGURATION.format(
            folder=folder,
            port=self.workspace.port,
            sink_port=self.workspace.sink_port,
            full=FULL_MAILBOX,
            senders="senders <owners>",
        )
        (folder / "smtpd.conf").write_text(configuration)

    def command(self) -> list[str]:
        return self._tree.command(
            ["/usr/sbin/smtpd", "-d", "-f", str(self._folder / "smtpd.conf")], self._accounts, self._over
        )

    @property
    def _over(self) -> Mapping[str, Path]:
        return {"/var/lib": self._folder / "lib", "/var/spool": self._folder / "spool", "/run": self._folder / "run"}

    @property
    def _folder(self) -> Path:
        return self.workspace.folder

    def _encrypted(self, password: str) -> str:
        """Let its own tool do it, which runs as the group that the installation of the package gives it."""
        tool = self._tree.files / "usr" / "sbin" / "smtpctl"
        os.chown(tool, 0, debian.user_id(self._accounts, "opensmtpq"))
        tool.chmod(0o2555)
        command = self._tree.command(["/usr/sbin/smtpctl", "encrypt", password], self._accounts, self._over)
        done = subprocess.run(command, capture_output=True, text=True, timeout=ENCRYPT_SECONDS, check=False)
        if done.returncode:
            raise Failed(f"smtpctl could not encrypt a password: {done.stderr}")
        return done.stdout.strip()
