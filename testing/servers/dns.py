"""A real DNS server (RFC 1035) on a loopback port, by UDP and TCP, with the records that a test gives it.

    dns_server.add("mail._domainkey.acme.test", "TXT", '"v=DKIM1; p=abc"')
    dns_server.answer("slow.test", "hang")         # see `answer` for what else may go wrong

A name that nobody added does not exist (NXDOMAIN); another type of a known name is an empty answer. An answer that is
too long for UDP is cut short there. The server answers as a resolver does, or with `recursive=False` as the
authoritative server of zones, which may refer to others for what is below.
"""

import socket
import struct
import threading
import time
from contextlib import suppress

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

LARGEST_QUERY_BYTES = 4096
LARGEST_ANSWER_BYTES = 65_535
SMALLEST_PAYLOAD_BYTES = 512
STOP_SECONDS = 10
TCP_SECONDS = 2
DRIP_SECONDS = 0.05
ALIASES_FOLLOWED = 5


class LoopbackDnsServer:
    """`queries` lists every question as (name, type), names in lower case without the final dot.

    `code_for_edns` is the response code that a server gives which does not know EDNS, "" where it does (RFC 6891).
    """

    def __init__(self, host: str = "127.0.0.1", port: int = 0, *, recursive: bool = True) -> None:
        self.host, self.recursive = host, recursive
        self._tcp, self._udp = _bound(host, port)
        self.port: int = self._udp.getsockname()[1]
        self.queries: list[tuple[str, str]] = []
        self.by_tcp: list[tuple[str, str]] = []
        self.code_for_edns = ""
        self._records: dict[str, dict[str, list[str]]] = {}
        self._scripts: dict[str, str] = {}
        self._referrals: dict[str, tuple[str, ...]] = {}
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=serve, name=f"dns:{self.port}", daemon=True)
            for serve in (self._serve_udp, self._serve_tcp)
        ]
        for thread in self._threads:
            thread.start()

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    def add(self, name: str, kind: str, *values: str) -> None:
        """Add records in zone file form: TXT in quotes, names of MX and CNAME with their final dot."""
        self._records.setdefault(_plain(name), {}).setdefault(kind, []).extend(values)

    def remove(self, name: str) -> None:
        self._records.pop(_plain(name), None)
        self._scripts.pop(_plain(name), None)

    def replace(self, name: str, kind: str, *values: str) -> None:
        """Make these the only records of this type at the name; with no values there are none any more."""
        of_name = self._records.setdefault(_plain(name), {})
        of_name[kind] = list(values)
        if not values:
            del of_name[kind]
        if not of_name:
            self.remove(name)

    def delegate(self, zone: str, *addresses: str) -> None:
        """Say that `zone` has a name server at each of the addresses: ns1 below it, ns2 and so on."""
        for number, address in enumerate(addresses, start=1):
            self.add(zone, "NS", f"ns{number}.{zone}.")
            self.add(f"ns{number}.{zone}", "AAAA" if ":" in address else "A", address)

    def refer(self, zone: str, *name_servers: str) -> None:
        """Refer to these name servers for everything in `zone`, as the servers of the zone above do."""
        self._referrals[_plain(zone)] = name_servers

    def answer(self, name: str, how: str) -> None:
        """Answer every question for `name` with this response code, or in another bad way.

        With a response code come the aliases that lead there, as the code is about their last target (RFC 6604 3).

        "hang" says nothing, "lame" answers as one who knows nothing of the zone, "empty" has no record and no proof
        that there is none, "garbage" is no DNS message, "strange" answers another question, "cut" is cut short by UDP
        and complete by TCP, "cut off" is not even that, and "drip" comes by TCP, but a byte at a time.
        """
        self._scripts[_plain(name)] = how

    def stop(self) -> None:
        self._stopping.set()
        with socket.socket(self._udp.family, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", (self.host, self.port))
        with suppress(OSError):
            socket.create_connection((self.host, self.port), STOP_SECONDS).close()
        for thread in self._threads:
            thread.join(STOP_SECONDS)
        self._udp.close()
        self._tcp.close()

    def _serve_udp(self) -> None:
        while True:
            wire, client = self._udp.recvfrom(LARGEST_QUERY_BYTES)
            if self._stopping.is_set():
                return
            query = dns.message.from_wire(wire)
            name, kind = _question(query)
            self.queries.append((name, kind))
            answer = self._answer_to(query)
            if answer and self._scripts.get(name) in {"cut", "cut off", "drip"}:
                answer.answer.clear()
                answer.flags |= dns.flags.TC
            if answer:
                self._udp.sendto(
                    b"\x00garbage" if self._scripts.get(name) == "garbage" else _fit(answer, query), client
                )

    def _serve_tcp(self) -> None:
        while True:
            connection, _ = self._tcp.accept()
            with connection:
                if self._stopping.is_set():
                    return
                connection.settimeout(TCP_SECONDS)
                with suppress(OSError, struct.error, dns.exception.DNSException):
                    self._answer_by_tcp(connection)

    def _answer_by_tcp(self, connection: socket.socket) -> None:
        stream = connection.makefile("rb")
        (length,) = struct.unpack("!H", stream.read(2))
        query = dns.message.from_wire(stream.read(length))
        self.by_tcp.append(_question(query))
        answer = self._answer_to(query)
        how = self._scripts.get(_question(query)[0])
        if answer is None or how == "cut off":
            return
        wire = answer.to_wire(max_size=LARGEST_ANSWER_BYTES)
        wire = struct.pack("!H", len(wire)) + wire
        for byte in wire if how == "drip" else []:
            time.sleep(DRIP_SECONDS)
            connection.sendall(bytes([byte]))
        connection.sendall(wire)

    def _answer_to(self, query: dns.message.Message) -> dns.message.Message | None:
        name, kind = _question(query)
        how = self._scripts.get(name, "")
        answer = dns.message.make_response(query, recursion_available=self.recursive)
        if how == "hang":
            return None
        if self.code_for_edns and query.edns >= 0:
            answer.use_edns(False)
            answer.set_rcode(dns.rcode.from_text(self.code_for_edns))
            return answer
        if how in {"lame", "empty"}:
            return answer
        if how == "strange":
            answer.question[0].name = dns.name.from_text("strange.test")
        if referral := self._referral_for(name):
            answer.authority.append(referral)
            return answer
        if not self.recursive:
            answer.flags |= dns.flags.AA
        if how.isupper():
            answer.set_rcode(dns.rcode.from_text(how))
            answer.answer.extend(found for found in self._found(name, kind) if found.rdtype == dns.rdatatype.CNAME)
            return answer
        answer.set_rcode(dns.rcode.NOERROR if name in self._records else dns.rcode.NXDOMAIN)
        answer.answer.extend(self._found(name, kind))
        if not answer.answer:
            answer.authority.append(_start_of_authority(name))
        return answer

    def _referral_for(self, name: str) -> dns.rrset.RRset | None:
        for zone, servers in self._referrals.items():
            if not zone or name == zone or name.endswith(f".{zone}"):
                return dns.rrset.from_text_list(f"{zone}.", 60, "IN", "NS", servers)
        return None

    def _redirected_above(self, name: str) -> dns.rrset.RRset | None:
        """Return the DNAME that stands above the name (RFC 6672)."""
        for owner, of_name in self._records.items():
            if "DNAME" in of_name and name.endswith(f".{owner}"):
                return dns.rrset.from_text_list(f"{owner}.", 60, "IN", "DNAME", of_name["DNAME"])
        return None

    def _found(self, name: str, kind: str, aliases: int = ALIASES_FOLLOWED) -> list[dns.rrset.RRset]:
        """Return the records of `name`; an alias is answered together with what it points at."""
        of_name = self._records.get(name, {})
        if above := self._redirected_above(name):
            return [above]
        if kind in of_name:
            return [dns.rrset.from_text_list(f"{name}.", 60, "IN", kind, of_name[kind])]
        if "CNAME" not in of_name or not aliases:
            return []
        target = _plain(of_name["CNAME"][0])
        alias = dns.rrset.from_text_list(f"{name}.", 60, "IN", "CNAME", of_name["CNAME"])
        return [alias, *self._found(target, kind, aliases - 1)]


def _start_of_authority(name: str) -> dns.rrset.RRset:
    """Return the SOA that proves that there is nothing (RFC 2308 2), of the zone of the last two labels."""
    zone = ".".join(name.split(".")[-2:])
    return dns.rrset.from_text(f"{zone}.", 60, "IN", "SOA", f"ns1.{zone}. hostmaster.{zone}. 1 3600 600 86400 60")


def _bound(host: str, port: int) -> tuple[socket.socket, socket.socket]:
    """Return a TCP and a UDP socket on one port; a free one where `port` is 0."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    while True:
        tcp, udp = socket.socket(family, socket.SOCK_STREAM), socket.socket(family, socket.SOCK_DGRAM)
        try:
            tcp.bind((host, port))
            udp.bind((host, tcp.getsockname()[1]))
        except OSError:
            tcp.close()
            udp.close()
            if port:
                raise
            continue
        tcp.listen()
        return tcp, udp


def _fit(answer: dns.message.Message, query: dns.message.Message) -> bytes:
    """Return the answer as UDP carries it: cut short where it is longer than the other side takes (RFC 6891)."""
    room = max(query.payload if query.edns >= 0 else 0, SMALLEST_PAYLOAD_BYTES)
    try:
        return answer.to_wire(max_size=room)
    except dns.exception.TooBig:
        answer.answer.clear()
        answer.flags |= dns.flags.TC
        return answer.to_wire(max_size=room)


def _question(query: dns.message.Message) -> tuple[str, str]:
    question = query.question[0]
    return _plain(question.name.to_text()), dns.rdatatype.to_text(question.rdtype)


def _plain(name: str) -> str:
    return name.rstrip(".").lower()
