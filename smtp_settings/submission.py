"""Hand one message for one recipient to a server, and say what became of it (RFC 5321 3.3, RFC 6409)."""

import re
import smtplib
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from smtp_settings.choices import Outcome, Phase
from smtp_settings.client import Session, SessionFailed
from smtp_settings.connection import ProtocolError
from smtp_settings.kinds import enhanced_code, kind_of
from smtp_settings.replies import outcome_of

FINAL_DOT_SECONDS = 300  # RFC 5321 4.5.3.2.6 asks for ten minutes; a lease is not held that long
CHUNK_BYTES = 256 * 1024
ONE_WRITE_BYTES = 16 * 1024  # what a socket takes at once
LINE_START_DOT = re.compile(rb"^\.", re.MULTILINE)


@dataclass(frozen=True)
class SubmissionResult:
    """What a try came to; `text` is redacted and one line, `milliseconds` is the time it took.

    `kind` is that of the `SessionFailed` that ended it, "" where none did.
    """

    outcome: Outcome
    phase: Phase
    text: str
    code: int | None = None
    enhanced: str = ""
    peer_address: str = ""
    tls: str = ""
    milliseconds: int = 0
    kind: str = ""

    @property
    def accepted(self) -> bool:
        return self.outcome == Outcome.SENT


def _go_on() -> bool:
    return True


def submit(
    session: Session,
    *,
    sender: str,
    recipient: str,
    content: bytes,
    smtputf8: bool = False,
    before_final_dot: Callable[[], bool] = _go_on,
) -> SubmissionResult:
    """Submit `content` (CRLF lines); opens the session where it is not open. Raises only for bugs.

    `before_final_dot` runs before the final dot is written; answering False drops the connection, so that the
    server cannot accept the mail. A link lost before the final dot was surely not accepted; after it nobody knows.
    """
    started = time.monotonic()
    transaction, kind = _Transaction(session, before_final_dot), ""
    try:
        transaction.run(sender, recipient, content, smtputf8=smtputf8)
    except _Ended as ended:
        outcome, text, code, enhanced = ended.args
    except SessionFailed as failure:
        outcome, text = outcome_of(session.phase, failure.code, failure.enhanced), failure.text
        code, enhanced, kind = failure.code, failure.enhanced, failure.kind
    except BaseException:
        session.connection.close()  # the server may stand in the middle of a message: nobody may go on from here
        raise
    return SubmissionResult(
        outcome=outcome,
        phase=Phase.DONE if outcome == Outcome.SENT else session.phase,
        text=text,
        code=code,
        enhanced=enhanced,
        peer_address=session.peer_address,
        tls=session.tls,
        milliseconds=int((time.monotonic() - started) * 1000),
        kind=kind,
    )


class _Ended(Exception):
    """The transaction came to an end; args are outcome, text, reply code and enhanced code."""


