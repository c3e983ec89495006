"""A session with an SMTP server, step by step; a step that fails says in which phase and what kind of failure."""

import base64
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from types import TracebackType
from typing import Self

from smtp_settings import sealing
from smtp_settings.choices import Auth, Fault, Phase, Policy, Security
from smtp_settings.models import Credential, SmtpServer
from smtp_settings.network import address_policy
from smtp_settings.oauth import tokens
from smtp_settings.oauth.challenge import meaning_of, readable
from smtp_settings.oauth.endpoint import TokenFailed
from smtp_settings.redaction import Redactor, xoauth2
from smtp_settings.transport.connection import Connection, ProtocolError
from smtp_settings.transport.failures import OUT_OF_STEP, enhanced_code, kind_of
from smtp_settings.transport.refusals import fault_of

REPLY_SECONDS = 30
SESSION_DEADLINE_SECONDS = 420
QUIT_SECONDS = 2
ADDRESSES_TRIED = 3
TRANSCRIPT_LINES = 100


class SessionFailed(Exception):
    """A session could not go on. `text` is redacted; `code` is the reply code where the server gave one.

    `kind`: resolve, forbidden, refused, timeout, closed, certificate, tls, starttls_missing, auth_missing,
    auth_rejected, reply, protocol, out_of_step, secret, clear_password, unencrypted, xoauth2_missing, token,
    token_refused (for good), token_rejected (by the mail server).
    """

    def __init__(self, phase: Phase, kind: str, text: str, *, code: int | None = None, enhanced: str = "") -> None:
        super().__init__(text)
        self.phase, self.kind, self.text, self.code, self.enhanced = phase, kind, text, code, enhanced

    @property
    def fault(self) -> Fault | None:
        """Whose fault the server's refusal is; None where it has said nothing."""
        return fault_of(self.phase, self.code, self.enhanced, self.text) if self.code else None


