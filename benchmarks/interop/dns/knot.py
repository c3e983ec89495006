"""Knot DNS as an authoritative server."""

from benchmarks.interop.dns.name_server import NameServer

SERVER = """
server:
  rundir: "{folder}"
  listen: [ {addresses} ]
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
log:
  - target: stderr
    any: info
database:
  storage: "{folder}"
template:
  - id: default
    zonefile-sync: -1
    zonefile-load: whole
    journal-content: none
zone:
"""
ZONE = """  - domain: "{zone.origin}"
    file: "{zone.file}"
"""


class Knot(NameServer):
    name = "knot"
    package = "knot"

    def configure(self) -> None:
        addresses = ", ".join(f'"{address}@53"' for address in self.addresses)
        zones = "".join(ZONE.format(zone=zone) for zone in self.zones)
        (self.folder / "knot.conf").write_text(SERVER.format(folder=self.folder, addresses=addresses) + zones)

    def command(self) -> list[str]:
        return ["/usr/sbin/knotd", "-c", str(self.folder / "knot.conf")]

    def start(self) -> None:
        """Start it; what it left behind names a first process as the one that runs, which in a new namespace it is."""
        (self.folder / "knot.pid").unlink(missing_ok=True)
        super().start()
