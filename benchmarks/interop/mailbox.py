"""The receiver behind every server: takes what is relayed and keeps it, byte by byte, as a mailbox would."""

import json
import re
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from benchmarks.chaos.smtp_server import MESSAGE_ID, Mail
from benchmarks.interop.workspace import FULL_MAILBOX, free_port

FOLDED = re.compile(rb"\r\n(?=[ \t])")
LIMIT_BYTES = 30_000_000


@dataclass(frozen=True)
class Received:
    """A message as it came, for one of its envelope recipients."""

    sender: str
    recipient: str
    content: bytes

    @property
    def message_id(self) -> str:
        head = FOLDED.sub(b"", self.content.partition(b"\r\n\r\n")[0])
        found = MESSAGE_ID.search(head)
        return found[1].decode() if found else "none"

    @property
    def mail(self) -> Mail:
        return self.message_id, self.recipient


class Mailbox:
    """An aiosmtpd handler; one of the mailboxes is full (RFC 3463: 4.2.2).

    A server that relays nothing puts files into `folder`: the envelope as JSON in the first line, then the message.
    """

    port: int

    def __init__(self) -> None:
        self.folder: Path | None = None
        self._received: list[Received] = []
        self._lock = threading.Lock()

    @property
    def received(self) -> list[Received]:
        with self._lock:
            self._collect()
            return list(self._received)

    @property
    def copies(self) -> Counter[Mail]:
        return Counter(received.mail for received in self.received)

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.lower() == FULL_MAILBOX:
            return "452 4.2.2 The mailbox is full"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content
        assert isinstance(content, bytes)
        with self._lock:
            self._received += [Received(str(envelope.mail_from), address, content) for address in envelope.rcpt_tos]
        return "250 2.0.0 taken"

    def _collect(self) -> None:
        for path in sorted(self.folder.glob("*.eml")) if self.folder else []:
            line, _, content = path.read_bytes().partition(b"\n")
            envelope = json.loads(line)
            self._received += [Received(envelope["sender"], address, content) for address in envelope["recipients"]]
            path.unlink()


@contextmanager
def open_mailbox() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    mailbox.port = free_port()
    options: dict[str, Any] = {"enable_SMTPUTF8": True, "data_size_limit": LIMIT_BYTES, "decode_data": False}
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port, **options)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()
