"""What the door asks the database, each in a thread: who signs in, whether a key still works, and taking a message."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from email.utils import format_datetime
from typing import TypeVar
from uuid import uuid4 as new_id

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import DatabaseError, DataError, IntegrityError, InterfaceError, close_old_connections
from django.utils import timezone

from delivery import api
from delivery.api import Prepared, prepare_written
from delivery.models import Email
from gateway.acceptance import with_key
from gateway.choices import Fault
from gateway.keys.authentication import KeyStopped
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
    """A message as it came with `key`: `data` is what stood between DATA and the final dot, dots still doubled.

    `client` is what it called itself, `address` where it is.
    """

    key: Key
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


def take(together: Sequence[Submitted]) -> list[str]:
    """Take messages into the outbox in one transaction; return the reply of each, positive only once it is stored.

    What the database refuses is tried alone: a message spoils no other.
    """
    read = [_read(submitted) for submitted in together]
    sound = [message for message in read if not isinstance(message, str)]
    try:
        if sound:
            api.accept(sound)
    except (DataError, IntegrityError):
        if len(together) == 1:
            raise
        return [reply for submitted in together for reply in _alone(submitted)]
    return [
        message if isinstance(message, str) else _taken(submitted, message[0])
        for submitted, message in zip(together, read, strict=True)
    ]


def _alone(submitted: Submitted) -> list[str]:
    try:
        return take([submitted])
    except AWAY as error:
        logger.error("A message from %s cannot be stored", submitted.address, exc_info=error)
        return [replies.AWAY]


def _taken(submitted: Submitted, email: Email) -> str:
    with suppress(*AWAY):  # the message is stored, whatever happens now
        submitted.key.note_use(submitted.address)
    return f"250 2.0.0 Accepted as {email.pk}"


def _read(submitted: Submitted) -> Prepared | str:
    """Return the message as it can be stored, or the reply that refuses it."""
    data = submitted.data.replace(b"\r\n.", b"\r\n")[2:]  # RFC 5321 4.5.2; a line end was put in front
    if not data:
        return replies.EMPTY
    if written.has_bare_line_end(data):
        return replies.BARE_LINE_END
    try:
        return with_key(submitted.key, _prepared(submitted, data))
    except written.Unacceptable as error:
        code, why = error.args
        return f"{code} {why}"
    except ValidationError as error:
        if "attachments" in error.message_dict:  # what is too large is said of them
            return replies.TOO_LARGE.format(most=most_octets())
        why = " ".join(error.messages)
        return f"550 5.6.0 {' '.join(why.encode('ascii', 'replace').decode().split())[:400]}"
    except KeyStopped:
        note_stopped(submitted.key, submitted.address)
        return replies.STOPPED_KEY
    except AWAY:
        raise
    except Exception:
        logger.exception("A message from %s cannot be read", submitted.address)
        return replies.AWAY  # the client keeps it


def _prepared(submitted: Submitted, data: bytes) -> Prepared:
    now, pk = timezone.now(), new_id()
    protocol = "UTF8SMTPSA" if submitted.smtputf8 else "ESMTPSA"  # RFC 3848, RFC 6531 4.3
    trace = (
        f"Received: from {written.host_said(submitted.client)} ({written.address_literal(submitted.address)})\r\n"
        f" by {settings.MAIL_NAME} with {protocol} id {pk.hex};\r\n {format_datetime(now)}\r\n"
    )
    message = written.read(data, trace=trace, at=now, utf8=submitted.smtputf8)
    email, recipients = prepare_written(
        submitted.key.application,
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
    return email, recipients