class _Transaction:
    def __init__(self, session: Session, before_final_dot: Callable[[], bool]) -> None:
        self.session = session
        self.connection = session.connection
        self.before_final_dot = before_final_dot

    def run(self, sender: str, recipient: str, content: bytes, *, smtputf8: bool) -> None:
        """Always raises: `_Ended`, or `SessionFailed`."""
        self.connection.restart_clock()
        if not self.session.is_open:
            self.session.open()
        elif self.session.needs_reset:
            self.session.reset()
        parameters = self._parameters(len(content), smtputf8=smtputf8)
        self.session.needs_reset = True
        self._envelope(f"MAIL FROM:<{sender}>{parameters}", f"RCPT TO:<{recipient}>")
        self._final_dot(self._content(content))

    def _parameters(self, size: int, *, smtputf8: bool) -> str:
        """Return the parameters of MAIL, or end for what this server does not take.

        SIZE: RFC 1870; SMTPUTF8, which includes 8BITMIME: RFC 6531 3.1.
        """
        self.session.phase = Phase.MAIL
        features = self.connection.esmtp_features
        limit = features.get("size", "").strip()
        if limit.isdigit() and 0 < int(limit) < size:
            text = f"The message has {size:,} bytes; this server takes at most {int(limit):,}."
            raise _Ended(Outcome.PERMANENT, text, None, "")
        if smtputf8 and "smtputf8" not in features:
            text = "This server does not take addresses with characters beyond ASCII (SMTPUTF8)."
            raise _Ended(Outcome.PERMANENT, text, None, "")
        return (f" SIZE={size}" if "size" in features else "") + (" BODY=8BITMIME SMTPUTF8" if smtputf8 else "")

    def _envelope(self, mail: str, rcpt: str) -> None:
        """Send MAIL, RCPT and DATA, in one write where the server offers PIPELINING (RFC 2920)."""
        steps = ((Phase.MAIL, mail, 2), (Phase.RCPT, rcpt, 2), (Phase.DATA, "DATA", 3))
        if "pipelining" not in self.connection.esmtp_features:
            for phase, command, wanted in steps:
                with self.session.at(phase):
                    self._write(command)
                    code, text = self.connection.getreply()
                if code // 100 != wanted:
                    self._judge(code, text)
            return
        with self.session.at(Phase.MAIL):
            self._write("\r\n".join(command for _, command, _ in steps))
        self._read_pipelined([(phase, wanted) for phase, _, wanted in steps])

    def _read_pipelined(self, steps: list[tuple[Phase, int]]) -> None:
        """Read every reply; the first bad one counts. Where DATA was opened all the same, drop the connection."""
        bad: tuple[Phase, int, bytes] | None = None
        code = 0
        with self.session.at(Phase.MAIL):
            for phase, wanted in steps:
                self.session.phase = bad[0] if bad else phase
                code, text = self.connection.getreply()
                if bad is None and code // 100 != wanted:
                    bad = (phase, code, text)
        if bad is None:
            return
        if code // 100 == 3:
            self.connection.close()  # nothing was accepted before it refused; a lone dot could only confuse it
        self.session.phase = bad[0]
        self._judge(bad[1], bad[2])

    def _content(self, content: bytes) -> bytes:
        """Write the content, dots stuffed, or return it where it is small enough to travel with the final dot."""
        stuffed = LINE_START_DOT.sub(b"..", content)
        if not stuffed.endswith(b"\r\n"):
            stuffed += b"\r\n"
        self.session.phase = Phase.DATA
        if len(stuffed) <= ONE_WRITE_BYTES:
            return stuffed
        for start in range(0, len(stuffed), CHUNK_BYTES):
            with self.session.at(Phase.DATA):
                self.connection.write(stuffed[start : start + CHUNK_BYTES])
        return b""

    def _final_dot(self, rest: bytes) -> None:
        """Announce, then write the rest and the final dot; from here on a lost link leaves the mail uncertain."""
        if not self.before_final_dot():
            self.connection.close()
            raise _Ended(Outcome.REVOKED, "Stopped before the end of the message.", None, "")
        self.session.phase = Phase.FINAL_DOT
        try:
            self.connection.write(rest + b".\r\n")
            code, text = self.connection.getreply(seconds=FINAL_DOT_SECONDS)
        except (OSError, smtplib.SMTPException, ProtocolError) as error:
            self.connection.close()
            raise _Ended(Outcome.UNCERTAIN, _lost(error), None, "") from None
        self.session.needs_reset = False
        self._judge(code, text)

    def _write(self, command: str) -> None:
        encoding = "utf-8" if "smtputf8" in self.connection.esmtp_features else "ascii"
        self.connection.write(command.encode(encoding) + b"\r\n")

    def _judge(self, code: int, text: bytes) -> NoReturn:
        """End the transaction with the outcome of a reply."""
        clean = self.session.redactor.clean(text)
        enhanced = enhanced_code(code, clean)
        raise _Ended(outcome_of(self.session.phase, code, enhanced), clean, code, enhanced)


def _lost(error: Exception) -> str:
    what = {"timeout": "did not answer in time", "protocol": "answered something that is not SMTP"}
    return f"The server {what.get(kind_of(error), 'closed the connection')} after the whole message was sent."
