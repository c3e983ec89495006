"""Sign zone files (RFC 4035), with signatures that hold or that have expired."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import dns.dnssec
import dns.dnssectypes
import dns.name
import dns.rdataclass
import dns.zone
from cryptography.hazmat.primitives.asymmetric import ec
from dns.rdtypes.ANY.DNSKEY import DNSKEY
from dns.rdtypes.dnskeybase import Flag

HOLDS = timedelta(days=7)
SINCE = timedelta(days=2)
ALGORITHM = dns.dnssectypes.Algorithm.ECDSAP256SHA256


@dataclass(frozen=True)
class ZoneKey:
    """The one key of a zone, which signs its keys and all else in it."""

    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def public(self) -> DNSKEY:
        key = dns.dnssec.make_dnskey(self.private.public_key(), ALGORITHM, Flag.ZONE | Flag.SEP)
        assert isinstance(key, DNSKEY)
        return key

    def delegation(self, origin: str) -> str:
        """Return the DS record by which the zone above vouches for this key."""
        return f"{origin}. DS {dns.dnssec.make_ds(dns.name.from_text(origin), self.public, 'SHA256')}"


def sign(file: Path, origin: str, key: ZoneKey, *, expired: bool = False) -> None:
    """Sign the zone in `file`, in place."""
    zone = dns.zone.from_text(file.read_text(), origin=dns.name.from_text(origin), relativize=False)
    now = datetime.now(UTC)
    until = now - timedelta(days=1) if expired else now + HOLDS
    dns.dnssec.sign_zone(zone, keys=[(key.private, key.public)], inception=now - SINCE, expiration=until)
    zone.to_file(str(file), relativize=False, want_origin=False)
