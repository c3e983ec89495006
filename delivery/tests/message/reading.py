"""A message as two parsers read it that share no code: Python's, and fast-mail-parser (the Rust crate mailparse)."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.utils import getaddresses

from fast_mail_parser import PyMimePart, parse_email, parse_email_tree

from delivery.message.rendering import reply_to, sender_lines
from delivery.models import Email
from delivery.outbox.route_cache import cached_route


def on_the_wire(email: Email) -> bytes:
    """Return the message as a server gets it, whose lines are lawful (RFC 5322 2.1.1)."""
    route = cached_route(email)
    octets = sender_lines(route.sender, reply_to(email, route), smtputf8=email.smtputf8) + bytes(email.content or b"")
    assert b"\r" not in octets.replace(b"\r\n", b"")
    assert b"\n" not in octets.replace(b"\r\n", b"")
    assert max(map(len, octets.split(b"\r\n"))) <= 998
    return octets


def parsed(octets: bytes) -> EmailMessage:
    message = message_from_bytes(octets, policy=policy.default)
    assert isinstance(message, EmailMessage)
    return message


def field_names(octets: bytes) -> list[str]:
    """Return the names of the header fields, as the wire has them."""
    lines = octets.partition(b"\r\n\r\n")[0].split(b"\r\n")
    return sorted(line.partition(b":")[0].decode() for line in lines if not line.startswith(b" "))


def mailboxes(octets: bytes, field: str) -> list[tuple[str, str]]:
    """Return names and addresses of a field, of which both parsers say the same.

    Of Python's it is the older one: the newer loses or doubles blanks in names (until 3.13.2).
    """
    value = (message_from_bytes(octets)[field] or "").replace("\r\n", "")
    people = [(str(make_header(decode_header(name))), address) for name, address in getaddresses([value])]
    mail = parse_email(octets)
    others = {"To": mail.to, "Cc": mail.cc, "Reply-To": mail.reply_to, "From": [mail.from_] if mail.from_ else []}[
        field
    ]
    assert [(one.display_name or "", one.address) for one in others] == people
    return people


def subject(octets: bytes) -> str:
    """Return the subject, of which both parsers say the same."""
    text = parse_email(octets).subject
    assert str(parsed(octets)["Subject"]) == text
    return text


@dataclass(frozen=True)
class Leaf:
    """A part that holds no others; the lines of a text, whatever ends them."""

    media_type: str
    filename: str
    content: bytes


def leaves(octets: bytes) -> list[Leaf]:
    """Return the parts that hold no others, of which both parsers say the same; messages in it are gone into."""
    read = list(_leaves(parse_email_tree(octets)))
    assert list(_leaves_of_python(parsed(octets))) == read
    return read


def _leaves(part: PyMimePart) -> Iterator[Leaf]:
    for child in part.children:
        yield from _leaves(child)
    if not part.children:
        yield Leaf(part.content_type, part.filename, lines(part.content_type, part.content or b""))


def _leaves_of_python(message: Message) -> Iterator[Leaf]:
    for part in message.walk():
        kind = part.get_content_type()
        if not part.is_multipart():
            content = part.get_payload(decode=True)
            assert isinstance(content, bytes)
            yield Leaf(kind, part.get_filename() or "", lines(kind, content))


def lines(media_type: str, content: bytes) -> bytes:
    if not media_type.startswith("text/"):
        return content
    return re.sub(rb"\r\n?", b"\n", content).removesuffix(b"\n")
