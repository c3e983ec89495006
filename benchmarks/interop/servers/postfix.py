"""Postfix as a submission server: Dovecot signs people in, postgrey greylists, OpenDKIM signs; a queue, and a relay."""

import os
from collections.abc import Sequence
from pathlib import Path

from benchmarks.interop import debian
from benchmarks.interop.servers import opendkim
from benchmarks.interop.servers.server import Companion, Offer, Server
from benchmarks.interop.workspace import DOMAIN, FULL_MAILBOX, PASSWORD, SENDER, USERNAME, free_port

GREYLISTED_SECONDS = 4
MAIN = """
compatibility_level = 3.6
myhostname = postfix.test
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mydestination =
mynetworks =
queue_directory = {folder}/queue
data_directory = {folder}/data
maillog_file = {logs}/postfix.log
maillog_file_prefixes = /
smtputf8_enable = yes
smtp_dns_support_level = disabled
smtp_host_lookup = native
relayhost = [127.0.0.1]:{sink_port}
minimal_backoff_time = 5s
queue_run_delay = 5s
smtpd_tls_security_level = may
smtpd_tls_auth_only = yes
smtpd_tls_chain_files = {key}, {chain}
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = {folder}/sasl/auth
smtpd_sender_login_maps = inline:{{ {{ {sender} = {username} }}, {{ @{domain} = {username} }} }}
smtpd_delay_reject = {delay_reject}
smtpd_sender_restrictions = reject_sender_login_mismatch
smtpd_relay_restrictions = permit_sasl_authenticated, reject
smtpd_recipient_restrictions =
  {greylisting}
  {holding}
  check_recipient_access inline:{{ {{ {full} = 452 4.2.2 The mailbox is full }} }}
smtpd_client_connection_count_limit = {connections}
smtpd_client_message_rate_limit = {rate}
smtpd_client_event_limit_exceptions =
anvil_rate_time_unit = 60s
smtpd_milters = {milter}
milter_default_action = tempfail
"""
SERVICES = """
127.0.0.1:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
relay unix - - n - - smtp
showq unix n - n - - showq
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
SIGN_IN = """
protocols =
base_dir = {folder}/sasl/run
state_dir = {folder}/sasl/state
log_path = {logs}/sasl.log
ssl = no
auth_mechanisms = plain login
disable_plaintext_auth = no
passdb {{
  driver = passwd-file
  args = {folder}/sasl/users
}}
userdb {{
  driver = static
  args = uid=mail gid=mail home=/nonexistent
}}
service auth {{
  unix_listener {folder}/sasl/auth {{
    mode = 0666
  }}
}}
"""
OWNED_BY_POSTFIX = (
    "active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private", "saved", "trace",
)  # fmt: skip


class Postfix(Server):
    name = "postfix"
    offers = frozenset(Offer)
    takes_utf8 = True

    def fetch(self) -> str:
        self._tree = debian.fetch("postfix")
        self._dovecot, self._postgrey, self._opendkim = map(debian.fetch, ("dovecot-core", "postgrey", "opendkim"))
        return self._tree.version

    def configure(self) -> None:
        workspace, setup = self.workspace, self.setup
        self._accounts = debian.write_accounts(
            self._folder / "accounts", "postfix", "postdrop", "dovecot", "dovenull", "postgrey", "opendkim"
        )
        self._greylisting_port, self._signing_port = free_port(), free_port()
        self._make_folders()
        values = {
            "folder": self._folder,
            "logs": workspace.logs,
            "port": workspace.port,
            "sink_port": workspace.sink_port,
            "key": self.certificate.key,
            "chain": self.certificate.chain,
            "sender": SENDER,
            "domain": DOMAIN,
            "username": USERNAME,
            "full": FULL_MAILBOX,
            "delay_reject": "no" if setup.sender_refused_at == "MAIL" else "yes",
            "greylisting": f"check_policy_service inet:127.0.0.1:{self._greylisting_port}," if setup.greylisted else "",
            "holding": "static:HOLD," if setup.held else "",
            "connections": setup.connections,
            "rate": setup.messages_per_minute,
            "milter": f"inet:127.0.0.1:{self._signing_port}" if setup.signing else "",
        }
        for name, text in {"main.cf": MAIN, "master.cf": SERVICES, "sasl/dovecot.conf": SIGN_IN}.items():
            (self._folder / name).write_text(text.format(**values))
        (self._folder / "sasl" / "users").write_text(f"{USERNAME}:{{PLAIN}}{PASSWORD}\n")
        opendkim.configure(self._folder / "dkim", self._accounts, self._signing_port)

    def companions(self) -> Sequence[Companion]:
        folder, accounts = self._folder, self._accounts
        sign_in = ["/usr/sbin/dovecot", "-F", "-c", str(folder / "sasl" / "dovecot.conf")]
        beside = [Companion(self._dovecot.command(sign_in, accounts), folder / "sasl" / "auth")]
        if self.setup.greylisted:
            beside.append(Companion(self._postgrey.command(self._greylist(), accounts), self._greylisting_port))
        if self.setup.signing:
            signing = opendkim.command(folder / "dkim")
            beside.append(Companion(self._opendkim.command(signing, accounts), self._signing_port))
        return beside

    def command(self) -> list[str]:
        return self._tree.command(["/usr/lib/postfix/sbin/master", "-i", "-c", str(self._folder)], self._accounts)

    @property
    def zone(self) -> dict[str, str]:
        return opendkim.zone(self._folder / "dkim")

    def _greylist(self) -> list[str]:
        seconds, base = f"--delay={GREYLISTED_SECONDS}", self._folder / "postgrey"
        return ["/usr/sbin/postgrey", f"--inet=127.0.0.1:{self._greylisting_port}", seconds, f"--dbdir={base}"]

    def _make_folders(self) -> None:
        postfix = debian.user_id(self._accounts, "postfix")
        queue = self._folder / "queue"
        for name in OWNED_BY_POSTFIX:
            _make(queue / name, postfix, mode=0o700)
        _make(queue / "pid", 0, mode=0o755)
        _make(queue / "maildrop", postfix, debian.user_id(self._accounts, "postdrop"), mode=0o730)
        _make(queue / "public", postfix, debian.user_id(self._accounts, "postdrop"), mode=0o710)
        _make(self._folder / "data", postfix, mode=0o700)
        _make(self._folder / "postgrey", debian.user_id(self._accounts, "postgrey"), mode=0o700)
        for name in ("run", "state"):
            (self._folder / "sasl" / name).mkdir(parents=True, exist_ok=True)

    @property
    def _folder(self) -> Path:
        return self.workspace.folder


def _make(folder: Path, user: int, group: int | None = None, *, mode: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    os.chown(folder, user, user if group is None else group)
    folder.chmod(mode)
