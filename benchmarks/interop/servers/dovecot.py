"""Dovecot's submission service: it takes a message, and says yes once the server behind it has said so."""

import shutil

from benchmarks.interop import debian
from benchmarks.interop.servers.server import Offer, Server
from benchmarks.interop.workspace import PASSWORD, USERNAME

PACKAGE = "dovecot-submissiond"
CONFIGURATION = """
protocols = submission
listen = 127.0.0.1
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {logs}/dovecot.log
hostname = dovecot.test
ssl = required
ssl_cert = <{chain}
ssl_key = <{key}
auth_mechanisms = plain login
passdb {{
  driver = passwd-file
  args = {folder}/users
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home={folder}/home
}}
first_valid_uid = 1
mail_location = maildir:~/mail
mail_max_userip_connections = {connections}
submission_relay_host = 127.0.0.1
submission_relay_port = {sink_port}
service submission-login {{
  inet_listener submission {{
    port = {port}
  }}
}}
"""
MANY = 100


class Dovecot(Server):
    name = "dovecot"
    offers = frozenset({Offer.FULL_MAILBOX, Offer.CONNECTION_LIMIT})

    def fetch(self) -> str:
        self._tree = debian.fetch(PACKAGE)
        return self._tree.version

    def configure(self) -> None:
        folder = self.workspace.folder
        for name in ("run", "state", "home"):
            (folder / name).mkdir(exist_ok=True)
        shutil.chown(folder / "home", "mail", "mail")
        (folder / "users").write_text(f"{USERNAME}:{{PLAIN}}{PASSWORD}\n")
        self._accounts = debian.write_accounts(folder / "accounts", "dovecot", "dovenull")
        configuration = CONFIGURATION.format(
            folder=folder,
            logs=self.workspace.logs,
            chain=self.certificate.chain,
            key=self.certificate.key,
            connections=self.setup.connections or MANY,
            sink_port=self.workspace.sink_port,
            port=self.workspace.port,
        )
        (folder / "dovecot.conf").write_text(configuration)

    def command(self) -> list[str]:
        configuration = str(self.workspace.folder / "dovecot.conf")
        return self._tree.command(["/usr/sbin/dovecot", "-F", "-c", configuration], self._accounts)