class Session:
    """A context manager that closes politely. Call `connect`, `secure`, `sign_in` in this order, or `open` for all."""

    def __init__(
        self,
        server: SmtpServer,
        *,
        secret: str | None = None,
        reply_seconds: float = REPLY_SECONDS,
        deadline_seconds: float = SESSION_DEADLINE_SECONDS,
    ) -> None:
        """Take the stored secret of `server` unless `secret` is given."""
        self.server = server
        self.phase = Phase.RESOLVE
        self.peer_address = self.tls = ""
        self.addresses: list[str] = []
        self.transcript: list[str] = []
        self.redactor = Redactor()
        self.needs_reset = False
        self._secret = secret
        self.connection = Connection(server.host, reply_seconds=reply_seconds, deadline_seconds=deadline_seconds)

    def __repr__(self) -> str:
        return f"<Session with {self.server} at {self.phase}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def features(self) -> dict[str, str]:
        """What the server offered in answer to EHLO, by lower-case keyword (RFC 5321 4.1.1.1)."""
        return dict(self.connection.esmtp_features)

    @property
    def is_open(self) -> bool:
        return self.connection.sock is not None

    @property
    def pipelines(self) -> bool:
        """Return whether the server takes several commands in one write (RFC 2920)."""
        return "pipelining" in self.connection.esmtp_features

    def open(self) -> None:
        """Take all steps up to the sign-in; a session that fails on the way is closed: nobody may go on with it."""
        try:
            self.connect()
            self.secure()
            self.sign_in()
        except SessionFailed:
            self.close()
            raise

    def resolve(self) -> list[str]:
        """Return the addresses of the server, each of them allowed; the next `connect` takes one of them."""
        with self.at(Phase.RESOLVE):
            self.addresses = address_policy.resolve(self.server.host, self.server.port, self.server.policy)
        return self.addresses

    def connect(self) -> None:
        """Connect to one of the allowed addresses and read the greeting."""
        self.redactor = Redactor(self.server.username, *self._known_secrets())
        addresses, self.addresses = self.addresses or self.resolve(), []
        for position, address in enumerate(addresses[:ADDRESSES_TRIED], start=1):
            try:
                self._connect_to(address)
            except SessionFailed as failure:
                self.connection.close()
                if failure.kind not in ("refused", "timeout") or position == len(addresses[:ADDRESSES_TRIED]):
                    raise
            else:
                return

    def _connect_to(self, address: str) -> None:
        implicit = self.server.security == Security.IMPLICIT_TLS
        self.peer_address = address
        with self.at(Phase.CONNECT):
            code, text = self.connection.open(address, self.server.port, implicit_tls=implicit)
            self._note("S", f"{code} {self.redactor.clean(text)}")
            self.expect(code, text, 220)

    def secure(self) -> None:
        """Greet with EHLO, secure the connection where STARTTLS is asked for, and greet again (RFC 3207)."""
        if self.server.policy == Policy.WHITE_LABEL and self.server.security == Security.NONE:
            raise SessionFailed(Phase.TLS, "unencrypted", "White-labels' mail is sent encrypted only.")
        self._greet()
        if self.server.security == Security.STARTTLS:
            with self.at(Phase.TLS):
                if "starttls" not in self.connection.esmtp_features:
                    raise SessionFailed(Phase.TLS, "starttls_missing", "The server does not offer STARTTLS.")
                self.expect(*self.command("STARTTLS"), 220)
                self.connection.start_tls()
            self._greet()
        if isinstance(self.connection.sock, ssl.SSLSocket):
            cipher = self.connection.sock.cipher()
            self.tls = f"{self.connection.sock.version()} {cipher[0] if cipher else ''}".strip()

    def _greet(self) -> None:
        with self.at(Phase.EHLO):
            code, text = self.connection.ehlo()
            self._note("C", f"EHLO {self.connection.local_hostname}")
            self._note("S", f"{code} {self.redactor.clean(text)}")
            if code >= 500 and self.server.security == Security.NONE and self.server.auth == Auth.NONE:
                code, text = self.connection.helo()
            self.expect(code, text, 250)

    def sign_in(self) -> None:
        """Sign in by PLAIN, LOGIN or XOAUTH2 where the server's settings ask for it (RFC 4954)."""
        if self.server.auth == Auth.NONE:
            return
        with self.at(Phase.AUTH):
            self._refuse_clear_text()
            secret = self._open_secret()
            offered = self.connection.esmtp_features.get("auth", "").upper().split()
            if self.server.auth == Auth.XOAUTH2:
                self._sign_in_by_token(Credential.unpack(secret), offered)
                return
            if "PLAIN" in offered:
                plain = f"\0{self.server.username}\0{secret}"
                code, text = self.command("AUTH", "PLAIN " + _base64(plain), transcribed_as="AUTH PLAIN [secret]")
            elif "LOGIN" in offered:
                code, text = self._sign_in_by_login(secret)
            else:
                raise SessionFailed(Phase.AUTH, "auth_missing", "The server does not offer sign-in by password.")
            if code not in (235, 503):  # 503: signed in already (RFC 4954 4)
                raise self._failure(code, text, kind="auth_rejected")

    def _refuse_clear_text(self) -> None:
        """Send no secret unencrypted, but to the server of the environment or in a network that it lists."""
        if isinstance(self.connection.sock, ssl.SSLSocket) or self.server.policy == Policy.ENVIRONMENT:
            return
        if not address_policy.is_excepted(ip_address(self.peer_address)):
            raise SessionFailed(Phase.AUTH, "clear_password", "A password is never sent without encryption.")

    def _sign_in_by_token(self, credential: Credential, offered: list[str]) -> None:
        """Show an access token; one that the server refuses is never used again."""
        if "XOAUTH2" not in offered:
            raise SessionFailed(Phase.AUTH, "xoauth2_missing", "The server does not offer sign-in by XOAUTH2.")
        token = self._access_token(credential)
        initial = "XOAUTH2 " + _base64(xoauth2(self.server.username, token))
        code, text = self.command("AUTH", initial, transcribed_as="AUTH XOAUTH2 [secret]")
        if code == 334:  # the reason, as base64 of JSON; the refusal itself follows an empty line
            reason = meaning_of(text)
            code, text = self.command("", transcribed_as="[empty line]")
            text += reason.encode()
        if code not in (235, 503):
            tokens.spend(credential, token, self.server)
            raise self._failure(code, text, kind="token_rejected")

    def _access_token(self, credential: Credential) -> str:
        try:
            token = tokens.access_token(self.server, credential)
        except TokenFailed as failed:
            kind = "token_refused" if failed.for_good else "token"
            raise SessionFailed(Phase.AUTH, kind, failed.sentence) from None
        self.redactor = Redactor(self.server.username, token, credential.client_secret, credential.refresh_token)
        return token

    def _sign_in_by_login(self, secret: str) -> tuple[int, bytes]:
        self.expect(*self.command("AUTH", "LOGIN"), 334)
        code, text = self.command(_base64(self.server.username), transcribed_as="[username]")
        if code != 334:
            return code, text
        return self.command(_base64(secret), transcribed_as="[secret]")

    def _open_secret(self) -> str:
        try:
            secret = self.server.open_secret() if self._secret is None else self._secret
        except sealing.CannotOpen as error:
            raise SessionFailed(Phase.AUTH, "secret", str(error)) from None
        if not secret:
            raise SessionFailed(Phase.AUTH, "secret", "No password is stored; type it again.")
        return secret

    def _known_secrets(self) -> list[str]:
        """Return what a server may echo from the first word on: it has heard it in an earlier session."""
        try:
            secret = self._open_secret() if self.server.auth != Auth.NONE else ""
        except SessionFailed:
            return []
        if self.server.auth != Auth.XOAUTH2:
            return [secret]
        credential = Credential.unpack(secret)
        return [credential.client_secret, credential.refresh_token]

    def offer_sender(self, address: str) -> None:
        """Ask whether the server takes mail from `address`; no mail is sent."""
        with self.at(Phase.MAIL):
            self.needs_reset = True
            self.expect(*self.command("MAIL", f"FROM:<{address}>"), 250)

    def reset(self) -> None:
        """Make the connection ready for a new message (RSET, RFC 5321 4.1.1.5)."""
        with self.at(Phase.MAIL):
            self.keep_in_step()
            self.expect(*self.command("RSET"), 250)
            self.needs_reset = False

    def keep_in_step(self) -> None:
        """Drop a connection whose server has said more than it was asked: it would be taken for the next reply."""
        if self.connection.is_quiet:
            return
        kind, text = "closed", "The server closed the connection."
        if self.connection.surplus:
            kind, text = OUT_OF_STEP, "The server answered more than it was asked."
        self.connection.close()
        raise SessionFailed(self.phase, kind, text)

    def close(self) -> None:
        """Say QUIT where there is still somebody to say it to; whatever comes back changes nothing."""
        try:
            if self.is_open:
                self.connection.write(b"QUIT\r\n", seconds=QUIT_SECONDS)
                self.connection.getreply(seconds=QUIT_SECONDS)
        except (OSError, smtplib.SMTPException, ProtocolError):
            pass
        finally:
            self.connection.close()

    def command(self, verb: str, argument: str = "", *, transcribed_as: str = "") -> tuple[int, bytes]:
        """Send a command and return the reply; `transcribed_as` stands in the transcript for what is secret."""
        self._note("C", transcribed_as or f"{verb} {argument}".strip())
        self.connection.putcmd(verb, argument)
        code, text = self.connection.getreply()
        self._note("S", f"{code} {self.redactor.clean(readable(text) if code == 334 else text)}")
        return code, text

    def expect(self, code: int, text: bytes, wanted: int) -> None:
        if code != wanted:
            raise self._failure(code, text)

    def _failure(self, code: int, text: bytes, *, kind: str = "reply") -> SessionFailed:
        clean = self.redactor.clean(text)
        return SessionFailed(self.phase, kind, clean, code=code, enhanced=enhanced_code(code, clean))

    @contextmanager
    def at(self, phase: Phase) -> Iterator[None]:
        """Turn whatever goes wrong in `phase` into a `SessionFailed`."""
        self.phase = phase
        try:
            yield
        except address_policy.Forbidden as error:
            raise SessionFailed(self.phase, "forbidden", str(error)) from error
        except address_policy.Unresolvable as error:
            raise SessionFailed(self.phase, "resolve", str(error)) from error
        except (OSError, smtplib.SMTPException, ProtocolError, UnicodeError) as error:
            self.connection.close()
            raise SessionFailed(self.phase, kind_of(error), self.redactor.clean(str(error))) from None

    def _note(self, side: str, line: str) -> None:
        if len(self.transcript) < TRANSCRIPT_LINES:
            self.transcript.append(f"{side}: {line}")


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()
