"""A server whose replies belong to other commands: nothing is known of the message, and nobody goes on with it."""

from collections.abc import Iterator

import pytest

from smtp_settings.choices import Fault, Outcome, Phase
from smtp_settings.transport.envelope import Envelope
from smtp_settings.transport.failures import OUT_OF_STEP
from smtp_settings.transport.refusals import is_out_of_step
from smtp_settings.transport.session import Session, SessionFailed
from smtp_settings.transport.submission import Submission, SubmissionResult, submit
from testing.factories import make_server
from testing.fixtures import SmtpServerFactory
from testing.servers.smtp import LoopbackSmtpServer

pytestmark = pytest.mark.django_db

CONTENT = b"Subject: Hi\r\n\r\nText\r\n"
ENVELOPE = Envelope("a@acme.test", "eve@users.test", len(CONTENT))
PIPELINING = pytest.mark.parametrize("pipelining", [True, False])


@pytest.fixture
def session(smtp_server: LoopbackSmtpServer) -> Iterator[Session]:
    row = make_server(secret="secret", **smtp_server.fields)
    with Session(row, reply_seconds=1, deadline_seconds=3) as session:
        yield session


def send(session: Session) -> SubmissionResult:
    return submit(session, ENVELOPE, CONTENT)


@pytest.mark.parametrize(
    ("phase", "codes"),
    [
        (Phase.AUTH, []),
        (Phase.MAIL, [334, 354, 503]),
        (Phase.RCPT, [334, 354, 503]),
        (Phase.DATA, [250, 251, 503]),
        (Phase.FINAL_DOT, [334, 354, 503]),
    ],
)
def test_which_replies_are_out_of_step(phase: Phase, codes: list[int]) -> None:
    tried = (250, 251, 334, 354, 421, 450, 500, 503, 550)
    assert [code for code in tried if is_out_of_step(phase, code)] == codes


@PIPELINING
@pytest.mark.parametrize(
    ("phase", "reply"),
    [
        ("MAIL", "503 5.5.1 DATA is not over"),
        ("RCPT", "503 5.5.1 MAIL first"),
        ("DATA", "503 5.5.1 RCPT first"),
        ("FINAL_DOT", "503 5.5.1 bad sequence"),
        ("MAIL", "354 go on"),
        ("RCPT", "354 go on"),
        ("DATA", "250 ok"),
    ],
)
def test_a_connection_out_of_step_is_dropped_and_the_next_message_gets_a_fresh_one(
    phase: str, reply: str, pipelining: bool, smtp_server: LoopbackSmtpServer, session: Session
) -> None:
    if not pipelining:
        smtp_server.extensions = ("8BITMIME",)
    smtp_server.script(phase, reply, times=1)
    first, second = send(session), send(session)
    assert (first.outcome, first.kind, second.outcome) == (Outcome.SERVER_UNAVAILABLE, OUT_OF_STEP, Outcome.SENT)
    assert (smtp_server.connections, "QUIT" in smtp_server.commands) == (2, False)


def test_a_503_that_follows_from_a_refusal_is_no_fault_of_the_server(
    smtp_server: LoopbackSmtpServer, session: Session
) -> None:
    smtp_server.script("MAIL", "550 5.7.1 not your address", times=1)
    result = send(session)
    assert (result.fault, result.code, result.kind) == (Fault.SENDER, 550, "")
    assert (send(session).outcome, smtp_server.connections) == (Outcome.SENT, 1)


def test_a_refusal_among_replies_to_other_commands_fails_nothing(
    smtp_server: LoopbackSmtpServer, session: Session
) -> None:
    smtp_server.script("RCPT", "550 5.1.1 perhaps another recipient\r\n250 2.1.5 ok")
    result = send(session)
    assert (result.outcome, result.kind, smtp_server.received) == (Outcome.SERVER_UNAVAILABLE, OUT_OF_STEP, [])


