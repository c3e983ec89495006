"""The mail catcher: an SMTP server that takes every mail and delivers none.

On CATCHER_PORT it offers STARTTLS, on the port above it is implicit TLS; any sign-in is accepted.
"""

import asyncio
import os
import signal
import ssl
import time
from functools import partial
from pathlib import Path
from typing import Any, cast

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from backoffice.development import mail_folder
from backoffice.development.certificates import catcher_context, make

HOST = "127.0.0.1"
MOST_BYTES = 40_000_000


class QuietSession(Session):
    """A session whose `login_data` is a plain attribute: aiosmtpd sets it at each sign-in, and warns of doing so."""

    login_data: Any = None


class Catcher(SMTP):
    def _create_session(self) -> Session:
        return QuietSession(self.loop)


class StoringHandler:
    """Keep each message with its envelope."""

    def __init__(self, mails: mail_folder.MailFolder, port: int) -> None:
        self.mails, self.port = mails, port

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        signed_in = cast(LoginPassword, session.auth_data).login if session.authenticated else b""
        caught_envelope = mail_folder.Envelope(
            sender=envelope.mail_from or "",
            recipients=list(envelope.rcpt_tos),
            port=self.port,
            tls=tls_version(server),
            user=signed_in.decode(errors="replace"),
            at=time.time(),
        )
        key = self.mails.store(caught_envelope, envelope.original_content or b"")
        print(f"{envelope.mail_from} -> {', '.join(envelope.rcpt_tos)}", flush=True)
        return f"250 2.0.0 caught as {key}"


def tls_version(server: SMTP) -> str:
    """Return for example "TLSv1.3", "" for a connection in the clear."""
    connection = server.transport.get_extra_info("ssl_object") if server.transport else None
    return (connection.version() or "") if connection else ""


def accept_anybody(
    server: SMTP, session: Session, envelope: Envelope, mechanism: str, data: LoginPassword
) -> AuthResult:
    return AuthResult(success=True, auth_data=data)


def protocol(mails: mail_folder.MailFolder, port: int, starttls: ssl.SSLContext | None) -> Catcher:
    return Catcher(
        StoringHandler(mails, port),
        hostname="localhost",
        ident="Mail catcher",
        data_size_limit=MOST_BYTES,
        enable_SMTPUTF8=True,
        tls_context=starttls,
        authenticator=accept_anybody,
        auth_require_tls=False,
    )


async def serve(folder: Path, authority_file: Path, port: int) -> None:
    """Serve both ports until SIGTERM or SIGINT."""
    loop, stop = asyncio.get_running_loop(), asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    mails, context = mail_folder.MailFolder(folder), catcher_context(authority_file)
    plain = await loop.create_server(partial(protocol, mails, port, context), HOST, port)
    secure = await loop.create_server(partial(protocol, mails, port + 1, None), HOST, port + 1, ssl=context)
    print(f"Catching mail on {HOST}:{port} (STARTTLS offered) and {port + 1} (implicit TLS) into {folder}", flush=True)
    await stop.wait()
    plain.close()
    secure.close()


def main() -> None:
    var = Path(os.environ["VAR_DIR"])
    folder, authority_file = var / "mail", make(var / "tls")
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    asyncio.run(serve(folder, authority_file, int(os.environ["CATCHER_PORT"])))


if __name__ == "__main__":
    main()
