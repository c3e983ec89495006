"""The steps of a check: as far as one can come with a server without sending mail. No step stores anything."""

import ssl
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from smtp_settings.checks import certificates, tls_probe
from smtp_settings.checks.diagnosis import SPEAKS_CLEAR_TEXT, SPEAKS_TLS, Failure
from smtp_settings.checks.diagnosis_table import diagnose
from smtp_settings.checks.finding import Finding, passed
from smtp_settings.choices import Auth, Phase, Policy, Security
from smtp_settings.models import SmtpServer
from smtp_settings.network import address_policy
from smtp_settings.transport.envelope import size_limit
from smtp_settings.transport.failures import NO_GREETING
from smtp_settings.transport.session import GREETING_SECONDS, REPLY_SECONDS, Session, SessionFailed

DEADLINE_SECONDS = 120  # each wait is that of delivery; all of them together take no longer than a person waits
PROBE_AFTER_SECONDS = 8  # a server that has said nothing for so long may be waiting for TLS
SLOW_SECONDS = 10
SLOW = "This server is slow to answer. Mail is sent all the same, only later: ask your provider why."

ALLOWED = "Address allowed"
RESOLVED, CONNECTED, SECURED, GREETED = (str(p.label) for p in (Phase.RESOLVE, Phase.CONNECT, Phase.TLS, Phase.EHLO))
SIGNED_IN, SENDER, RECIPIENT = (str(phase.label) for phase in (Phase.AUTH, Phase.MAIL, Phase.RCPT))


Step = Callable[[Session], list[Finding]]  # raises `SessionFailed`


def session_for(server: SmtpServer, secret: str) -> Session:
    """Return a session that waits as delivery does; what the TLS probe may need is kept back from its deadline."""
    return Session(
        server,
        secret=secret,
        reply_seconds=REPLY_SECONDS,
        greeting_seconds=GREETING_SECONDS,
        deadline_seconds=DEADLINE_SECONDS - tls_probe.SECONDS,
    )


def run_steps(session: Session, steps: Sequence[Step]) -> Iterator[Finding]:
    """Take `steps` one after the other and give what each finds, until one fails."""
    for step in steps:
        started = time.monotonic()
        try:
            findings = step(session)
        except SessionFailed as failure:
            yield _fault(session, failure, _milliseconds_since(started))
            return
        took = _milliseconds_since(started)
        yield from (replace(finding, milliseconds=took) for finding in findings)


def opening_steps(server: SmtpServer) -> list[Step]:
    """Return the steps that open a session, in order."""
    return [resolve, connect, secure, *([] if server.auth == Auth.NONE else [sign_in])]


def expected(server: SmtpServer) -> list[str]:
    """Return the names of the steps that a check of `server` goes through, in the order in which they are shown."""
    secured = [] if server.security == Security.NONE else [SECURED]
    signed_in = [] if server.auth == Auth.NONE else [SIGNED_IN]
    return [RESOLVED, ALLOWED, CONNECTED, *secured, GREETED, *signed_in, SENDER, RECIPIENT]


def resolve(session: Session) -> list[Finding]:
    """Resolve and judge; white-labels hear of it once the server is reached: until then all failures look the same."""
    session.resolve()
    return [] if session.server.policy == Policy.WHITE_LABEL else _about_addresses(session, session.addresses)


def connect(session: Session) -> list[Finding]:
    _connect_to_slow_servers_too(session)
    sentence, slow = f"Connected to {session.peer_address}, port {session.server.port}.", ""
    if session.greeted_after_seconds > SLOW_SECONDS:
        sentence, slow = f"{sentence} It greeted after {session.greeted_after_seconds:.0f} seconds.", SLOW
    connected = passed(CONNECTED, sentence, slow)
    resolved = _about_addresses(session, []) if session.server.policy == Policy.WHITE_LABEL else []
    return [*resolved, connected]


def _connect_to_slow_servers_too(session: Session) -> None:
    """Wait for the greeting as long as delivery does, but not in vain for a server that waits for TLS itself."""
    patience = session.greeting_seconds
    session.greeting_seconds = min(patience, PROBE_AFTER_SECONDS)
    try:
        session.connect()
    except SessionFailed as failure:
        if failure.kind != NO_GREETING:
            raise
        if tls_probe.speaks_tls_at_once(session.server, failure):
            raise SessionFailed(failure.phase, SPEAKS_TLS, failure.text) from None
        session.greeting_seconds = patience
        session.connect()


