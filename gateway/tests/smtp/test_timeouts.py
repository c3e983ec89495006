"""Whoever says nothing is sent away; the times are made short here, and the sockets are real."""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import pytest

from gateway.smtp import protocol
from gateway.smtp.certificate import Certificate
from gateway.smtp.door import Door
from gateway.smtp.limits import Quota
from testing.servers import ports
from testing.servers.certificates import Authority

Heard = TypeVar("Heard")


@pytest.fixture
def door(authority: Authority, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Door:
    monkeypatch.setattr(protocol, "SIGN_IN_SECONDS", 1.2)
    monkeypatch.setattr(protocol, "TLS_SECONDS", 1)
    monkeypatch.setattr(protocol, "PROXY_SECONDS", 1)
    pem = tmp_path / "door.pem"
    authority.ca.issue_cert("localhost").private_key_and_cert_chain_pem.write_to_path(str(pem))
    threads = ThreadPoolExecutor(1)
    return Door("localhost", Certificate(str(pem), ""), 1_000_000, 100, Quota(10), Quota(10), threads)


def run(coroutine: Coroutine[Any, Any, Heard]) -> Heard:
    """Run it in a thread of its own: a browser that another test has opened keeps a loop in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def heard(door: Door, said: bytes = b"", *, secure: bool = False) -> bytes:
    """Return all that the door says to a client that says something and then nothing any more."""

    async def session() -> bytes:
        port = ports.free()
        await door.listen(["127.0.0.1"], port, secure=secure)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(said)
        words = await asyncio.wait_for(reader.read(), 20)
        writer.close()
        await door.shut()
        return words

    return run(session())


def test_a_client_that_does_not_sign_in_is_told_to_come_again(door: Door) -> None:
    assert heard(door).splitlines()[-1].startswith(b"421 4.4.2")


def test_commands_do_not_lengthen_the_time_for_a_sign_in(door: Door) -> None:
    words = heard(door, b"EHLO x\r\nNOOP\r\nNOOP\r\n").splitlines()
    assert words[-2] == b"250 2.0.0 OK"
    assert words[-1].startswith(b"421 4.4.2")


def test_a_client_that_never_stops_talking_has_no_longer_for_its_sign_in(door: Door) -> None:
    async def talk() -> int:
        port, count = ports.free(), 0
        await door.listen(["127.0.0.1"], port, secure=False)
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        until = asyncio.get_running_loop().time() + 10 * protocol.SIGN_IN_SECONDS
        while not reader.at_eof() and asyncio.get_running_loop().time() < until:
            writer.write(b"NOOP\r\n")
            words = await reader.readline()
            count += words.startswith(b"250")
            await asyncio.sleep(0.05)
        assert reader.at_eof()
        writer.close()
        await door.shut()
        return count

    assert run(talk()) > 0


@pytest.mark.parametrize("said", [b"", b"\x16\x03\x01", b"EHLO x\r\n"])
def test_a_handshake_that_does_not_come_to_an_end_is_cut_off(door: Door, said: bytes) -> None:
    assert not heard(door, said, secure=True).startswith(b"220")
    assert not door.sessions
    assert door.addresses == Quota(10), "its place is free again"


def test_a_balancer_that_does_not_say_for_whom_it_comes_is_cut_off(door: Door) -> None:
    door.balancers = ["127.0.0.1/32"]
    assert heard(door) == b""


def test_in_a_door_that_is_full_whoever_has_not_signed_in_for_longest_gives_way(door: Door) -> None:
    door.most_connections = 2

    async def come() -> list[bytes]:
        port = ports.free()
        await door.listen(["127.0.0.1"], port, secure=False)
        clients = []
        for _ in range(3):
            clients.append(await asyncio.open_connection("127.0.0.1", port))
            await clients[-1][0].readline()
        heard = [await reader.readline() for reader, _ in clients[:1]]
        for _, writer in clients[1:]:
            writer.write(b"NOOP\r\n")
        heard += [await reader.readline() for reader, _ in clients[1:]]
        for _, writer in clients:
            writer.close()
        await door.shut()
        return [words[:9] for words in heard]

    assert run(come()) == [b"421 4.3.2", b"250 2.0.0", b"250 2.0.0"]


def test_a_door_that_is_full_of_those_who_have_signed_in_turns_away(door: Door) -> None:
    door.most_connections = 0
    assert heard(door).startswith(b"421 4.3.2")
