"""The door as a process: how it ends, renews its certificate, and what it takes at once."""

import hashlib
import smtplib
import socket
import ssl
import time
from base64 import b64encode
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest
from django.db import connection, transaction

from delivery.models import Delivery, Email
from testing.servers.certificates import Authority
from testing.servers.submission import SubmissionProcess

MESSAGE = b"Subject: Hello\r\n\r\nIt works.\r\n"
SENDER, DANA = "shop@acme.test", "dana@customer.test"
DoorFactory = Callable[..., SubmissionProcess]


@pytest.fixture
def start_door(transactional_db: None, authority: Authority, tmp_path: Path) -> Iterator[DoorFactory]:
    """Start a door with settings of its own."""
    with ExitStack() as stack:

        def start(**settings: str) -> SubmissionProcess:
            door = SubmissionProcess(authority, tmp_path, settings)
            stack.callback(door.stop)
            return door

        yield start


def certificate_of(door: SubmissionProcess) -> str:
    with door.secure_socket() as secure:
        return hashlib.sha256(secure.getpeercert(binary_form=True) or b"").hexdigest()


def keep_others_from_storing() -> None:
    """Let whoever stores an e-mail wait for the end of this transaction, which SQLite does by itself."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE delivery_email IN EXCLUSIVE MODE")


def test_a_certificate_that_was_renewed_is_used_without_a_restart(start_door: DoorFactory, secret: str) -> None:
    door = start_door()
    first = certificate_of(door)
    with door.signed_in(secret) as client:
        door.renew_certificate()
        until = time.monotonic() + 10
        while certificate_of(door) == first and time.monotonic() < until:
            time.sleep(0.2)
        assert certificate_of(door) != first
        assert client.sendmail(SENDER, [DANA], MESSAGE) == {}


def test_a_broken_certificate_leaves_the_one_before_in_use(start_door: DoorFactory) -> None:
    door = start_door()
    first = certificate_of(door)
    door.certificate.write_text("-----BEGIN CERTIFICATE-----\nhalf")
    time.sleep(1.2)
    assert certificate_of(door) == first


def test_a_door_without_a_certificate_does_not_start(start_door: DoorFactory, tmp_path: Path) -> None:
    with pytest.raises(AssertionError, match="SUBMISSION_CERTIFICATE"):
        start_door(SUBMISSION_CERTIFICATE="")


def test_what_is_at_its_final_dot_is_finished_by_a_door_that_stops(start_door: DoorFactory, secret: str) -> None:
    door = start_door()
    with door.signed_in(secret) as client, door.signed_in(secret) as idle:
        client.mail(SENDER)
        client.rcpt(DANA)
        client.docmd("DATA")
        with transaction.atomic():  # the database is busy meanwhile
            keep_others_from_storing()
            client.send(MESSAGE + b".\r\n")
            time.sleep(0.5)
            door.process.terminate()
            assert idle.getreply()[0] == 421
            with pytest.raises(OSError, match="refused"):
                socket.create_connection(("127.0.0.1", door.port), timeout=5)
        assert client.getreply()[0] == 250
        assert client.getreply()[0] == 421
    door.stop()
    assert door.process.returncode == 0
    assert Email.objects.count() == 1


def test_a_message_that_is_not_at_its_final_dot_when_the_door_stops_was_not_taken(
    start_door: DoorFactory, secret: str
) -> None:
    door = start_door()
    with door.signed_in(secret) as client:
        client.mail(SENDER)
        client.rcpt(DANA)
        client.docmd("DATA")
        client.send(b"Subject: half of\r\n")
        door.stop()
        assert client.getreply()[0] == 421
    assert Email.objects.count() == 0


def test_an_address_has_so_many_connections_and_no_more(start_door: DoorFactory) -> None:
    door = start_door(SUBMISSION_CONNECTIONS_PER_ADDRESS="2")
    with ExitStack() as stack:
        first = stack.enter_context(door.connected())
        stack.enter_context(door.connected())
        with pytest.raises(smtplib.SMTPConnectError) as refused, door.connected():
            pass
        assert refused.value.smtp_code == 421
        assert stack.enter_context(door.connected("127.0.0.2")).noop()[0] == 250
        first.quit()
        time.sleep(0.3)
        assert stack.enter_context(door.connected()).noop()[0] == 250


def test_a_key_has_so_many_connections_and_no_more(start_door: DoorFactory, secret: str) -> None:
    door = start_door(SUBMISSION_CONNECTIONS_PER_KEY="1")
    with door.signed_in(secret), door.connected() as second:
        answer = second.docmd("AUTH", "PLAIN " + b64encode(f"\0key\0{secret}".encode()).decode())
        assert (answer[0], answer[1][:5]) == (421, b"4.7.0")
    time.sleep(0.3)
    with door.signed_in(secret) as client:
        assert client.noop()[0] == 250


def test_two_processes_share_the_ports(start_door: DoorFactory, secret: str) -> None:
    door = start_door()
    start_door(SUBMISSION_PORT=str(door.port), SUBMISSION_TLS_PORT=str(door.tls_port))
    for _ in range(6):
        with door.signed_in(secret) as client:
            client.sendmail(SENDER, [DANA], MESSAGE)
    assert Delivery.objects.count() == 6


PROXY_V1 = b"PROXY TCP4 203.0.113.7 10.0.0.1 1234 587\r\n"
LOCAL = bytes.fromhex("0d0a0d0a000d0a515549540a20000000")  # a balancer asks whether anybody is there
PROXY_V2 = bytes.fromhex("0d0a0d0a000d0a515549540a2111000ccb0071070a00000104d2024b")


@pytest.mark.parametrize("line", [PROXY_V1, PROXY_V2])
@pytest.mark.parametrize("secure", [True, False])
def test_behind_a_balancer_the_address_is_the_clients(
    start_door: DoorFactory, secret: str, line: bytes, secure: bool
) -> None:
    door = start_door(SUBMISSION_PROXY_FROM="127.0.0.5/32")
    port = door.tls_port if secure else door.port
    plain = socket.create_connection(("127.0.0.1", port), timeout=20, source_address=("127.0.0.5", 0))
    plain.sendall(line)
    client = smtplib.SMTP()
    client.sock = door.tls.wrap_socket(plain, server_hostname="localhost") if secure else plain
    assert client.getreply()[0] == 220
    if not secure:
        client._host = "localhost"  # type: ignore[attr-defined]
        client.starttls(context=door.tls)
    client.login("key", secret)
    client.sendmail(SENDER, [DANA], MESSAGE)
    client.quit()
    assert b"([203.0.113.7])" in bytes(Email.objects.get().content or b"")


@pytest.mark.parametrize("line", [PROXY_V1, PROXY_V2])
def test_a_handshake_that_comes_in_one_piece_with_the_header_goes_on(start_door: DoorFactory, line: bytes) -> None:
    door = start_door(SUBMISSION_PROXY_FROM="127.0.0.1/32")
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = door.tls.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        client.do_handshake()
    with socket.create_connection(("127.0.0.1", door.tls_port), timeout=20) as plain:
        plain.sendall(line + outgoing.read())
        greeting = b""
        while not greeting:
            incoming.write(plain.recv(65_536))
            with suppress(ssl.SSLWantReadError):
                client.do_handshake()
                greeting = client.read(100)
            plain.sendall(outgoing.read())
    assert greeting.startswith(b"220 ")
    assert "Traceback" not in door.log.read_text()


@pytest.mark.parametrize("line", [LOCAL, b"PROXY UNKNOWN\r\n"])
def test_a_balancer_that_asks_for_itself_is_answered(start_door: DoorFactory, line: bytes) -> None:
    door = start_door(SUBMISSION_PROXY_FROM="127.0.0.1/32")
    with door.clear_socket() as clear:
        clear.sendall(line)
        assert clear.recv(100).startswith(b"220")


def test_a_proxy_header_of_somebody_else_is_no_command(start_door: DoorFactory, secret: str) -> None:
    door = start_door(SUBMISSION_PROXY_FROM="127.0.0.5/32")
    with door.clear_socket() as clear:
        clear.sendall(PROXY_V1)
        replies = clear.makefile("rb")
        assert [replies.readline()[:3] for _ in range(2)] == [b"220", b"530"]


def test_old_tls_is_refused(start_door: DoorFactory) -> None:
    door = start_door()
    old = door.tls
    old.set_ciphers("ALL:@SECLEVEL=0")  # the client itself would
    with pytest.warns(DeprecationWarning, match=r"TLSv1"):
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    refused = pytest.raises((ssl.SSLError, ConnectionResetError), match=r"(?i)EOF|alert|reset")
    with socket.create_connection(("127.0.0.1", door.tls_port)) as clear, refused:
        old.wrap_socket(clear, server_hostname="localhost")
