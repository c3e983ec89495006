"""Hand one message for one recipient to a server, and say what became of it (RFC 5321, RFC 6409)."""

import smtplib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import NoReturn

from smtp_settings.choices import Fault, Outcome, Phase
from smtp_settings.transport.connection import ProtocolError
from smtp_settings.transport.envelope import Envelope
from smtp_settings.transport.failures import OUT_OF_STEP, UNSUPPORTED, enhanced_code, kind_of
from smtp_settings.transport.refusals import BAD_SEQUENCE, is_out_of_step
from smtp_settings.transport.replies import verdict
from smtp_settings.transport.session import Session, SessionFailed

FINAL_DOT_SECONDS = 300  # RFC 5321 4.5.3.2.6 asks for ten minutes; a lease is not held that long
CHUNK_BYTES = 256 * 1024
ONE_WRITE_BYTES = 16 * 1024  # what a socket takes at once
CLOSING = 421
LOST = (OSError, smtplib.SMTPException, ProtocolError)
ENVELOPE = ((Phase.MAIL, 2), (Phase.RCPT, 2), (Phase.DATA, 3))  # the phases, and the first digit that goes on


@dataclass(frozen=True)
class SubmissionResult:
    """What a try came to; `text` is redacted and one line, `milliseconds` is the time it took.

    `kind` is that of the `SessionFailed` that ended it, out_of_step also where a reply was for another command. `fault`
    says whose fault a refusal is; there is none where no server has said anything.
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
    fault: Fault | None = None

    @property
    def accepted(self) -> bool:
        return self.outcome == Outcome.SENT

    @property
    def is_limit(self) -> bool:
        """Return whether the server takes mail, only no more for now."""
        return self.fault is not None and self.fault.is_limit

    @property
    def may_have_arrived(self) -> bool:
        """Return whether the message may have been passed on, although the server did not accept it.

        One that passes messages on at once and is shut down meanwhile says 421 (RFC 5321 3.8) instead of the answer
        that it waits for.
        """
        if self.phase == Phase.FINAL_DOT and self.code == CLOSING:
            return not self.is_limit
        return self.outcome == Outcome.UNCERTAIN


class _Ended(Exception):
    """The submission came to an end; args are outcome, text, reply code, enhanced code, kind and fault."""


class Submission:
    """One message on its way to one recipient (RFC 5321 3.3), in steps between which its owner may do something else.

    `begin` sends the envelope, `prepare` hands over all but the end of the message, `end` writes that, `wait` reads
    what the server says of it; `stop` gives up before the end. `result` is there as soon as nothing more can
    come. `has_opened` says that the connection was opened for it, or tried to be. `prepare` and `wait` block unless
    the server has answered. Raises only for bugs.
    """

    def __init__(
        self,
        session: Session,
        envelope: Envelope,
        content: bytes,
        in_ascii: Callable[[bytes], bytes] | None = None,
    ) -> None:
        """Take `content` with CRLF lines.

        `in_ascii` writes it anew for a server that takes no other octets, or raises `ValueError` where that loses
        something.
        """
        self.session, self.connection = session, session.connection
        self.envelope, self.content, self.in_ascii = envelope, content, in_ascii
        self.result: SubmissionResult | None = None
        self.has_ended = self.has_opened = False
        self._started = time.monotonic()
        self._rest = b""
        self.answer_until = self._started + self.connection.reply_seconds

    def begin(self) -> bool:
        """Open the session where it is not open, and send the envelope; return whether it is on its way."""
        with self._judging():
            self.connection.restart_clock()
            if not self._is_ready():
                self.has_opened = True
                self.session.open()
            self._say_envelope()
        self.answer_until = min(time.monotonic() + self.connection.reply_seconds, self.connection.deadline)
        return self.result is None

    def _is_ready(self) -> bool:
        """Make a connection that is open ready again; one that cannot be is closed, which says nothing of the mail."""
        if self.session.is_open:
            try:
                if self.session.needs_reset:
                    self.session.reset()
                self.session.keep_in_step()
            except SessionFailed:
                self.session.close()
        return self.session.is_open

    @property
    def may_go_on(self) -> bool:
        """Return whether the next step need not wait: the server has answered, is gone, or has taken too long."""
        if self.connection.sock is None or time.monotonic() > self.answer_until:
            return True
        if self.has_ended:
            return self.connection.has_replies(1)
        return not self.session.pipelines or self.connection.has_replies(len(ENVELOPE))

    def prepare(self) -> bool:
        """Hand over all but the end of the message; return whether that worked."""
        with self._judging():
            if self.session.pipelines:
                self._read_pipelined()
            else:
                self._one_by_one()
            self.session.keep_in_step()
            self._say_content()
        return self.result is None

    def stop(self) -> None:
        """Drop the connection before the end, so that the server cannot accept the mail."""
        self.connection.close()
        self._end(Outcome.ABORTED, "Stopped before the end of the message.")

    def end(self) -> None:
        """Write the final dot; a link lost before it was surely not accepted, after it nobody knows.

        Nothing may be written behind it until its reply has come, although RFC 2920 3.1 allows it: servers crash on it.
        """
        self.has_ended = True
        with self._judging():
            self.session.keep_in_step()
        if self.result:
            return
        self.session.phase = Phase.FINAL_DOT
        self.answer_until = min(time.monotonic() + FINAL_DOT_SECONDS, self.connection.deadline)
        try:
            self.connection.write(self._rest + b".\r\n")
        except LOST as error:
            self._lose(error)

    def wait(self) -> None:
        """Read the reply to the final dot."""
        if self.result:
            return
        try:
            code, text = self.connection.getreply(until=self.answer_until)
        except LOST as error:
            self._lose(error)
            return
        self.session.needs_reset = False
        with self._judging():
            self._judge(code, text)

    def _lose(self, error: Exception) -> None:
        self.connection.close()
        what = {"timeout": "did not answer in time", "protocol": "answered something that is not SMTP"}
        kind = kind_of(error)
        how = what.get(kind, "closed the connection")
        self._end(Outcome.UNCERTAIN, f"The server {how} after the whole message was sent.", kind=kind)

    @contextmanager
    def _judging(self) -> Iterator[None]:
        """Turn what ends the submission into its result; after a bug nobody may go on with the connection."""
        try:
            yield
        except _Ended as ended:
            self._end(*ended.args)
        except SessionFailed as failure:
            outcome, fault = verdict(self.session.phase, failure.code, failure.enhanced, failure.text)
            self._end(outcome, failure.text, failure.code, failure.enhanced, failure.kind, fault)
        except BaseException:
            self.connection.close()
            raise

    def _end(
        self,
        outcome: Outcome,
        text: str,
        code: int | None = None,
        enhanced: str = "",
        kind: str = "",
        fault: Fault | None = None,
    ) -> None:
        self.result = SubmissionResult(
            outcome=outcome,
            phase=Phase.DONE if outcome == Outcome.SENT else self.session.phase,
            text=text,
            code=code,
            enhanced=enhanced,
            peer_address=self.session.peer_address,
            tls=self.session.tls,
            milliseconds=int((time.monotonic() - self._started) * 1000),
            kind=kind,
            fault=fault,
        )

    def _say_envelope(self) -> None:
        """Send MAIL, RCPT and DATA in one write where the server offers PIPELINING (RFC 2920)."""
        self.session.phase = Phase.MAIL
        features = self.connection.esmtp_features
        if self.in_ascii and self.envelope.wants_ascii(features):
            self._write_in_ascii(self.in_ascii, features)
        if refusal := self.envelope.refusal(features):
            raise _Ended(Outcome.PERMANENT, refusal, None, "", UNSUPPORTED, Fault.CONTENT)
        self.session.needs_reset = True
        if self.session.pipelines:
            with self.session.at(Phase.MAIL):
                self.connection.write(b"".join(self.envelope.commands(features)))

    def _write_in_ascii(self, in_ascii: Callable[[bytes], bytes], features: Mapping[str, str]) -> None:
        try:
            self.content = in_ascii(self.content)
        except ValueError as error:
            text = f"{self.envelope.refusal(features)} It cannot be written anew for it: {error}."
            raise _Ended(Outcome.PERMANENT, text, None, "", UNSUPPORTED, Fault.CONTENT) from error
        self.envelope = replace(self.envelope, size=len(self.content), smtputf8=False, eight_bit=False)

    def _one_by_one(self) -> None:
        commands = self.envelope.commands(self.connection.esmtp_features)
        for (phase, wanted), command in zip(ENVELOPE, commands, strict=True):
            with self.session.at(phase):
                self.session.keep_in_step()
                self.connection.write(command)
                code, text = self.connection.getreply()
            if code // 100 != wanted:
                self._judge(code, text)

    def _read_pipelined(self) -> None:
        """Read every reply; the first bad one counts. Where DATA was opened all the same, drop the connection."""
        replies: list[tuple[Phase, int, bytes]] = []
        bad: list[tuple[Phase, int, bytes]] = []
        try:
            with self.session.at(Phase.MAIL):
                for phase, wanted in ENVELOPE:
                    self.session.phase = phase
                    reply = (phase, *self.connection.getreply(until=self.answer_until))
                    replies.append(reply)
                    if reply[1] // 100 != wanted:
                        bad.append(reply)
        except SessionFailed:
            if not bad:
                raise  # otherwise it closed the connection after what it had said, and that counts
        if not bad:
            return
        self.session.phase, code, text = next(filter(_is_misplaced, bad), bad[0])
        try:
            self._judge(code, text)
        finally:
            if replies[-1][1] // 100 == 3:
                self.connection.close()  # nothing was accepted before it refused; a lone dot could only confuse it

    def _say_content(self) -> None:
        """Write the content, dots stuffed, or keep it where it is small enough to travel with the final dot."""
        stuffed = self.content.replace(b"\n.", b"\n..")
        if stuffed.startswith(b"."):
            stuffed = b"." + stuffed
        if not stuffed.endswith(b"\r\n"):
            stuffed += b"\r\n"
        self.session.phase = Phase.DATA
        if len(stuffed) <= ONE_WRITE_BYTES:
            self._rest = stuffed
            return
        for start in range(0, len(stuffed), CHUNK_BYTES):
            with self.session.at(Phase.DATA):
                self.connection.write(stuffed[start : start + CHUNK_BYTES])

    def _judge(self, code: int, text: bytes) -> NoReturn:
        """End the transaction with the outcome of a reply."""
        phase = self.session.phase
        clean = self.session.redactor.clean(text)
        enhanced = enhanced_code(code, clean)
        outcome, fault = verdict(phase, code, enhanced, clean)
        if self._is_disputed(code):
            outcome = Outcome.UNCERTAIN if phase == Phase.FINAL_DOT else Outcome.SERVER_UNAVAILABLE
            fault = Fault.OUT_OF_STEP
        kind = OUT_OF_STEP if fault == Fault.OUT_OF_STEP else ""
        if code == CLOSING or kind:
            self.connection.close()  # at 421 the server does so too (RFC 5321 3.8)
        raise _Ended(outcome, clean, code, enhanced, kind, fault)

    def _is_disputed(self, code: int) -> bool:
        """Return whether a further reply came behind this one, so that nobody knows which of them is meant.

        The farewell of a server that closes (421) is none; nor is one to the final dot that says the same.
        """
        further = self.connection.surplus
        agrees = self.session.phase == Phase.FINAL_DOT and further[:1] == str(code)[:1].encode()
        return bool(further) and not agrees and not further.startswith(str(CLOSING).encode())


def _is_misplaced(reply: tuple[Phase, int, bytes]) -> bool:
    """Return whether the reply is surely to another command; 503 may also follow from a refusal before it."""
    phase, code, _ = reply
    return code != BAD_SEQUENCE and is_out_of_step(phase, code)


def submit(session: Session, envelope: Envelope, content: bytes) -> SubmissionResult:
    """Take all steps of a submission at once."""
    submission = Submission(session, envelope, content)
    if submission.begin() and submission.prepare():
        submission.end()
        submission.wait()
    assert submission.result is not None
    return submission.result
