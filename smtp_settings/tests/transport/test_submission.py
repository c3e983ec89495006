"""One message over a real connection: what each reply means, what is offered and used, and how long it may take."""

import resource
import time
from collections.abc import Iterator

import pytest

from smtp_settings.choices import Outcome, Phase
from smtp_settings.models import SmtpServer
from smtp_settings.transport.envelope import Envelope
from smtp_settings.transport.session import Session
from smtp_settings.transport.submission import Submission, SubmissionResult, submit
from testing.factories import make_server
from testing.fixtures import SmtpServerFactory
from testing.servers.smtp import LoopbackSmtpServer

pytestmark = pytest.mark.django_db

CONTENT = b"Subject: Hi\r\n\r\nText\r\n.dot at the start\r\n"


@pytest.fixture
def row(smtp_server: LoopbackSmtpServer) -> SmtpServer:
    return make_server(secret="secret", **smtp_server.fields)


@pytest.fixture
def session(row: SmtpServer) -> Iterator[Session]:
    with Session(row, reply_seconds=1, deadline_seconds=3) as session:
        yield session


def to(recipient: str = "eve@users.test", content: bytes = CONTENT, *, smtputf8: bool = False) -> Envelope:
    return Envelope("a@acme.test", recipient, len(content), smtputf8)


def send(session: Session, content: bytes = CONTENT, *, smtputf8: bool = False) -> SubmissionResult:
    return submit(session, to(content=content, smtputf8=smtputf8), content)