def secure(session: Session) -> list[Finding]:
    session.secure()
    greeted = passed(GREETED, _offers(session.features))
    sock = session.connection.sock
    if not isinstance(sock, ssl.SSLSocket):
        return [greeted]
    sentence, fix = certificates.describe(sock.getpeercert() or {})
    return [passed(SECURED, f"{session.tls}. {sentence}", fix), greeted]


def sign_in(session: Session) -> list[Finding]:
    session.sign_in()
    return [passed(SIGNED_IN, f"Signed in as {session.server.username}.")]


def offer_sender(session: Session) -> list[Finding]:
    sender = session.server.sender_address
    session.offer_sender(sender)
    return [passed(SENDER, f"The server takes mail from {sender}.")]


def recipient_step(recipient: str) -> Step:
    """Return the step that offers `recipient` and asks to begin a message, then hangs up: none is sent."""

    def offer_recipient(session: Session) -> list[Finding]:
        with session.at(Phase.RCPT):
            code, text = session.command("RCPT", f"TO:<{recipient}>")
            session.expect(250 if code == 251 else code, text, 250)
        with session.at(Phase.DATA):
            session.expect(*session.command("DATA"), 354)
            session.connection.close()  # before the final dot: the server keeps nothing (RFC 5321 4.1.1.4)
        return [
            passed(RECIPIENT, f"The server takes mail for {recipient}, and was ready for a message; none was sent.")
        ]

    return offer_recipient


def _about_addresses(session: Session, addresses: list[str]) -> list[Finding]:
    where = ", ".join(addresses) or session.peer_address
    return [
        passed(RESOLVED, f"{session.server.host} is at {where}."),
        passed(ALLOWED, "SMTP servers are allowed at this address."),
    ]


def _offers(features: dict[str, str]) -> str:
    sign_in = features.get("auth", "").split()
    size = size_limit(features)
    offers = [
        f"sign-in by {', '.join(sign_in)}" if sign_in else "",
        f"messages of up to {size / 1_000_000:.0f} MB" if 0 < size < 10**12 else "",
        "international addresses" if "smtputf8" in features else "",
    ]
    return f"The server offers {'; '.join(filter(None, offers)) or 'nothing beyond plain SMTP'}."


def _fault(session: Session, failure: SessionFailed, milliseconds: int) -> Finding:
    server = session.server
    kind = _kind_of(server, failure)
    refused = failure.__cause__
    diagnosis = diagnose(
        Failure(
            failure.phase,
            kind,
            failure.text,
            failure.code,
            failure.enhanced,
            field=refused.field if isinstance(refused, address_policy.Refused) else "",
            names=tls_probe.names_on_certificate(server) if kind == "certificate" else "",
            offers=frozenset(session.features),
            sign_ins=session.sign_ins,
        ),
        server,
    )
    step = _step_at_fault(server, failure.phase, kind)
    return Finding(step, False, diagnosis.sentence, diagnosis.field, milliseconds, diagnosis.fix, diagnosis.name)


def _kind_of(server: SmtpServer, failure: SessionFailed) -> str:
    if failure.kind != NO_GREETING and tls_probe.speaks_tls_at_once(server, failure):
        return SPEAKS_TLS
    return SPEAKS_CLEAR_TEXT if tls_probe.greets_in_clear(server, failure) else failure.kind


def _step_at_fault(server: SmtpServer, phase: Phase, kind: str) -> str:
    """For white-labels a name that is unknown and a server that is silent or forbidden look the same."""
    if kind in ("certificate", "tls", SPEAKS_TLS, SPEAKS_CLEAR_TEXT):
        return SECURED
    if phase == Phase.RESOLVE and server.policy == Policy.WHITE_LABEL:
        return CONNECTED
    if kind == "forbidden":
        return ALLOWED
    return RECIPIENT if phase == Phase.DATA else str(phase.label)


def _milliseconds_since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)
