"""Write some hundreds of header fields and messages, and print a digest of each: the same from every Python.

Needs nothing but Python and the folders of its path: `python digests.py`, with the project and its packages on it.
"""

import random
import uuid
from collections.abc import Iterator
from email.header import Header
from email.message import EmailMessage, Message, MIMEPart
from email.mime.application import MIMEApplication
from email.mime.message import MIMEMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from hashlib import sha256
from unittest import mock

from delivery.message import mime, part_objects
from delivery.message.media_type import MediaType
from smtp_settings.header_fields import address_field, attachment_field, field, text_field

SAMPLES = 400
WORDS = [
    *"Nord Müller Söhne Łódź and & Co. a,b (c) x@y 日本語 😀 =?utf-8?q?caf=C3=A9?= é 's \\ ; : <x> a.b".split(),
    *('"q"', "", "ü" * 60, "x" * 90, "y" * 200, "\u00a0", "=", "?=", "İ\u200f", "«ß»"),
]
TYPES = [
    "text/plain",
    "text/calendar; method=REQUEST",
    "application/x-a_b",
    'image/svg+xml; name="ü a.svg"',
    "TEXT/HTML",
]


def fields(dice: random.Random) -> Iterator[str]:
    text = phrase(dice)
    yield text_field("Subject", text, utf8=dice.random() < 0.3)
    yield field(dice.choice(["X-Campaign", "References"]), text if text.isascii() else ascii(text))
    yield address_field("To", [(phrase(dice), f"eve{number}@bücher.test") for number in range(dice.randrange(1, 4))])
    yield attachment_field(phrase(dice))


def messages(dice: random.Random) -> Iterator[bytes]:
    text, octets = "\n".join(phrase(dice) for _ in range(dice.randrange(9))), dice.randbytes(dice.randrange(200))
    media_type = MediaType.of(dice.choice(TYPES))
    yield mime.simple_content(text, phrase(dice))
    parts = [mime.alternative(media_type, text), mime.attached(media_type, phrase(dice), octets)]
    parts += [part_objects.part(item) for item in objects(dice, text, octets)]
    yield mime.multipart(MediaType.of("multipart/related"), parts)


def objects(dice: random.Random, text: str, octets: bytes) -> Iterator[Message]:
    """The newer and the older API, a message within a message, and headers of every kind."""
    newer, older, name = EmailMessage(), MIMEMultipart("mixed"), phrase(dice)
    newer["Subject"], newer["To"] = name, "Zoë <zoe@users.test>"
    newer.set_content(text or "x")
    newer.add_attachment(octets, maintype="application", subtype="pdf", filename=name)
    older["Subject"] = Header(name, "utf-8")  # type: ignore[assignment]
    older.attach(MIMEText(text, "plain", "utf-8"))
    older.attach(MIMEApplication(octets))
    loose = MIMEPart()
    loose["Content-Type"], loose["Content-Description"] = "text/x-loose", name
    loose.set_payload(text)
    yield from (newer, older, MIMEMessage(newer), loose)


def phrase(dice: random.Random) -> str:
    return " ".join(dice.choice(WORDS) for _ in range(dice.randrange(1, 9)))


def digests() -> Iterator[str]:
    dice = random.Random(20260229)
    with mock.patch.object(uuid, "uuid4", side_effect=lambda: uuid.UUID(int=dice.getrandbits(128))):
        for _ in range(SAMPLES):
            written = ["".join(fields(dice)).encode(), *messages(dice)]
            yield " ".join(sha256(octets).hexdigest()[:16] for octets in written)


if __name__ == "__main__":
    print("\n".join(digests()))