REPLIES = [
    ("CONNECT", "421 4.3.2 too busy", "SERVER_UNAVAILABLE"),
    ("CONNECT", "554 5.7.1 no service for you", "SERVER_UNAVAILABLE"),
    ("CONNECT", "HTTP/1.1 400 Bad Request", "SERVER_UNAVAILABLE"),
    ("CONNECT", "", "SERVER_UNAVAILABLE"),
    ("CONNECT", b"\x00\xff\xfe\r\n", "SERVER_UNAVAILABLE"),
    ("EHLO", "421 4.3.0 closing", "SERVER_UNAVAILABLE"),
    ("EHLO", "550 5.7.1 go away", "SERVER_UNAVAILABLE"),
    ("EHLO", "250", "SERVER_UNAVAILABLE"),
    ("STARTTLS", "454 4.7.0 TLS is not available now", "SERVER_UNAVAILABLE"),
    ("STARTTLS", "501 5.5.4 no", "SERVER_UNAVAILABLE"),
    ("STARTTLS", "220 go\r\n250 injected", "SERVER_UNAVAILABLE"),
    ("AUTH", "432 4.7.12 a password transition is needed", "SERVER_UNAVAILABLE"),
    ("AUTH", "454 4.7.0 temporary failure", "SERVER_UNAVAILABLE"),
    ("AUTH", "534 5.7.9 another mechanism", "SERVER_UNAVAILABLE"),
    ("AUTH", "535 5.7.8 wrong", "SERVER_UNAVAILABLE"),
    ("AUTH", "235", "SENT"),
    ("MAIL", "421 4.7.0 too many messages", "SERVER_UNAVAILABLE"),
    ("MAIL", "432 4.3.2 too many connections", "SERVER_UNAVAILABLE"),
    ("MAIL", "451 4.7.1 greylisted", "TRANSIENT"),
    ("MAIL", "452 4.3.1 no room", "SERVER_UNAVAILABLE"),
    ("MAIL", "354 go on", "SERVER_UNAVAILABLE"),
    ("MAIL", "503 5.5.1 bad sequence", "SERVER_UNAVAILABLE"),
    ("MAIL", "530 5.7.0 sign in first", "SERVER_UNAVAILABLE"),
    ("MAIL", "550 5.7.1 not your address", "SERVER_UNAVAILABLE"),
    ("MAIL", "552 5.3.4 too large", "PERMANENT"),
    ("MAIL", "553 5.1.8 no such domain", "SERVER_UNAVAILABLE"),
    ("RCPT", "550 5.1.8 no such domain of the sender", "SERVER_UNAVAILABLE"),
    ("RCPT", "554 5.7.1 relay access denied", "SERVER_UNAVAILABLE"),
    ("RCPT", "450 4.7.1 too many recipients from you", "SERVER_UNAVAILABLE"),
    ("RCPT", "421 4.4.2 closing", "SERVER_UNAVAILABLE"),
    ("RCPT", "450 4.2.1 busy", "TRANSIENT"),
    ("RCPT", "451 4.7.1 greylisted", "TRANSIENT"),
    ("RCPT", "452 4.2.2 full for now", "TRANSIENT"),
    ("RCPT", "354 go on", "SERVER_UNAVAILABLE"),
    ("RCPT", "503 5.5.1 MAIL first", "SERVER_UNAVAILABLE"),
    ("RCPT", "503-5.3.4 what\n503 5.3.4 MAIL first", "SERVER_UNAVAILABLE"),
    ("RCPT", "550 5.1.1 no such user", "PERMANENT"),
    ("RCPT", "551 5.1.6 moved", "PERMANENT"),
    ("RCPT", "552 too many recipients", "SERVER_UNAVAILABLE"),
    ("RCPT", "552 not now", "TRANSIENT"),
    ("RCPT", "552 5.2.2 mailbox full", "PERMANENT"),
    ("RCPT", "251 will forward", "SENT"),
    ("RCPT", "252 will try", "SENT"),
    ("RCPT", "299 something new", "SENT"),
    ("RCPT", "nonsense", "SERVER_UNAVAILABLE"),
    ("RCPT", "999 what", "TRANSIENT"),
    ("DATA", "451 4.3.0 not now", "TRANSIENT"),
    ("DATA", "554 5.6.0 no", "PERMANENT"),
    ("DATA", "503 5.5.1 RCPT first", "SERVER_UNAVAILABLE"),
    ("DATA", "250 ok?", "SERVER_UNAVAILABLE"),
    ("FINAL_DOT", "200 unusual", "SENT"),
    ("FINAL_DOT", "250-2.0.0 kept\n250 as 4711", "SENT"),
    ("FINAL_DOT", "421 4.3.2 closing", "SERVER_UNAVAILABLE"),
    ("FINAL_DOT", "450 4.7.1 not now", "TRANSIENT"),
    ("FINAL_DOT", "452 4.3.1 no room", "SERVER_UNAVAILABLE"),
    ("FINAL_DOT", "503 5.5.1 bad sequence", "SERVER_UNAVAILABLE"),
    ("FINAL_DOT", "552 5.3.4 too large", "PERMANENT"),
    ("FINAL_DOT", "554 5.7.1 looks like spam", "PERMANENT"),
    ("FINAL_DOT", "354 go on", "UNCERTAIN"),
    ("FINAL_DOT", "", "UNCERTAIN"),
    ("FINAL_DOT", "nonsense", "UNCERTAIN"),
    ("FINAL_DOT", "close", "UNCERTAIN"),
    ("QUIT", b"\x00 garbage", "SENT"),
]


@pytest.mark.parametrize(("phase", "reply", "outcome"), REPLIES)
@pytest.mark.parametrize("pipelining", [True, False])
def test_a_reply_is_judged(
    pipelining: bool, phase: str, reply: str | bytes, outcome: str, smtp_server: LoopbackSmtpServer, session: Session
) -> None:
    if not pipelining:
        smtp_server.extensions = ("8BITMIME",)
    smtp_server.script(phase, reply)
    result = send(session)
    assert result.outcome == outcome
    assert len(smtp_server.received) == (outcome == "SENT" or phase == "FINAL_DOT")


@pytest.mark.parametrize("pipelining", [True, False])
def test_a_reply_to_nothing_is_not_taken_for_the_one_to_the_final_dot(
    pipelining: bool, smtp_server: LoopbackSmtpServer, session: Session
) -> None:
    if not pipelining:
        smtp_server.extensions = ("8BITMIME",)
    smtp_server.script("DATA", "354 go on\n250 2.0.0 kept")
    result = send(session)
    assert (result.outcome, result.phase, smtp_server.received) == ("SERVER_UNAVAILABLE", Phase.DATA, [])


