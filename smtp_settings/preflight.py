"""Check a server as far as one can without sending mail: reach it, secure the connection, sign in, offer the sender."""

import time
from collections.abc import Callable, Iterator, Sequence
from copy import copy
from dataclasses import asdict, dataclass
from ipaddress import ip_address

from smtp_settings import network
from smtp_settings.choices import Auth, Phase, Policy, Security
from smtp_settings.client import Session, SessionFailed
from smtp_settings.diagnosis import CLEAR_PASSWORD, SPEAKS_TLS, Failure, diagnose
from smtp_settings.models import SmtpServer

REPLY_SECONDS = 8
DEADLINE_SECONDS = 20
SECOND_LOOK_SECONDS = 3
SILENT = ("timeout", "closed", "protocol")

Found = list[tuple[Phase, str]]
Act = Callable[[Session], Found]


@dataclass(frozen=True)
class Step:
    """What one step found; `field` is the field of the form at fault, `fix` what to do about it."""

    step: str
    ok: bool
    sentence: str
    field: str = ""
    milliseconds: int = 0
    fix: str = ""

    def as_json(self) -> dict[str, object]:
        return asdict(self)


def run(server: SmtpServer, secret: str, *, reply_seconds: float = REPLY_SECONDS) -> list[Step]:
    """Return the steps up to the first that failed; no mail is sent and nothing is stored."""
    with session_for(server, secret, reply_seconds=reply_seconds) as session:
        return list(walk(session, [*opening(server), offer_sender]))


def passed(steps: Sequence[Step]) -> bool:
    return bool(steps) and all(step.ok for step in steps)


def session_for(server: SmtpServer, secret: str, *, reply_seconds: float = REPLY_SECONDS) -> Session:
    """Return a session that a person waits for: what a second look may need is kept back from its 20 seconds."""
    deadline = DEADLINE_SECONDS - SECOND_LOOK_SECONDS
    return Session(server, secret=secret, reply_seconds=reply_seconds, deadline_seconds=deadline)


def walk(session: Session, acts: Sequence[Act]) -> Iterator[Step]:
    """Perform `acts` one after the other and say what each found, until one fails."""
    for act in acts:
        started = time.monotonic()
        try:
            found = act(session)
        except SessionFailed as failure:
            yield _failed(session.server, failure, _milliseconds_since(started))
            return
        took = _milliseconds_since(started)
        yield from (Step(phase.label, True, sentence, milliseconds=took) for phase, sentence in found)


def opening(server: SmtpServer) -> list[Act]:
    """Return the acts that open a session, in order."""
    return [_connect, _secure, *([] if server.auth == Auth.NONE else [_sign_in])]


def offer_sender(session: Session) -> Found:
    sender = session.server.sender_address
    session.offer_sender(sender)
    return [(Phase.MAIL, f"The server takes mail from {sender}.")]


def _connect(session: Session) -> Found:
    session.connect()
    return [(Phase.CONNECT, f"Connected to {session.peer_address}, port {session.server.port}.")]


def _secure(session: Session) -> Found:
    session.secure()
    if session.server.security == Security.NONE:
        return [(Phase.EHLO, "The server answers; the connection is not encrypted.")]
    return [(Phase.TLS, f"{session.tls}; the certificate is valid for {session.server.host}.")]


def _sign_in(session: Session) -> Found:
    server = session.server
    in_clear = server.security == Security.NONE and not network.is_excepted(ip_address(session.peer_address))
    if in_clear:
        raise SessionFailed(Phase.AUTH, CLEAR_PASSWORD, "")
    session.sign_in()
    return [(Phase.AUTH, f"Signed in as {server.username}.")]


def _failed(server: SmtpServer, failure: SessionFailed, milliseconds: int) -> Step:
    kind = SPEAKS_TLS if _speaks_tls_at_once(server, failure) else failure.kind
    refused = failure.__cause__
    field = refused.field if isinstance(refused, network.Refused) else ""
    found = diagnose(Failure(failure.phase, kind, failure.text, failure.code, failure.enhanced, field), server)
    label = _phase_shown(server, failure.phase, kind).label
    return Step(label, False, found.sentence, found.field, milliseconds, found.fix)


def _phase_shown(server: SmtpServer, phase: Phase, kind: str) -> Phase:
    """For white-labels a name that is unknown and a server that is silent or forbidden look the same."""
    if kind in ("certificate", "tls", SPEAKS_TLS):
        return Phase.TLS
    return Phase.CONNECT if phase == Phase.RESOLVE and server.policy == Policy.WHITE_LABEL else phase


def _speaks_tls_at_once(server: SmtpServer, failure: SessionFailed) -> bool:
    """Tell whether a server that sent no greeting in clear text waits for TLS instead."""
    if failure.phase != Phase.CONNECT or failure.kind not in SILENT or server.security == Security.IMPLICIT_TLS:
        return False
    other = copy(server)
    other.security = Security.IMPLICIT_TLS
    seconds = SECOND_LOOK_SECONDS
    with Session(other, secret="", reply_seconds=seconds, deadline_seconds=seconds) as session:
        try:
            session.connect()
        except SessionFailed as second:
            return second.kind == "certificate"
    return True


def _milliseconds_since(started: float) -> int:
    return int((time.monotonic() - started) * 1000)
