"""Who sends to whom, and the commands that say so to a server (RFC 5321 3.3)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

SIZE = re.compile("[0-9]{1,20}")  # RFC 1870 4
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")


@dataclass(frozen=True, slots=True)
class Envelope:
    """`size` is that of the message in bytes, before dots are stuffed; `smtputf8` is what its header or addresses need,
    `eight_bit` says that its content has octets beyond ASCII.

    Raises `ValueError` for an address with control characters, which would end its command and begin another one.
    `features` are what the server offers by EHLO: names in lower case, each with its parameters.
    """

    sender: str
    recipient: str
    size: int
    smtputf8: bool = False
    eight_bit: bool = False

    def __post_init__(self) -> None:
        if CONTROL.search(self.sender + self.recipient):
            raise ValueError("An address of the envelope has control characters.")

    @property
    def needs_smtputf8(self) -> bool:
        return self.smtputf8 or not (self.sender + self.recipient).isascii()

    def wants_ascii(self, features: Mapping[str, str]) -> bool:
        """Return whether this server could take the message if it were written in ASCII: nothing else is in the way."""
        if not (self.sender + self.recipient).isascii():
            return False
        missing = "smtputf8" if self.smtputf8 else "8bitmime" if self.eight_bit else ""
        return bool(missing) and missing not in features

    def refusal(self, features: Mapping[str, str]) -> str:
        """Return why this server cannot take the message, "" where it can (RFC 1870 6, RFC 6152 3, RFC 6531 3.2)."""
        limit = size_limit(features)
        if 0 < limit < self.size:
            return f"The message has {self.size:,} bytes; this server takes at most {limit:,}."
        if self.needs_smtputf8 and "smtputf8" not in features:
            return "This server does not take addresses with characters beyond ASCII (SMTPUTF8)."
        if self.eight_bit and not self.needs_smtputf8 and "8bitmime" not in features:
            return "This server does not take messages with 8-bit content (8BITMIME)."
        return ""

    def commands(self, features: Mapping[str, str]) -> tuple[bytes, bytes, bytes]:
        """Return MAIL, RCPT and DATA as lines; SMTPUTF8 includes 8BITMIME (RFC 6531 3.1)."""
        size = f" SIZE={self.size}" if "size" in features else ""
        extended = " BODY=8BITMIME" if self.eight_bit or self.needs_smtputf8 else ""
        extended += " SMTPUTF8" if self.needs_smtputf8 else ""
        mail = f"MAIL FROM:<{self.sender}>{size}{extended}\r\n"
        return mail.encode(), f"RCPT TO:<{self.recipient}>\r\n".encode(), b"DATA\r\n"


def size_limit(features: Mapping[str, str]) -> int:
    """Return how many bytes a message for this server may have, 0 where it names no number that could be one."""
    limit = features.get("size", "").strip()
    return int(limit) if SIZE.fullmatch(limit) else 0
