"""BIND as an authoritative server. Its test options imitate what older servers and firewalls do to EDNS and TCP."""

from typing import ClassVar

from benchmarks.interop.dns.name_server import NameServer

OPTIONS = """
options {{
  directory "{folder}";
  listen-on {{ {ipv4} }};
  listen-on-v6 {{ {ipv6} }};
  pid-file none;
  session-keyfile none;
  recursion no;
  allow-transfer {{ none; }};
  notify no;
  dnssec-validation no;
}};
controls {{ }};
"""
ZONE = 'zone "{zone.origin}" {{ type primary; file "{zone.file}"; }};\n'


class Bind(NameServer):
    name = "bind"
    package = "bind9"
    test_option: ClassVar[str] = ""

    def configure(self) -> None:
        addresses = {
            "ipv4": "".join(f"{address}; " for address in self.addresses if ":" not in address) or "none; ",
            "ipv6": "".join(f"{address}; " for address in self.addresses if ":" in address) or "none; ",
        }
        zones = "".join(ZONE.format(zone=zone) for zone in self.zones)
        (self.folder / "named.conf").write_text(OPTIONS.format(folder=self.folder, **addresses) + zones)

    def command(self) -> list[str]:
        test_option = ["-T", self.test_option] if self.test_option else []
        return ["/usr/sbin/named", "-g", "-n", "1", "-c", str(self.folder / "named.conf"), *test_option]


class WithoutEdns(Bind):
    """Older than EDNS: a query with it is a format error (RFC 6891 7)."""

    test_option = "ednsformerr"


class NotImplementingEdns(Bind):
    test_option = "ednsnotimp"


class RefusingEdns(Bind):
    test_option = "ednsrefused"


class DroppingEdns(Bind):
    """Behind a firewall that lets no query with EDNS pass."""

    test_option = "dropedns"


class WithoutTcp(Bind):
    test_option = "notcp"


class SmallAnswers(Bind):
    """Cuts every answer by UDP short at 512 octets, whatever the query allows."""

    test_option = "maxudp512"


class NotAuthoritative(Bind):
    """Answers without the AA flag, as a cache does."""

    test_option = "noaa"
