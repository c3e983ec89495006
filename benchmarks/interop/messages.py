"""The 26 kinds of messages that go through every server: what an application asks for, and a receiver must see."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

LOOK_ALIKE = "=?utf-8?q?a=0D=0ABcc:_x?="
INJECTION = "=?utf-8?q?a=0D=0ABcc:_x@users.test?="
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360000002000001"
    "e221bc330000000049454e44ae426082"
)
INVITATION = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//Boutique//Lab//EN
METHOD:REQUEST
BEGIN:VEVENT
UID:1@boutique.test
DTSTAMP:20261129T100000Z
DTSTART:20261201T100000Z
SUMMARY:Käse und Wein
END:VEVENT
END:VCALENDAR
"""
ENCLOSED = """From: Anna <anna@users.test>
To: bob@users.test
Subject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=
Message-ID: <enclosed@users.test>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8
Content-Transfer-Encoding: 8bit

.The message inside: Grüße
"""
UNSUBSCRIBE = f"<https://boutique.test/unsubscribe/{'0123456789' * 12}>, <mailto:unsubscribe@boutique.test?subject=x>"
EARLIER = tuple(f"<{number:032d}@boutique.test>" for number in range(12))
SPECIALS = re.compile(r'[()<>@,:;.\\"\[\]]')


@dataclass(frozen=True)
class Person:
    """`name` may be ""."""

    name: str
    address: str

    def __str__(self) -> str:
        """Write it as an application would."""
        if not self.name:
            return self.address
        escaped = self.name.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{escaped}" <{self.address}>' if SPECIALS.search(self.name) else f"{self.name} <{self.address}>"


ANNA = Person("", "anna@users.test")
CROWD = tuple(Person(f"Gästin Nummer {number} Müller", f"guest{number}@users.test") for number in range(50))


@dataclass(frozen=True)
class File:
    name: str
    content: bytes
    mimetype: str
    content_id: str = ""


@dataclass(frozen=True)
class Kind:
    """`by_django` goes through Django's `EmailMultiAlternatives`, the rest through `delivery.api`.

    `needs_utf8`: an address is not ASCII, which only a server with SMTPUTF8 can take (RFC 6531).
    """

    name: str
    subject: str = "A message"
    to: tuple[Person, ...] = (ANNA,)
    cc: tuple[Person, ...] = ()
    bcc: tuple[Person, ...] = ()
    sender_name: str = "Boutique"
    reply_to: tuple[Person, ...] = ()
    text: str = "Good morning.\n"
    html: str = ""
    headers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    files: tuple[File, ...] = ()
    alternatives: tuple[tuple[str, str], ...] = ()
    enclosed: str = ""
    by_django: bool = False
    needs_utf8: bool = False

    @property
    def people(self) -> list[str]:
        """Return the envelope recipients."""
        return [person.address for person in (*self.to, *self.cc, *self.bcc)]


def everything() -> bytes:
    return bytes(range(256)) * 400


KINDS: tuple[Kind, ...] = (
    Kind("plain"),
    Kind("text and HTML", html="<p>Good morning.</p>\n"),
    Kind("umlauts in subject and text", subject="Grüße aus Łódź", text="Schöne Grüße aus Łódź, ß und €.\n"),
    Kind("emoji", subject="🎉 Done 👩‍👩‍👧", text="🎉\n", html="<p>🎉</p>\n"),
    Kind("umlauts in names", to=(Person("Zoë Müller", "zoe@users.test"),), sender_name="Käse, Wein & Söhne"),
    Kind("subject like an encoded word", subject="=?utf-8?q?caf=C3=A9?="),
    Kind("subject that would inject a field", subject=INJECTION),
    Kind("names like encoded words", to=(Person(LOOK_ALIKE, "anna@users.test"),), sender_name=LOOK_ALIKE),
    Kind("long subject with umlauts", subject=" ".join(["Nord Müller  Söhne Łódź Łódź"] * 12)),
    Kind("long subject without blanks", subject="0123456789" * 60),
    Kind(
        "long name with a comma",
        sender_name=f"Müller, Söhne {'and Partners ' * 8}Ltd.",
        to=(Person("A, B; " * 18 + "C", "a@users.test"),),
    ),
    Kind(
        "two named copies",
        cc=(Person("Zoë Müller", "a.very.long.name.of.zoe.muller@users.test"), Person("", "b@users.test")),
    ),
    Kind("own field, long and with umlauts", headers={"X-Order": "Größe 42, " * 40 + "last"}),
    Kind(
        "unsubscribe", headers={"List-Unsubscribe": UNSUBSCRIBE, "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    ),
    Kind("references", headers={"References": " ".join(EARLIER), "In-Reply-To": EARLIER[-1]}),
    Kind(
        "answers go elsewhere",
        reply_to=(Person("Käthe, Büro", "kaethe@boutique.test"), Person("", "office@boutique.test")),
    ),
    Kind("attachment of every octet", files=(File("Angebot für Łódź.pdf", everything(), "application/pdf"),)),
    Kind("text attachment", files=(File("grüße.txt", "Größe\r\n.\r\nFrom here\r\n".encode(), "text/plain"),)),
    Kind(
        "inline image",
        html='<img src="cid:pixel@lab">\n',
        files=(File("pixel.png", PIXEL, "image/png", "pixel@lab"),),
        by_django=True,
    ),
    Kind("invitation", alternatives=((INVITATION, "text/calendar; method=REQUEST"),), by_django=True),
    Kind("message inside", enclosed=ENCLOSED, by_django=True),
    Kind("lines that begin with dots", text=".\n..\n.end\n\nFrom here\n.\n\nlast\n", html="<p>\n.\n..\n</p>\n"),
    Kind("long lines and every line end", text=f"{'x' * 3000}\r\none\rtwo\n\nthree  \nlast {'ü' * 900}\n"),
    Kind("no text at all", text="", files=(File("a.bin", b"\x00\xff", "application/octet-stream"),), by_django=True),
    Kind("fifty recipients", to=CROWD[:20], cc=CROWD[20:40], bcc=CROWD[40:]),
    Kind("address with umlauts", to=(Person("Jörg", "jörg@bücher.test"),), needs_utf8=True),
)
