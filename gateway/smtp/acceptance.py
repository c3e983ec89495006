"""What the door asks the database, each in a thread: who signs in, whether a key still works, and taking a message."""

import logging
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.utils import format_datetime
from typing import TypeVar

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, InterfaceError, close_old_connections
from django.utils import timezone

from delivery.api import prepare_written
from gateway.acceptance import KeyStopped, accept
from gateway.choices import Fault
from gateway.models import Key
from gateway.smtp import replies, written

logger = logging.getLogger(__name__)

IDLE_SECONDS = 5.0  # a connection to the database that was not used for so long is looked at first
HEADER_ROOM_OCTETS = 8192  # for what is added to a message here
AWAY = (DatabaseError, InterfaceError)
Answer = TypeVar("Answer")

_thread = threading.local()


@dataclass(frozen=True)
class Submitted:
    """A message as it came: `data` is what stood between DATA and the final dot, dots still doubled.

    `client` is what it called itself, `address` where it is.
    """

    data: bytes
    recipients: Sequence[str]
    null_reverse_path: bool
    smtputf8: bool
    client: str
    address: str


def with_database(work: Callable[[], Answer]) -> Answer:
    """Do `work` with a connection of this thread; one that broke, or was idle for long, is made anew."""
    now = time.monotonic()
    if now - getattr(_thread, "used_at", 0.0) > IDLE_SECONDS:
        close_old_connections()
    _thread.used_at = now
    try:
        return work()
    except AWAY:
        _thread.used_at = 0.0
        raise


def most_octets() -> int:
    """Return how large a message may be as it comes, which is what SIZE says (RFC 1870)."""
    return settings.MAX_MESSAGE_BYTES * 3 // 2 - HEADER_ROOM_OCTETS


def note_scope(key: Key, address: str) -> None:
    Key.note_refusal(key.prefix, Fault.SCOPE, address)


def note_stopped(key: Key, address: str) -> None:
    """Note for the page of a key why it stopped in the midst of a session."""
    if key.fault:
        Key.note_refusal(key.prefix, key.fault, address)


def take(key: Key, submitted: Submitted) -> str:
    """Take a message into the outbox; return the reply, which is positive only once it is stored for good."""
    data = submitted.data.replace(b"\r\n.", b"\r\n")[2:]  # RFC 5321 4.5.2; a line end was put in front
    if not data:
        return replies.EMPTY
    if written.has_bare_line_end(data):
        return replies.BARE_LINE_END
    try:
        return _stored(key, submitted, data)
    except written.Unacceptable as error:
        code, why = error.args
        return f"{code} {why}"
    except ValidationError as error:
        if "attachments" in error.message_dict:  # what is too large is said of them
            return replies.TOO_LARGE.format(most=most_octets())
        why = " ".join(error.messages)
        return f"550 5.6.0 {' '.join(why.encode('ascii', 'replace').decode().split())[:400]}"
    except KeyStopped:
        note_stopped(key, submitted.address)
        return replies.STOPPED_KEY


def _stored(key: Key, submitted: Submitted, data: bytes) -> str:
    now, pk = timezone.now(), uuid.uuid4()
    protocol = "UTF8SMTPSA" if submitted.smtputf8 else "ESMTPSA"  # RFC 3848, RFC 6531 4.3
    trace = (
        f"Received: from {written.host_said(submitted.client)} ({written.address_literal(submitted.address)})\r\n"
        f" by {settings.MAIL_NAME} with {protocol} id {pk.hex};\r\n {format_datetime(now)}\r\n"
    )
    message = written.read(data, trace=trace, at=now, utf8=submitted.smtputf8)
    email, recipients = prepare_written(
        key.application,
        content=message.content,
        recipients=submitted.recipients,
        message_id=message.message_id,
        subject=message.subject,
        sender_name=message.sender_name,
        sender_address=message.sender_address,
        reply_to=message.reply_to,
        smtputf8=message.smtputf8,
        null_reverse_path=submitted.null_reverse_path,
    )
    email.pk = pk
    accept(key, [(email, recipients)])
    with suppress(*AWAY):  # the message is stored, whatever happens now
        key.note_use(submitted.address)
    return f"250 2.0.0 Accepted as {pk}"
