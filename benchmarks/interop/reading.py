"""Read a message as its receiver does, with Python's parsers, and name what differs from what was asked for.

The body is read with the modern policy, the head with the old one: the modern one adds blanks between encoded words of
a name, and takes letters as they are (RFC 6532) for octets of an unknown charset.
"""

import re
from collections.abc import Iterator, Sequence
from email import message_from_bytes, message_from_string, policy
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.utils import getaddresses
from typing import Any

from benchmarks.interop.mailbox import Received
from benchmarks.interop.messages import File, Kind, Person

MAX_LINE_OCTETS = 998
BARE = re.compile(rb"\r(?!\n)|(?<!\r)\n")
WRITTEN_BY_US = re.compile(
    r"(from|to|cc|reply-to|subject|date|message-id|mime-version|content-(type|transfer-encoding|language))\Z"
)
WRITTEN_ON_THE_WAY = re.compile(
    r"(received|return-path|delivered-to|x-original-to|dkim-signature|authentication-results|x-haraka-.*"
    r"|x-peer|x-mailfrom|x-rcptto)\Z"
)


def faults(kind: Kind, received: Sequence[Received], sender: Person) -> list[str]:
    """Return what is not as it should be, in a few words each."""
    return list(_faults(kind, received, sender))


def _faults(kind: Kind, received: Sequence[Received], sender: Person) -> Iterator[str]:
    if sorted(_domain_in_ascii(one.recipient) for one in received) != sorted(map(_domain_in_ascii, kind.people)):
        yield f"came to {len(received)} of {len(kind.people)} recipients" if received else "did not arrive"
    for content in {one.content for one in received}:
        yield from _of_wire(content)
        message = message_from_bytes(content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        yield from _of_head(kind, message_from_string(content.partition(b"\r\n\r\n")[0].decode()), sender)
        yield from _of_body(kind, message)


def _of_wire(content: bytes) -> Iterator[str]:
    if BARE.search(content):
        yield "bare CR or LF"
    longest = max(map(len, content.split(b"\r\n")))
    if longest > MAX_LINE_OCTETS:
        yield f"a line of {longest:,} octets"


def _of_head(kind: Kind, head: Message, sender: Person) -> Iterator[str]:
    if _decoded(head["Subject"]) != kind.subject:
        yield f"subject {_decoded(head['Subject'])!r}"
    for name, expected in {"From": (sender,), "To": kind.to, "Cc": kind.cc, "Reply-To": kind.reply_to}.items():
        shown = _people(head, name)
        if shown != [Person(person.name, _domain_in_ascii(person.address)) for person in expected]:
            yield f"{name}: {'; '.join(map(str, shown)) or 'nobody'}"
    for name, value in kind.headers.items():
        if (shown_value := _decoded(head[name]) if name.startswith("X-") else _unfolded(head[name])) != value:
            yield f"{name}: {shown_value!r}"
    asked = _lowered(kind.headers)
    for name in _lowered(head.keys()):
        if not (WRITTEN_BY_US.match(name) or WRITTEN_ON_THE_WAY.match(name) or name in asked):
            yield f"a field {name} that nobody asked for"
    for name in ("Date", "Message-ID", "From", "Subject", "MIME-Version"):
        if len(head.get_all(name, [])) != 1:
            yield f"{len(head.get_all(name, []))} fields {name}"


def _people(head: Message, name: str) -> list[Person]:
    found = getaddresses([_unfolded(value) for value in head.get_all(name, [])])
    return [Person(_decoded(shown), address) for shown, address in found]


def _decoded(value: str | None) -> str:
    return str(make_header(decode_header(_unfolded(value))))


def _unfolded(value: str | None) -> str:
    return (value or "").replace("\r", "").replace("\n", "")


def _domain_in_ascii(address: str) -> str:
    """Return the address as it travels; what is before the @ stays as it is."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.encode('idna').decode()}"


def _of_body(kind: Kind, message: EmailMessage) -> Iterator[str]:
    parts = [part for part in _leaves(message) if isinstance(part, EmailMessage)]
    texts = [part for part in parts if not part.get_filename() and part.get_content_maintype() == "text"]
    wanted: list[tuple[str, str]] = [("text/plain", kind.text)] if kind.text or not kind.html else []
    wanted += [("text/html", kind.html)] if kind.html else []
    wanted += [(mimetype.partition(";")[0], content) for content, mimetype in kind.alternatives]
    shown = [(part.get_content_type(), _lines(part.get_content())) for part in texts]
    if [pair for pair in shown if pair[1]] != [(name, _lines(text)) for name, text in wanted if text]:
        yield "text " + "; ".join(f"{name} {text[:40]!r}" for name, text in shown)
    files = [_file(part) for part in parts if part.get_filename() and part.get_content_type() != "message/rfc822"]
    if files != [_as_text(file) for file in kind.files]:
        yield "files " + ", ".join(f"{file.name} ({file.mimetype}, {len(file.content)} octets)" for file in files)
    yield from _of_enclosed(kind, parts)
    yield from _of_parameters(kind, parts)


def _of_enclosed(kind: Kind, parts: Sequence[EmailMessage]) -> Iterator[str]:
    enclosed = [part for part in parts if part.get_content_type() == "message/rfc822"]
    if len(enclosed) != bool(kind.enclosed):
        yield f"{len(enclosed)} messages inside"
    for part in enclosed:
        inner, asked = part.get_content(), message_from_bytes(kind.enclosed.encode(), policy=policy.default)
        assert isinstance(inner, EmailMessage)
        assert isinstance(asked, EmailMessage)
        if inner["Subject"] != asked["Subject"] or _lines(inner.get_content()) != _lines(asked.get_content()):
            yield f"the message inside: {inner['Subject']!r}, {inner.as_bytes()[-60:]!r}"


def _of_parameters(kind: Kind, parts: Sequence[EmailMessage]) -> Iterator[str]:
    """Return what is missing of "method=REQUEST", without which an invitation is a file."""
    for _, mimetype in kind.alternatives:
        name, _, value = mimetype.partition(";")[2].strip().partition("=")
        if name and not any(part.get_param(name) == value for part in parts):
            yield f"no {name}={value}"


def _leaves(message: Any) -> Iterator[Any]:
    """Return the parts that hold no others; what is inside an enclosed message stays there."""
    if message.get_content_maintype() == "multipart":
        for part in message.iter_parts():
            yield from _leaves(part)
    else:
        yield message


def _file(part: EmailMessage) -> File:
    content_id = str(part["Content-ID"] or "").strip("<>")
    name, raw = str(part.get_filename()), part.get_payload(decode=True)
    assert isinstance(raw, bytes)
    return _as_text(File(name, raw, part.get_content_type(), content_id))


def _as_text(file: File) -> File:
    """The line ends of a text are those of whoever reads it (RFC 2046 4.1.1)."""
    content = _lines(file.content.decode()).encode() if file.mimetype.startswith("text/") else file.content
    return File(file.name, content, file.mimetype, file.content_id)


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").rstrip("\n")


def _lowered(names: Any) -> list[str]:
    return [name.lower() for name in names]
