"""A certificate authority for one test run, trusted by nobody but the tests."""

import ssl
from pathlib import Path

import trustme


class Authority:
    """`file` is the authority's certificate in PEM form, as `SMTP_CA_FILE` wants it."""

    def __init__(self, folder: Path) -> None:
        self._ca = trustme.CA()
        self.file = folder / "authority.pem"
        self._ca.cert_pem.write_to_path(str(self.file))

    def context_for(self, name: str) -> ssl.SSLContext:
        """Return a server's TLS context with a certificate for `name`."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(name).configure_cert(context)
        return context
