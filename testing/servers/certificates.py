"""A certificate authority for one test run, trusted by nobody but the tests."""

import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import NamedTemporaryFile

import trustme
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID


class Authority:
    """`file` is the authority's certificate in PEM form, as `SMTP_CA_FILE` wants it."""

    def __init__(self, folder: Path) -> None:
        self.ca = trustme.CA()
        self.file = folder / "authority.pem"
        self.ca.cert_pem.write_to_path(str(self.file))

    def context_for(self, name: str) -> ssl.SSLContext:
        """Return a server's TLS context with a certificate for `name`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.ca.issue_cert(name).configure_cert(context)
        return context


def valid_in(authority: Authority, days: int) -> ssl.SSLContext:
    """Return the context of a server whose certificate is valid for one day, so many days from now."""
    begin = datetime.now(UTC) + timedelta(days=days)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate = authority.ca.issue_cert("localhost", not_before=begin, not_after=begin + timedelta(days=1))
    certificate.configure_cert(context)
    return context


def without_a_purpose(authority: Authority) -> ssl.SSLContext:
    """Return the context of a server whose certificate is for clients only (RFC 5280 4.2.1.12)."""
    names = x509.SubjectAlternativeName([x509.DNSName("localhost")])
    return _context(authority, "localhost", names, x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH]))


def with_common_name_only(authority: Authority, name: str) -> ssl.SSLContext:
    """Return the context of a server whose certificate names it as certificates did before RFC 2818."""
    return _context(authority, name)


def _context(authority: Authority, name: str, *extensions: x509.ExtensionType) -> ssl.SSLContext:
    key, now = ec.generate_private_key(ec.SECP256R1()), datetime.now(UTC)
    issuer = x509.load_pem_x509_certificate(authority.ca.cert_pem.bytes())
    signer = serialization.load_pem_private_key(authority.ca.private_key_pem.bytes(), None)
    assert isinstance(signer, ec.EllipticCurvePrivateKey)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=isinstance(extension, x509.ExtendedKeyUsage))
    certificate = builder.sign(signer, hashes.SHA256())
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with NamedTemporaryFile() as file:
        file.write(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain) + certificate.public_bytes(pem))
        file.flush()
        context.load_cert_chain(file.name)
    return context
