"""unbound as the resolver of the installation: it validates, and varies the letters of what it asks for."""

from benchmarks.interop.dns.resolver import Resolver

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


class Unbound(Resolver):
    name = "unbound"
    package = "unbound"

    def configure(self) -> None:
        self.write_hints()
        addresses = "\n  ".join(f"interface: {address}" for address in self.addresses)
        (self.folder / "root.key").write_text(f"{self.trust_anchor}\n")
        (self.folder / "unbound.conf").write_text(CONFIGURATION.format(folder=self.folder, addresses=addresses))

    def command(self) -> list[str]:
        return ["/usr/sbin/unbound", "-d", "-p", "-c", str(self.folder / "unbound.conf")]
