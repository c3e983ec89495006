"""NSD, which knows only what is in its zone files."""

from benchmarks.interop.dns.name_server import NameServer

SERVER = """
server:
  username: ""
  chroot: ""
  database: ""
  zonesdir: "{folder}"
  pidfile: ""
  zonelistfile: "{folder}/zone.list"
  xfrdfile: "{folder}/xfrd.state"
  xfrdir: "{folder}"
  server-count: 1
  {addresses}
remote-control:
  control-enable: no
"""
ZONE = """zone:
  name: "{zone.origin}"
  zonefile: "{zone.file}"
"""


class Nsd(NameServer):
    name = "nsd"
    package = "nsd"

    def configure(self) -> None:
        addresses = "\n  ".join(f"ip-address: {address}" for address in self.addresses)
        zones = "".join(ZONE.format(zone=zone) for zone in self.zones)
        (self.folder / "nsd.conf").write_text(SERVER.format(folder=self.folder, addresses=addresses) + zones)

    def command(self) -> list[str]:
        return ["/usr/sbin/nsd", "-d", "-c", str(self.folder / "nsd.conf")]