def test_what_a_server_says_before_it_closes_the_connection_counts(
    smtp_server: LoopbackSmtpServer, session: Session
) -> None:
    smtp_server.script("RCPT", "550 5.1.1 no such user")
    smtp_server.script("DATA", "close")
    result = send(session)
    assert (result.outcome, result.code, result.phase) == ("PERMANENT", 550, Phase.RCPT)


def test_a_server_that_does_not_take_rset_gets_a_new_connection(
    smtp_server: LoopbackSmtpServer, session: Session
) -> None:
    smtp_server.script("RCPT", "550 5.1.1 no", times=1)
    smtp_server.script("RSET", "502 5.5.1 what")
    assert [send(session).outcome for _ in range(2)] == ["PERMANENT", "SENT"]
    assert smtp_server.connections == 2


def test_an_accepted_message_arrives_to_the_byte(smtp_server: LoopbackSmtpServer, session: Session) -> None:
    result = send(session)
    assert smtp_server.messages[0].content == CONTENT
    assert (result.code, result.enhanced, result.peer_address) == (250, "2.0.0", "127.0.0.1")
    assert result.tls.startswith("TLSv1.")


def test_a_connection_carries_one_message_after_the_other_whatever_became_of_the_first(
    smtp_server: LoopbackSmtpServer, session: Session
) -> None:
    smtp_server.script("RCPT", "550 5.1.1 no", times=1)
    smtp_server.script("FINAL_DOT", "450 4.7.1 no", times=1)
    assert [send(session).outcome for _ in range(3)] == ["PERMANENT", "TRANSIENT", "SENT"]
    assert smtp_server.connections == 1


