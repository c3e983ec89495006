"""Whatever a client does, the door goes on answering everybody else, and its memory has an end."""

import contextlib
import resource
import smtplib
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import ExitStack

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from delivery.models import Email
from testing.servers.submission import SubmissionProcess

GROWTH_MAX_BYTES = 100_000_000
IDLE = 2_000
IDLE_GROWTH_MAX_BYTES = 300_000_000
MESSAGE = b"Subject: Hello\r\n\r\nIt works.\r\n"
DANA = "dana@customer.test"

addresses = st.sampled_from(
    [
        "<>",
        "<a@b.test>",
        "a@b.test",
        "<zoë@users.test>",
        '<"a>b"@c.test>',
        "<@x,@y:a@b.test>",
        "<",
        "<a@b.test",
        "<" * 300,
    ]
)
parameters = st.sampled_from(
    ["", " SIZE=5", " SIZE=x", " SIZE=99999999999999999999", " SMTPUTF8", " BODY=8BITMIME", " A=B"]
)
lines = st.one_of(
    st.builds("MAIL FROM:{}{}".format, addresses, parameters),
    st.builds("RCPT TO:{}{}".format, addresses, parameters),
    st.sampled_from(
        ["DATA", "RSET", "NOOP", "EHLO x", "HELO x", "STARTTLS", "AUTH PLAIN", "AUTH LOGIN", "*", "VRFY a", "HELP"]
    ),
    st.text(max_size=60),
).map(lambda text: text.encode("utf-8", "surrogatepass") + b"\r\n")
bodies = st.one_of(
    st.binary(max_size=300),
    st.lists(st.sampled_from([b"\r\n", b".", b"\n", b"\r", b"To: a@b.test", b"x" * 1200, b"\xff", b": ", b"="])).map(
        b"".join
    ),
).map(lambda body: b"DATA\r\n" + body + b"\r\n.\r\n")
sessions = st.lists(st.one_of(lines, bodies, st.binary(max_size=80)), max_size=25).map(b"".join)

pytestmark = pytest.mark.properties
hostile = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow], max_examples=60
)


@pytest.fixture
def alive(door: SubmissionProcess, secret: str) -> Iterator[SubmissionProcess]:
    """The door, which has answered and kept its memory when the test is over."""
    before = door.memory_bytes
    yield door
    with door.signed_in(secret) as client:
        Email.objects.all().delete()
        assert client.sendmail("a@b.test", [DANA], MESSAGE) == {}
    assert Email.objects.count() == 1
    assert door.memory_bytes - before < GROWTH_MAX_BYTES
    assert "Traceback" not in door.log.read_text()


def hear_out(client: socket.socket) -> None:
    """Read until the door has nothing more to say."""
    client.settimeout(0.05)
    with contextlib.suppress(OSError):
        while client.recv(65_536):
            pass


@hostile
@given(said=sessions)
def test_anything_said_in_clear(alive: SubmissionProcess, said: bytes) -> None:
    with contextlib.suppress(OSError), alive.clear_socket() as client:
        client.sendall(said)
        hear_out(client)


@hostile
@given(said=sessions)
def test_anything_said_behind_a_sign_in(alive: SubmissionProcess, secret: str, said: bytes) -> None:
    with contextlib.suppress(OSError, smtplib.SMTPException), alive.signed_in(secret) as client:
        assert client.sock is not None
        client.sock.sendall(said)
        hear_out(client.sock)
        client.close()


@hostile
@given(said=st.binary(max_size=2000), cut=st.integers(min_value=0, max_value=600))
def test_tls_that_breaks_off_or_is_none(alive: SubmissionProcess, said: bytes, cut: int) -> None:
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    handshake = alive.tls.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with contextlib.suppress(ssl.SSLWantReadError):
        handshake.do_handshake()
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", alive.tls_port)) as client:
        client.sendall(outgoing.read()[:cut] + said)
        hear_out(client)


def test_clients_that_send_an_octet_at_a_time_keep_nobody_waiting(alive: SubmissionProcess, secret: str) -> None:
    with ExitStack() as stack:
        slow = [stack.enter_context(alive.signed_in(secret, f"127.0.0.{number}")) for number in range(10, 30)]
        for client in slow:
            client.mail("a@b.test")
            client.rcpt(DANA)
            client.docmd("DATA")
        for octet in b"Subject: slow\r\n\r\nx":
            for client in slow:
                client.send(bytes([octet]))
        with alive.signed_in(secret) as quick:
            assert quick.sendmail("a@b.test", [DANA], MESSAGE) == {}
        for client in slow:
            client.send(b"\r\n.\r\n")
            assert client.getreply()[0] == 250


def test_two_thousand_idle_connections_keep_nobody_out(alive: SubmissionProcess, secret: str) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard < 2 * IDLE:
        pytest.skip("this machine permits too few open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * IDLE), hard))
    before = alive.memory_bytes
    with ExitStack() as stack:
        for number in range(IDLE):
            source = (f"127.0.1.{number // 50 + 1}", 0)
            client = stack.enter_context(socket.create_connection(("127.0.0.1", alive.port), 30, source))
            if number % 50 == 0:
                assert client.recv(100).startswith(b"220")
        began = time.monotonic()
        with alive.signed_in(secret) as client:
            assert client.sendmail("a@b.test", [DANA], MESSAGE) == {}
        assert time.monotonic() - began < 20
        assert alive.memory_bytes - before < IDLE_GROWTH_MAX_BYTES
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
