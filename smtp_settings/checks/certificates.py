"""Say in one sentence what a server's certificate is: for whom, by whom, for how long."""

import ssl
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.x509.oid import NameOID
from django.utils import timezone

NAMES_SHOWN = 4
NAME_MAX_CHARS = 80
SOON_DAYS = 14
RENEW = "Whoever runs the server should renew its certificate soon: when it expires, no mail leaves through it."


def describe(certificate: dict[str, Any]) -> tuple[str, str]:
    """Return the sentence about a certificate that passed, as `SSLSocket.getpeercert` gives it, and the advice."""
    names = first_of(name for kind, name in certificate.get("subjectAltName", ()) if kind in ("DNS", "IP Address"))
    names = names or _name_in(certificate, "subject", "commonName", "organizationName") or "nobody by name"
    days = _days_left(certificate["notAfter"])
    left = f"{days} more day{'' if days == 1 else 's'}"
    sentence = f"The certificate is for {names}, issued by {_issuer(certificate)}, and valid for {left}."
    return sentence, RENEW if days <= SOON_DAYS else ""


def names_in(der: bytes) -> str:
    """Return the names that a certificate is for, its common name where it has no others, "" where it is unreadable."""
    try:
        certificate = x509.load_der_x509_certificate(der)
        common = [str(name.value) for name in certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)]
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return first_of(common)
    except ValueError:
        return ""
    addresses = [str(address) for address in names.get_values_for_type(x509.IPAddress)]
    return first_of([*names.get_values_for_type(x509.DNSName), *addresses] or common)


def first_of(names: Iterable[str]) -> str:
    """Return a few of the names; they are a stranger's, so no longer than it takes to recognise them."""
    clean = ["".join(char for char in name if char.isprintable())[:NAME_MAX_CHARS] for name in names]
    more = f" and {len(clean) - NAMES_SHOWN} more" if len(clean) > NAMES_SHOWN else ""
    return ", ".join(clean[:NAMES_SHOWN]) + more


def _issuer(certificate: dict[str, Any]) -> str:
    return _name_in(certificate, "issuer", "organizationName", "commonName") or "an unnamed authority"


def _name_in(certificate: dict[str, Any], whose: str, *kinds: str) -> str:
    """Return the first of these kinds of names that the certificate has for its subject or issuer (RFC 5280 4.1.2)."""
    parts = dict(pair for group in certificate.get(whose, ()) for pair in group)
    return next((name for kind in kinds if (name := first_of([parts.get(kind, "")]))), "")


def _days_left(not_after: str) -> int:
    end = datetime.fromtimestamp(ssl.cert_time_to_seconds(not_after), UTC)
    return max(0, (end - timezone.now()).days)
