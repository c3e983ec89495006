"""What the lab asks of a resolver: as of any DNS server, and to start at the lab's own root."""

from typing import Self

from benchmarks.interop.dns.name_server import NameServer

HINTS = ". 3600 NS root.host.example.\nroot.host.example. 3600 A {address}\n"


class Resolver(NameServer):
    """`trust_anchor` is the DS record of the key that signs the root."""

    trust_anchor: str

    def told(self, *, root_server: str, trust_anchor: str) -> Self:
        """Tell it the address of the root's server, and the key that signs the root."""
        self._root_server, self.trust_anchor = root_server, trust_anchor
        return self

    def write_hints(self) -> None:
        (self.folder / "root.hints").write_text(HINTS.format(address=self._root_server))
