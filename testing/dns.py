"""A real DNS server (RFC 1035) on a loopback UDP port, with the records that a test gives it.

    dns_server.add("mail._domainkey.acme.test", "TXT", '"v=DKIM1; p=abc"')
    dns_server.answer("slow.test", "hang")         # also "SERVFAIL", "REFUSED", "NXDOMAIN"

A name that nobody added does not exist (NXDOMAIN); another type of a known name is an empty answer.
"""

import socket
import threading

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset

LARGEST_QUERY_BYTES = 4096
LARGEST_ANSWER_BYTES = 65_535
STOP_SECONDS = 10


class LoopbackDnsServer:
    """`queries` lists every question as (name, type), names in lower case without the final dot."""

    host = "127.0.0.1"

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((self.host, 0))
        self.port: int = self._socket.getsockname()[1]
        self.queries: list[tuple[str, str]] = []
        self._records: dict[str, dict[str, list[str]]] = {}
        self._scripts: dict[str, str] = {}
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, name=f"dns:{self.port}", daemon=True)
        self._thread.start()

    @property
    def address(self) -> str:
        return f"{self.host}:{self.port}"

    def add(self, name: str, kind: str, *values: str) -> None:
        """Add records in zone file form: TXT in quotes, names of MX and CNAME with their final dot."""
        self._records.setdefault(_plain(name), {}).setdefault(kind, []).extend(values)

    def remove(self, name: str) -> None:
        self._records.pop(_plain(name), None)
        self._scripts.pop(_plain(name), None)

    def answer(self, name: str, how: str) -> None:
        """Answer every question for `name` with this response code, or not at all ("hang")."""
        self._scripts[_plain(name)] = how

    def stop(self) -> None:
        self._stopping.set()
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as waker:
            waker.sendto(b"", (self.host, self.port))
        self._thread.join(STOP_SECONDS)
        self._socket.close()

    def _serve(self) -> None:
        while True:
            wire, client = self._socket.recvfrom(LARGEST_QUERY_BYTES)
            if self._stopping.is_set():
                return
            if answer := self._answer_to(dns.message.from_wire(wire)):
                self._socket.sendto(answer.to_wire(max_size=LARGEST_ANSWER_BYTES), client)

    def _answer_to(self, query: dns.message.Message) -> dns.message.Message | None:
        question = query.question[0]
        name, kind = _plain(question.name.to_text()), dns.rdatatype.to_text(question.rdtype)
        self.queries.append((name, kind))
        answer = dns.message.make_response(query, recursion_available=True)
        answer.flags |= dns.flags.AA
        how = self._scripts.get(name, "NOERROR" if name in self._records else "NXDOMAIN")
        if how == "hang":
            return None
        answer.set_rcode(dns.rcode.from_text(how))
        if how == "NOERROR":
            answer.answer.extend(self._found(name, kind))
        return answer

    def _found(self, name: str, kind: str) -> list[dns.rrset.RRset]:
        """Return the records of `name`; an alias is answered together with what it points at."""
        of_name = self._records.get(name, {})
        if kind in of_name:
            return [dns.rrset.from_text_list(f"{name}.", 60, "IN", kind, of_name[kind])]
        if "CNAME" not in of_name:
            return []
        target = _plain(of_name["CNAME"][0])
        alias = dns.rrset.from_text_list(f"{name}.", 60, "IN", "CNAME", of_name["CNAME"])
        return [alias, *self._found(target, kind)]


def _plain(name: str) -> str:
    return name.rstrip(".").lower()