@PIPELINING
def test_a_refusal_with_a_further_reply_behind_it_fails_nothing(
    pipelining: bool, smtp_server: LoopbackSmtpServer, session: Session
) -> None:
    if not pipelining:
        smtp_server.extensions = ("8BITMIME",)
    smtp_server.script("DATA", "550 5.1.1 of an earlier mail\r\n503 5.5.1 what")
    assert send(session).kind == OUT_OF_STEP


def test_a_refusal_with_a_farewell_behind_it_counts(smtp_server: LoopbackSmtpServer, session: Session) -> None:
    smtp_server.extensions = ("8BITMIME",)
    smtp_server.script("RCPT", "550 5.1.1 no such user\r\n421 4.7.0 too many errors")
    result = send(session)
    assert (result.outcome, result.code) == (Outcome.PERMANENT, 550)


@pytest.mark.parametrize(
    ("reply", "outcome", "connections"),
    [
        ("503 5.5.1 what\r\n250 2.0.0 kept", Outcome.UNCERTAIN, 2),
        ("250 2.0.0 of RSET\r\n550 5.7.1 spam", Outcome.UNCERTAIN, 2),
        ("354 go on", Outcome.UNCERTAIN, 2),
        ("250 2.0.0 kept\r\n250 2.0.0 kept", Outcome.SENT, 2),
        ("250 2.0.0 kept\r\n421 4.7.0 enough", Outcome.SENT, 2),
        ("550 5.7.1 spam\r\n421 4.7.0 enough", Outcome.PERMANENT, 2),
        ("250 2.0.0 kept", Outcome.SENT, 1),
    ],
)
def test_replies_to_the_final_dot_that_differ_leave_it_uncertain(
    reply: str, outcome: Outcome, connections: int, smtp_server: LoopbackSmtpServer, session: Session
) -> None:
    smtp_server.script("FINAL_DOT", reply, times=1)
    assert send(session).outcome == outcome
    assert (send(session).outcome, smtp_server.connections) == (Outcome.SENT, connections)


@pytest.mark.parametrize("surplus", ["250 2.0.0 once more", "503 5.5.1 what", "550 5.1.1 no", "421 4.4.2 idle"])
def test_what_a_kept_connection_says_unasked_is_never_the_reply_to_the_next_message(
    surplus: str, smtp_server: LoopbackSmtpServer, session: Session
) -> None:
    smtp_server.script("RSET", f"250 2.0.0 forgotten\r\n{surplus}", times=1)
    assert send(session).outcome == Outcome.SENT
    session.reset()
    assert (send(session).outcome, smtp_server.connections) == (Outcome.SENT, 2)


def test_nor_is_it_the_reply_to_rset(smtp_server: LoopbackSmtpServer, session: Session) -> None:
    smtp_server.script("FINAL_DOT", "250 2.0.0 kept\r\n250 2.0.0 once more", times=1)
    assert send(session).outcome == Outcome.SENT
    with pytest.raises(SessionFailed, match="more than it was asked"):
        session.reset()
    assert not session.is_open


def test_a_late_reply_to_rset_is_not_waited_for_and_answers_nothing_else(
    smtp_server: LoopbackSmtpServer, session: Session
) -> None:
    assert send(session).outcome == Outcome.SENT
    smtp_server.script("RSET", "hang", times=1)
    with pytest.raises(SessionFailed, match="timed out"):
        session.reset()
    assert (send(session).outcome, smtp_server.connections) == (Outcome.SENT, 2)


@pytest.mark.parametrize(("reply", "kind"), [("250 2.0.0 unasked", OUT_OF_STEP), ("close", "closed")])
def test_no_final_dot_is_written_to_a_server_that_has_said_more_or_is_gone(
    reply: str, kind: str, smtp_server_factory: SmtpServerFactory
) -> None:
    server = smtp_server_factory("NONE", mechanisms=())
    with Session(make_server(auth="NONE", **server.fields)) as session:
        submission = Submission(session, ENVELOPE, CONTENT)
        assert submission.begin()
        assert submission.prepare()
        server.break_in(reply)
        submission.end()
    assert submission.result
    assert (submission.result.outcome, submission.result.kind, server.received) == (
        Outcome.SERVER_UNAVAILABLE,
        kind,
        [],
    )
