"""One question to one DNS server: UDP, then TCP where the answer is truncated (RFC 7766), within one deadline.

Of all the questions of a process at most `QUERIES_AT_ONCE` are under way at a time, whoever asks them.
"""

import socket
import threading
import time
from dataclasses import dataclass
from typing import Any

import dns.exception
import dns.flags
import dns.inet
import dns.message
import dns.query
import dns.rcode

QUERIES_AT_ONCE = 50
WITHOUT_EDNS = frozenset({dns.rcode.FORMERR, dns.rcode.NOTIMP})  # of older servers (RFC 6891 7, RFC 2671 5.3)
UDP_PAYLOAD_BYTES = 1232  # passes every path without fragments (DNS flag day 2020)

_slots = threading.BoundedSemaphore(QUERIES_AT_ONCE)


@dataclass(frozen=True)
class Server:
    """A name server; a recursive one asks others, any other one knows only its own zones."""

    name: str
    address: str
    port: int
    recursive: bool = False

    def __str__(self) -> str:
        return self.name


def exchange(server: Server, name: str, kind: str, seconds: float) -> dns.message.Message | None:
    """Return the server's answer, whatever it says; None where none that can be read came within `seconds`."""
    until = time.monotonic() + seconds
    if not _slots.acquire(timeout=max(seconds, 0)):
        return None
    try:
        answer = _ask(server, _query(server, name, kind), until)
        if answer.rcode() in WITHOUT_EDNS:
            answer = _ask(server, _query(server, name, kind, edns=-1), until)
        return answer
    except (dns.exception.DNSException, OSError, EOFError):
        return None
    finally:
        _slots.release()


def _query(server: Server, name: str, kind: str, *, edns: int = 0) -> dns.message.QueryMessage:
    flags = dns.flags.RD if server.recursive else dns.flags.Flag(0)
    return dns.message.make_query(name, kind, use_edns=edns, payload=UDP_PAYLOAD_BYTES, flags=flags)


def _ask(server: Server, query: dns.message.QueryMessage, until: float) -> dns.message.Message:
    """Return the answer; raises `DNSException`, `OSError` or `EOFError`. What answers another question is ignored.

    `dns.query.udp_with_fallback` would give UDP and TCP a timeout each; here both share one deadline.
    """
    try:
        with _Socket(dns.inet.af_for_address(server.address), until) as udp:
            return dns.query.udp(
                query,
                server.address,
                timeout=_left(until),
                port=server.port,
                sock=udp,
                raise_on_truncation=True,
                ignore_unexpected=True,
                ignore_errors=True,
            )
    except dns.message.Truncated:
        return dns.query.tcp(query, server.address, timeout=_left(until), port=server.port)


class _Socket(socket.socket):
    """A UDP socket that reads nothing after `until`.

    `dns.query.udp` looks at its timeout only where it has to wait, which it never has while a server floods it.
    """

    def __init__(self, family: int, until: float) -> None:
        super().__init__(family, socket.SOCK_DGRAM)
        self.setblocking(False)
        self.until = until

    def recvfrom(self, size: int, flags: int = 0, /) -> tuple[bytes, Any]:
        _left(self.until)
        return super().recvfrom(size, flags)


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise dns.exception.Timeout
    return left
