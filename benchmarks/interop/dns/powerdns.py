"""The authoritative server of PowerDNS, with zone files as its back end."""

import subprocess

from benchmarks.interop.dns.name_server import NameServer
from benchmarks.processes import Failed
from benchmarks.surroundings import basic

SETTINGS = """
launch=bind
bind-config={folder}/zones.conf
bind-dnssec-db={folder}/dnssec.sqlite
local-address={addresses}
socket-dir={folder}
daemon=no
guardian=no
disable-syslog=yes
dname-processing=yes
distributor-threads=1
"""
ZONE = 'zone "{zone.origin}" {{ type master; file "{zone.file}"; }};\n'
TOOL_SECONDS = 30


class PowerDns(NameServer):
    name = "powerdns"
    package = "pdns-backend-bind"

    def configure(self) -> None:
        addresses = ", ".join(self.addresses)
        (self.folder / "pdns.conf").write_text(SETTINGS.format(folder=self.folder, addresses=addresses))
        (self.folder / "zones.conf").write_text("".join(ZONE.format(zone=zone) for zone in self.zones))
        self._tool("create-bind-db", str(self.folder / "dnssec.sqlite"))
        for zone in self.zones:
            if zone.signed:
                self._tool("set-presigned", zone.origin)

    def command(self) -> list[str]:
        return ["/usr/sbin/pdns_server", f"--config-dir={self.folder}"]

    def _tool(self, *arguments: str) -> None:
        command = self.installed(["/usr/bin/pdnsutil", f"--config-dir={self.folder}", *arguments])
        done = subprocess.run(command, env=basic(), capture_output=True, text=True, timeout=TOOL_SECONDS, check=False)
        if done.returncode:
            raise Failed(f"pdnsutil {' '.join(arguments)} failed:\n{done.stdout}{done.stderr}")
