"""Look once more at a server that could not be secured, to say what is wrong. No secret and no mail goes there."""

import ssl
from copy import copy

from smtp_settings.checks.certificates import names_in
from smtp_settings.choices import Phase, Security
from smtp_settings.models import SmtpServer
from smtp_settings.network.tls import unverified_context
from smtp_settings.transport.failures import NO_GREETING
from smtp_settings.transport.session import Session, SessionFailed

SECONDS = 3
SILENT = ("timeout", NO_GREETING, "closed", "protocol")


def speaks_tls_at_once(server: SmtpServer, failure: SessionFailed) -> bool:
    """Return whether a server that sent no greeting in clear text waits for TLS instead."""
    if failure.phase != Phase.CONNECT or failure.kind not in SILENT or server.security == Security.IMPLICIT_TLS:
        return False
    other = copy(server)
    other.security = Security.IMPLICIT_TLS
    with _session(other) as session:
        try:
            session.connect()
        except SessionFailed as second:
            return second.kind in ("certificate", NO_GREETING) or "alert" in second.text  # it has come to a handshake
    return True


def greets_in_clear(server: SmtpServer, failure: SessionFailed) -> bool:
    """Return whether a server whose TLS failed, for no reason that it named itself, greets in clear text instead."""
    if failure.phase != Phase.CONNECT or server.security != Security.IMPLICIT_TLS:
        return False
    if failure.kind not in ("tls", "closed", "protocol") or "alert" in failure.text:
        return False
    other = copy(server)
    other.security = Security.NONE
    with _session(other) as session:
        try:
            session.connect()
        except SessionFailed as second:
            return second.code is not None
    return True


def names_on_certificate(server: SmtpServer) -> str:
    """Return the names for which the server's certificate is, whoever issued it; "" where it shows none."""
    with _session(server) as session:
        session.connection.tls_context = unverified_context()
        try:
            session.connect()
            session.secure()
        except SessionFailed:
            return ""
        sock = session.connection.sock
        der = sock.getpeercert(binary_form=True) if isinstance(sock, ssl.SSLSocket) else None
    return names_in(der) if der else ""


def _session(server: SmtpServer) -> Session:
    return Session(server, secret="", reply_seconds=SECONDS, deadline_seconds=SECONDS)
