"""nodemailer's smtp-server, a library, in the shortest program that makes a submission server of it."""

import json
from pathlib import Path

from benchmarks.interop import npm
from benchmarks.interop.servers.server import Offer, Server
from benchmarks.interop.workspace import DOMAIN, FULL_MAILBOX, PASSWORD, SENDER, USERNAME

VERSION = "3.21.6"
PROGRAM = Path(__file__).with_suffix(".js")


class SmtpServer(Server):
    name = "smtp-server"
    offers = frozenset({Offer.FULL_MAILBOX, Offer.REFUSAL_AT_MAIL, Offer.CONNECTION_LIMIT})
    takes_utf8 = True

    def fetch(self) -> str:
        self._library = npm.fetch("smtp-server", VERSION)
        return VERSION

    def configure(self) -> None:
        taken = self.workspace.folder / "taken"
        taken.mkdir(exist_ok=True)
        self._mailbox.folder = taken
        settings = {
            "library": str(self._library),
            "key": str(self.certificate.key),
            "chain": str(self.certificate.chain),
            "port": self.workspace.port,
            "taken": str(taken),
            "connections": self.setup.connections,
            "username": USERNAME,
            "password": PASSWORD,
            "sender": SENDER,
            "domain": DOMAIN,
            "full": FULL_MAILBOX,
        }
        self._settings.write_text(json.dumps(settings))

    def command(self) -> list[str]:
        return ["node", str(PROGRAM), str(self._settings)]

    @property
    def _settings(self) -> Path:
        return self.workspace.folder / "settings.json"
