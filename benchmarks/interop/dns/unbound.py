"""unbound as the resolver of the installation: it starts at the lab's own root, validates, and varies letters."""

from pathlib import Path

from benchmarks.interop.dns.name_server import NameServer

CONFIGURATION = """
server:
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: ""
  logfile: ""
  use-syslog: no
  num-threads: 1
  {addresses}
  access-control: 127.0.0.0/8 allow
  do-not-query-localhost: no
  root-hints: "{folder}/root.hints"
  trust-anchor-file: "{folder}/root.key"
  use-caps-for-id: yes
remote-control:
  control-enable: no
"""


class Unbound(NameServer):
    name = "unbound"
    package = "unbound"

    def told(self, *, root_server: str, trust_anchor: str) -> "Unbound":
        """Tell it where the root is, and the key that signs it (a DS or DNSKEY record)."""
        self._root_server, self._trust_anchor = root_server, trust_anchor
        return self

    def configure(self) -> None:
        addresses = "\n  ".join(f"interface: {address}" for address in self.addresses)
        self._write("unbound.conf", CONFIGURATION.format(folder=self.folder, addresses=addresses))
        self._write("root.hints", f". 3600 NS root.host.example.\nroot.host.example. 3600 A {self._root_server}\n")
        self._write("root.key", f"{self._trust_anchor}\n")

    def command(self) -> list[str]:
        return ["/usr/sbin/unbound", "-d", "-p", "-c", str(self.folder / "unbound.conf")]

    def _write(self, name: str, text: str) -> Path:
        path = self.folder / name
        path.write_text(text)
        return path
