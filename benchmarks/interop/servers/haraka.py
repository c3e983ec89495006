"""Haraka as its documentation sets it up for submission: users from a file, mail forwarded to the next server."""

import shutil
import subprocess
from pathlib import Path

from benchmarks.interop import npm
from benchmarks.interop.servers.server import Offer, Server
from benchmarks.interop.workspace import PASSWORD, USERNAME
from benchmarks.processes import Failed

VERSION = "3.3.4"
INSTALL_SECONDS = 60


class Haraka(Server):
    name = "haraka"
    offers = frozenset({Offer.FULL_MAILBOX})
    takes_utf8 = True

    def fetch(self) -> str:
        self._program = npm.fetch("Haraka", VERSION) / "bin" / "haraka"
        return VERSION

    def configure(self) -> None:
        """Let it write its own defaults, as an installation does, and set what makes it a submission server."""
        command = ["node", str(self._program), "-i", str(self._folder)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=INSTALL_SECONDS, check=False)
        if done.returncode:
            raise Failed(f"Haraka could not write its configuration:\n{done.stdout}{done.stderr}")
        workspace, config = self.workspace, self._folder / "config"
        shutil.copy(self.certificate.key, config / "tls_key.pem")
        shutil.copy(self.certificate.chain, config / "tls_cert.pem")
        for name, text in {
            "plugins": "tls\nauth/flat_file\nqueue/smtp_forward\n",
            "smtp.ini": f"listen=127.0.0.1:{workspace.port}\n",
            "auth_flat_file.ini": f"[core]\nmethods=PLAIN,LOGIN\n[users]\n{USERNAME}={PASSWORD}\n",
            "smtp_forward.ini": f"host=127.0.0.1\nport={workspace.sink_port}\nenable_outbound=true\n",
            "me": "haraka.test\n",
        }.items():
            (config / name).write_text(text)

    def command(self) -> list[str]:
        return ["node", str(self._program), "-c", str(self._folder)]

    @property
    def _folder(self) -> Path:
        return self.workspace.folder / "haraka"
