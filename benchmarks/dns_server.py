"""A resolver and two name servers for any number of domains, which all publish what a provider asks for.

    python -m benchmarks.dns_server COUNT_FILE [--delay-ms N]

Prints its port, which is the same at the three addresses. COUNT_FILE holds two numbers of eight bytes: the questions
that were asked, and how many of them were unanswered at once at most. `--delay-ms` holds each answer back, as a network
of that round trip would.
"""

import argparse
import asyncio
import mmap
import struct
from base64 import b64encode
from pathlib import Path
from typing import Any, cast

import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

RESOLVER, NAME_SERVERS = "127.0.0.1", ("127.0.0.2", "127.0.0.3")
NUMBERS = struct.Struct("QQ")
KEPT_SECONDS = 300
PROOF, KEYS, RETURN_PATH = "_backoffice-challenge", ("s1._domainkey", "s2._domainkey"), "em"
SPF = "v=spf1 include:spf.provider.example ~all"
PUBLISHED = "v=spf1 include:spf.office.example include:spf.provider.example -all"


def public_key() -> str:
    """Return p= of a key of 1,024 bits, which fits into one string of a TXT record."""
    key = rsa.generate_private_key(65537, 1024).public_key()
    return b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


ELSEWHERE = {
    ("spf.provider.example", "TXT"): ['"v=spf1 ip4:192.0.2.0/24 ~all"'],
    ("spf.office.example", "TXT"): ['"v=spf1 ip4:198.51.100.0/24 -all"'],
    **{(f"{label}.provider.example", "TXT"): [f'"v=DKIM1; p=" "{public_key()}"'] for label in KEYS},
    **{(f"ns{number}.host.example", "A"): [address] for number, address in enumerate(NAME_SERVERS, start=1)},
}


def proof_of(domain: str) -> str:
    return f"proof-of-{domain}"


def alias_of(label: str) -> str:
    return f"{label}.provider.example"


def records_of(name: str, kind: str) -> list[str]:
    """Return what is published under a name; a domain is the last two labels."""
    if (name, kind) in ELSEWHERE:
        return ELSEWHERE[name, kind]
    *labels, second, top = f".{name}".split(".")
    label, domain = ".".join(labels).lstrip("."), f"{second}.{top}"
    found: dict[tuple[str, str], list[str]] = {
        ("", "NS"): ["ns1.host.example.", "ns2.host.example."],
        ("", "MX"): ["10 mx1.office.example.", "20 mx2.office.example."],
        ("", "TXT"): [f'"{PUBLISHED}"', '"office-verification=1"'],
        ("_dmarc", "TXT"): ['"v=DMARC1; p=quarantine"'],
        (PROOF, "TXT"): [f'"{proof_of(domain)}"'],
        **{(alias, "CNAME"): [f"{alias_of(alias)}."] for alias in (*KEYS, RETURN_PATH)},
    }
    return found.get((label, kind), [])


def answer_of(name: str, kind: str) -> tuple[str, list[str]]:
    """Return the type and the values of the answer: an alias is the answer to every question."""
    found = records_of(name, kind)
    return (kind, found) if found else ("CNAME", records_of(name, "CNAME"))


class Counts:
    """Numbers in a file that another process may read at any time."""

    def __init__(self, path: Path) -> None:
        path.write_bytes(NUMBERS.pack(0, 0))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), NUMBERS.size)
        self._asked = self._under_way = self._most = 0

    def asked(self) -> None:
        self._asked += 1
        self._under_way += 1
        self._most = max(self._most, self._under_way)
        NUMBERS.pack_into(self._memory, 0, self._asked, self._most)

    def answered(self) -> None:
        self._under_way -= 1


class Server(asyncio.DatagramProtocol):
    def __init__(self, counts: Counts, delay_seconds: float, *, recursive: bool) -> None:
        self.counts, self.delay_seconds = counts, delay_seconds
        self.flag = dns.flags.RA if recursive else dns.flags.AA
        self._transport: asyncio.DatagramTransport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.DatagramTransport, transport)

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        self.counts.asked()
        asyncio.get_running_loop().call_later(self.delay_seconds, self._answer, data, addr)

    def _answer(self, data: bytes, addr: tuple[str | Any, int]) -> None:
        assert self._transport is not None
        self.counts.answered()
        self._transport.sendto(answer_to(data, self.flag), addr)


def answer_to(wire: bytes, flag: dns.flags.Flag) -> bytes:
    query = dns.message.from_wire(wire)
    question = query.question[0]
    name, kind = question.name.to_text().rstrip(".").lower(), dns.rdatatype.to_text(question.rdtype)
    answer = dns.message.make_response(query)
    answer.flags |= flag
    answered, found = answer_of(name, kind)
    if found:
        answer.answer.append(dns.rrset.from_text_list(question.name, KEPT_SECONDS, "IN", answered, found))
    return answer.to_wire()


async def serve(count_file: Path, delay_seconds: float) -> None:
    counts, loop, port = Counts(count_file), asyncio.get_running_loop(), 0
    for address in (RESOLVER, *NAME_SERVERS):
        recursive = address == RESOLVER
        transport, _ = await loop.create_datagram_endpoint(
            lambda recursive=recursive: Server(counts, delay_seconds, recursive=recursive),  # type: ignore[misc]
            local_addr=(address, port),
        )
        port = transport.get_extra_info("sockname")[1]
    print(port, flush=True)
    await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("count_file", type=Path)
    parser.add_argument("--delay-ms", type=float, default=0)
    given = parser.parse_args()
    asyncio.run(serve(given.count_file, given.delay_ms / 1000))


if __name__ == "__main__":
    main()
