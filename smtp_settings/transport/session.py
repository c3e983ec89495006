"""A session with an SMTP server, step by step; a step that fails says in which phase and what kind of failure."""

import smtplib
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from ipaddress import ip_address
from types import TracebackType
from typing import Self

from smtp_settings import sealing
from smtp_settings.choices import Auth, Fault, Phase, Policy, Security
from smtp_settings.models import Credential, SmtpServer
from smtp_settings.network import address_policy, platform_account
from smtp_settings.oauth import tokens
from smtp_settings.oauth.challenge import readable
from smtp_settings.oauth.endpoint import TokenFailed
from smtp_settings.redaction import Redactor
from smtp_settings.transport import sign_in
from smtp_settings.transport.connection import Connection, ProtocolError
from smtp_settings.transport.failures import NO_GREETING, OUT_OF_STEP, enhanced_code, kind_of, text_of
from smtp_settings.transport.refusals import BAD_SEQUENCE, fault_of

REPLY_SECONDS = 30
GREETING_SECONDS = 60  # RFC 5321 4.5.3.2.1 asks for five minutes; a thread is not held that long before there is a mail
SESSION_DEADLINE_SECONDS = 420
QUIT_SECONDS = 2
ADDRESSES_TRIED = 3
TRANSCRIPT_LINES = 100
CLOSING = 421
NOT_UNDERSTOOD = (500, 501, 502, BAD_SEQUENCE, 504)
ANOTHER_METHOD_MAY_DO = (500, 501, 502, 504, 535)  # 535: some servers know the account by the other method alone


class SessionFailed(Exception):
    """A session could not go on. `text` is redacted; `code` is the reply code where the server gave one.

    `kind`: resolve, forbidden, refused, timeout, no_greeting, closed, certificate, tls, starttls_missing, auth_missing,
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
        greeting_seconds: float = GREETING_SECONDS,
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
        self.greeting_seconds = greeting_seconds
        self.greeted_after_seconds = 0.0

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
    def sign_ins(self) -> list[str]:
        """The mechanisms by which the server lets people sign in, in its order (RFC 4954 3)."""
        return sign_in.offered(self.connection.esmtp_features)

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
            addresses = address_policy.resolve(self.server.host, self.server.port, self.server.policy)
            platform_account.judge(self.server, addresses, self._known_secrets())
        self.addresses = addresses
        return self.addresses

    def connect(self) -> None:
        """Connect to one of the allowed addresses and read the greeting; only the last is waited for to the end."""
        self.redactor = Redactor(self.server.username, *self._known_secrets())
        addresses, self.addresses = (self.addresses or self.resolve())[:ADDRESSES_TRIED], []
        for address in addresses:
            is_last = address == addresses[-1]
            try:
                self._connect_to(address, is_last=is_last)
            except SessionFailed as failure:
                self.connection.close()
                if is_last or failure.kind not in ("refused", "timeout", NO_GREETING):
                    raise
            else:
                return

    def _connect_to(self, address: str, *, is_last: bool) -> None:
        patience = self.greeting_seconds if is_last else min(self.greeting_seconds, self.connection.reply_seconds)
        self.peer_address = address
        implicit = self.server.security == Security.IMPLICIT_TLS
        with self.at(Phase.CONNECT):
            self.connection.open(address, self.server.port, implicit_tls=implicit)
            started = time.monotonic()
            try:
                code, text = self.connection.getreply(seconds=patience)
            except TimeoutError:
                raise SessionFailed(Phase.CONNECT, NO_GREETING, "The server did not greet in time.") from None
            self.greeted_after_seconds = time.monotonic() - started
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
        """Sign in by password or token where the server's settings ask for it (RFC 4954)."""
        if self.server.auth == Auth.NONE:
            return
        with self.at(Phase.AUTH):
            self._refuse_clear_text()
            secret = self._open_secret()
            if self.server.auth == Auth.XOAUTH2:
                self._sign_in_by_token(Credential.unpack(secret))
                return
        self._sign_in_by_password(secret)

    def _sign_in_by_password(self, secret: str) -> None:
        """Show the password by PLAIN, else by LOGIN; where LOGIN is not understood, what PLAIN was told counts."""
        methods = sign_in.methods(self.features)
        if not methods:
            raise SessionFailed(Phase.AUTH, "auth_missing", f"The server offers {sign_in.in_words(self.sign_ins)}.")
        try:
            self._show(methods[0], secret)
        except SessionFailed as refused:
            if len(methods) == 1 or refused.code not in ANOTHER_METHOD_MAY_DO:
                raise
            try:
                self._show_once_more(methods[1], secret)
            except SessionFailed as second:
                raise (second if second.code and second.code not in NOT_UNDERSTOOD else refused) from None

    def _show(self, method: Callable[["Session", str], tuple[int, bytes]], secret: str) -> None:
        with self.at(Phase.AUTH):
            code, text = method(self, secret)
            if code != sign_in.SIGNED_IN:
                raise self._failure(code, text, kind="auth_rejected")

    def _show_once_more(self, method: Callable[["Session", str], tuple[int, bytes]], secret: str) -> None:
        """Use a fresh connection where the server takes no second sign-in over the one that it has refused."""
        if self.connection.is_quiet:
            try:
                return self._show(method, secret)
            except SessionFailed as failure:
                if failure.code not in (None, CLOSING, BAD_SEQUENCE):
                    raise
        self.close()
        self.connect()
        self.secure()
        self._refuse_clear_text()
        return self._show(method, secret)

    def _refuse_clear_text(self) -> None:
        """Send no secret unencrypted, but to the server of the environment or in a network that it lists."""
        if isinstance(self.connection.sock, ssl.SSLSocket) or self.server.policy == Policy.ENVIRONMENT:
            return
        if not address_policy.is_excepted(ip_address(self.peer_address)):
            raise SessionFailed(Phase.AUTH, "clear_password", "A password is never sent without encryption.")

    def _sign_in_by_token(self, credential: Credential) -> None:
        if "XOAUTH2" not in self.sign_ins:
            offers = sign_in.in_words(self.sign_ins)
            raise SessionFailed(Phase.AUTH, "xoauth2_missing", f"The server offers {offers}, none by XOAUTH2.")
        code, text = sign_in.by_token(self, credential, self._access_token(credential))
        if code != sign_in.SIGNED_IN:
            raise self._failure(code, text, kind="token_rejected")

    def _access_token(self, credential: Credential) -> str:
        try:
            token = tokens.access_token(self.server, credential)
        except TokenFailed as failed:
            kind = "token_refused" if failed.for_good else "token"
            raise SessionFailed(Phase.AUTH, kind, failed.sentence) from None
        self.redactor = Redactor(self.server.username, token, credential.client_secret, credential.refresh_token)
        return token

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
            raise SessionFailed(self.phase, kind_of(error), self.redactor.clean(text_of(error))) from None

    def _note(self, side: str, line: str) -> None:
        if len(self.transcript) < TRANSCRIPT_LINES:
            self.transcript.append(f"{side}: {line}")