@pytest.mark.parametrize("size", [10, 100_000])
def test_nothing_travels_behind_the_final_dot_before_its_reply(
    size: int, smtp_server: LoopbackSmtpServer, session: Session
) -> None:
    smtp_server.script("FINAL_DOT", lambda: after(0.05, "250 2.0.0 kept"))
    content = b"Subject: Hi\r\n\r\n" + b"x" * 70 * (size // 70) + b"\r\n"
    assert [send(session, content).outcome for _ in range(3)] == ["SENT"] * 3
    assert (smtp_server.connections, smtp_server.too_early) == (1, b"")


def after(seconds: float, reply: str) -> str:
    time.sleep(seconds)
    return reply


@pytest.mark.parametrize(
    ("phase", "reply", "outcomes"),
    [
        ("FINAL_DOT", "450 4.7.1 not now", ["TRANSIENT", "SENT"]),
        ("FINAL_DOT", "550 5.7.1 spam", ["PERMANENT", "SENT"]),
        ("FINAL_DOT", "421 4.3.2 closing", ["SERVER_UNAVAILABLE", "SENT"]),
        ("FINAL_DOT", "close", ["UNCERTAIN", "SENT"]),
        ("RCPT", "550 5.1.1 no", ["SENT", "PERMANENT"]),
        ("MAIL", "451 4.3.0 not now", ["SENT", "SERVER_UNAVAILABLE"]),
        ("DATA", "close", ["SENT", "SERVER_UNAVAILABLE"]),
    ],
)
def test_what_becomes_of_a_message_does_not_touch_the_next(
    phase: str, reply: str, outcomes: list[str], smtp_server: LoopbackSmtpServer, session: Session
) -> None:
    if usual := {"MAIL": "250 ok", "RCPT": "250 ok", "DATA": "354 go on"}.get(phase):
        smtp_server.script(phase, usual, times=1)
    smtp_server.script(phase, reply, times=1)
    assert [send(session).outcome for _ in range(2)] == outcomes


def test_a_recipient_refused_behind_an_open_data_sends_nothing(
    smtp_server: LoopbackSmtpServer, session: Session
) -> None:
    smtp_server.script("RCPT", "550 5.1.1 no", times=1)
    smtp_server.script("DATA", "354 go on all the same", times=1)
    assert send(session).outcome == "PERMANENT"
    assert smtp_server.received == []
    assert send(session).outcome == "SENT"


def test_a_message_over_the_offered_size_is_not_sent(smtp_server: LoopbackSmtpServer, session: Session) -> None:
    smtp_server.max_bytes = 1000
    result = send(session, b"x" * 1001)
    assert (result.outcome, smtp_server.commands[-1].split()[0]) == ("PERMANENT", "AUTH")
    assert result.text == "The message has 1,001 bytes; this server takes at most 1,000."


@pytest.mark.parametrize("size", ["", "²", "-1", "1 2", "9" * 5000])
def test_a_size_that_is_no_number_limits_nothing(size: str, smtp_server: LoopbackSmtpServer, session: Session) -> None:
    smtp_server.script(
        "EHLO", f"250-localhost\r\n250-STARTTLS\r\n250-AUTH PLAIN\r\n250 SIZE {size}\r\n".encode("latin-1")
    )
    assert send(session).outcome == "SENT"


def test_size_and_smtputf8_are_told_where_offered(smtp_server: LoopbackSmtpServer, session: Session) -> None:
    send(session, smtputf8=True)
    assert smtp_server.messages[0].options == f"SIZE={len(CONTENT)} BODY=8BITMIME SMTPUTF8"


def test_an_address_beyond_ascii_is_refused_where_it_is_not_offered(
    smtp_server: LoopbackSmtpServer, session: Session
) -> None:
    smtp_server.extensions = ("PIPELINING",)
    result = send(session, smtputf8=True)
    assert (result.outcome, smtp_server.received) == ("PERMANENT", [])
    assert "SMTPUTF8" in result.text


def test_octets_beyond_ascii_are_announced_and_never_sent_where_that_is_not_offered(
    smtp_server: LoopbackSmtpServer, session: Session
) -> None:
    content = "Subject: Hi\r\n\r\nGrüße\r\n".encode()
    envelope = Envelope("a@acme.test", "eve@users.test", len(content), eight_bit=True)
    assert submit(session, envelope, content).accepted
    assert smtp_server.messages[0].options == f"SIZE={len(content)} BODY=8BITMIME"
    assert "8BITMIME" in envelope.refusal({"pipelining": ""})
    assert envelope.refusal({"8bitmime": ""}) == ""


def test_who_stops_before_the_final_dot_sends_nothing(smtp_server: LoopbackSmtpServer, session: Session) -> None:
    submission = Submission(session, to(), CONTENT)
    assert submission.begin()
    assert submission.prepare()
    submission.stop()
    assert submission.result
    assert (submission.result.outcome, smtp_server.received) == (Outcome.ABORTED, [])


@pytest.mark.parametrize("act", ["hang", "drip", "flood"])
@pytest.mark.parametrize("phase", ["CONNECT", "EHLO", "TLS", "AUTH", "MAIL", "RCPT", "DATA", "FINAL_DOT"])
def test_a_server_that_hangs_drips_or_floods_is_left_in_time_and_without_memory(
    phase: str, act: str, smtp_server: LoopbackSmtpServer, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("smtp_settings.transport.submission.FINAL_DOT_SECONDS", 1)
    smtp_server.script(phase, act)
    before, started = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    result = send(session)
    assert result.outcome == (Outcome.UNCERTAIN if phase == "FINAL_DOT" else Outcome.SERVER_UNAVAILABLE)
    assert result.phase == (phase if phase != "TLS" else Phase.TLS)
    assert time.monotonic() - started < 5
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 20 * 1024


def test_the_clock_starts_anew_for_each_message(smtp_server: LoopbackSmtpServer, row: SmtpServer) -> None:
    with Session(row, reply_seconds=2, deadline_seconds=1.5) as session:
        for _ in range(3):
            assert send(session).outcome == "SENT"
            time.sleep(0.7)


def test_over_implicit_tls_everything_is_the_same(smtp_server_factory: SmtpServerFactory) -> None:
    server = smtp_server_factory("IMPLICIT_TLS")
    with Session(make_server(secret="secret", **server.fields)) as session:
        assert send(session).outcome == "SENT"
    assert server.messages[0].tls
