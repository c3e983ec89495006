"""BIND as the resolver of the installation, validating."""

from benchmarks.interop.dns.resolver import Resolver

CONFIGURATION = """
options {{
  directory "{folder}";
  listen-on {{ {addresses} }};
  listen-on-v6 {{ none; }};
  pid-file none;
  session-keyfile none;
  recursion yes;
  allow-query {{ 127.0.0.0/8; }};
  empty-zones-enable no;
  dnssec-validation yes;
}};
controls {{ }};
zone "." {{ type hint; file "root.hints"; }};
trust-anchors {{ . static-ds {tag} {algorithm} {digest_type} "{digest}"; }};
"""


class BindResolver(Resolver):
    name = "bind-resolver"
    package = "bind9"

    def configure(self) -> None:
        self.write_hints()
        _, _, tag, algorithm, digest_type, digest = self.trust_anchor.split()
        addresses = "".join(f"{address}; " for address in self.addresses)
        text = CONFIGURATION.format(
            folder=self.folder,
            addresses=addresses,
            tag=tag,
            algorithm=algorithm,
            digest_type=digest_type,
            digest=digest,
        )
        (self.folder / "named.conf").write_text(text)

    def command(self) -> list[str]:
        return ["/usr/sbin/named", "-g", "-n", "1", "-c", str(self.folder / "named.conf")]
