"""No octet of a TLS handshake is lost, however soon and in whatever pieces it comes."""

import asyncio
import selectors
import smtplib
import socket
import ssl
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from functools import partial
from pathlib import Path
from typing import TypeVar, TypeVarTuple, Unpack

import pytest

from gateway.smtp.certificate import Certificate
from gateway.smtp.door import Door
from gateway.smtp.limits import Quota
from testing.servers import ports
from testing.servers.certificates import Authority
from testing.servers.submission import SubmissionProcess

TURN_SECONDS = 0.02
CLIENT_SECONDS = 10
PROXY = b"PROXY TCP4 203.0.113.7 10.0.0.1 1234 465\r\n"
CLIENTS, HANDSHAKES = 20, 200

Heard = TypeVar("Heard")
Given = TypeVarTuple("Given")


class SlowSelector(selectors.DefaultSelector):
    """Each turn of a loop takes its time: what a client answers is there before the door goes on."""

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        time.sleep(TURN_SECONDS)
        return super().select(timeout)


class SlowLoop(asyncio.SelectorEventLoop):
    """What is called soon is called a turn later than usual, behind what sockets have to tell, as a loop may."""

    def __init__(self) -> None:
        super().__init__(SlowSelector())

    def call_soon(
        self, callback: Callable[[Unpack[Given]], object], *args: *Given, context: Context | None = None
    ) -> asyncio.Handle:
        return super().call_soon(partial(super().call_soon, callback, *args, context=context))


@pytest.fixture
def door(authority: Authority, tmp_path: Path) -> Door:
    pem = tmp_path / "door.pem"
    authority.ca.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(pem))
    threads = ThreadPoolExecutor(1)
    return Door("localhost", Certificate(str(pem), ""), 1_000_000, 100, Quota(10), Quota(10), threads)


@pytest.fixture
def tls(authority: Authority) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=str(authority.file))


def heard(door: Door, client: Callable[[int], Heard], *, secure: bool) -> Heard:
    """Return what a client hears that is given the port of a slow door."""

    async def session() -> Heard:
        port = ports.free()
        await door.listen(["127.0.0.1"], port, secure=secure)
        try:
            return await asyncio.to_thread(client, port)
        finally:
            await door.shut()
            await asyncio.sleep(10 * TURN_SECONDS)  # sockets close some turns later

    def run() -> Heard:
        with asyncio.Runner(loop_factory=SlowLoop) as runner:
            return runner.run(session())

    with ThreadPoolExecutor(1) as thread:  # a browser that another test has opened keeps a loop in this one
        return thread.submit(run).result()


def test_a_client_that_begins_tls_as_soon_as_it_may_is_heard(door: Door, tls: ssl.SSLContext) -> None:
    def client(port: int) -> int:
        with smtplib.SMTP("localhost", port, timeout=CLIENT_SECONDS) as smtp:
            smtp.starttls(context=tls)
            return smtp.ehlo()[0]

    assert heard(door, client, secure=False) == 250


@pytest.mark.parametrize("pieces", [1, 2, 5])
@pytest.mark.parametrize("ahead", [b"", PROXY])
def test_a_handshake_that_comes_at_once_or_in_pieces_is_heard(
    door: Door, tls: ssl.SSLContext, ahead: bytes, pieces: int
) -> None:
    def client(port: int) -> bytes:
        with socket.create_connection(("127.0.0.1", port), CLIENT_SECONDS) as plain:
            return greeting(plain, tls, ahead, pieces)

    door.balancers = ["127.0.0.1/32"] if ahead else []
    assert heard(door, client, secure=True).startswith(b"220 ")


def greeting(plain: socket.socket, tls: ssl.SSLContext, ahead: bytes, pieces: int) -> bytes:
    """Return what is said first in TLS, which begins with `pieces`, the first of them right behind `ahead`."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    secure = tls.wrap_bio(incoming, outgoing, server_hostname="localhost")
    with pytest.raises(ssl.SSLWantReadError):
        secure.do_handshake()
    hello = outgoing.read()
    size = -(-len(hello) // pieces)
    for start in range(0, len(hello), size):
        plain.sendall((b"" if start else ahead) + hello[start : start + size])
        time.sleep(TURN_SECONDS / 4)
    while True:
        incoming.write(plain.recv(65_536))
        try:
            secure.do_handshake()
            plain.sendall(outgoing.read())
            return secure.read(100)
        except ssl.SSLWantReadError:
            continue


@pytest.mark.parametrize("secure", [True, False])
def test_of_many_handshakes_at_once_none_hangs(running_door: SubmissionProcess, *, secure: bool) -> None:
    def shake_hands(_: int) -> int:
        if not secure:
            with running_door.connected() as client:
                return client.noop()[0]
        context = running_door.tls
        with smtplib.SMTP_SSL("localhost", running_door.tls_port, timeout=CLIENT_SECONDS, context=context) as client:
            return client.noop()[0]

    with ThreadPoolExecutor(CLIENTS) as clients:
        assert set(clients.map(shake_hands, range(HANDSHAKES))) == {250}
