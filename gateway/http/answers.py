"""What the HTTP API answers where all is well, in the shape of the Resend SDKs."""

from collections.abc import Iterable
from contextlib import suppress
from datetime import datetime
from typing import Any, Literal, Self
from uuid import UUID

from django.core.exceptions import ValidationError
from pydantic import BaseModel, Field

from delivery.message import stored, validation
from delivery.models import Delivery, Email
from gateway.http.last_event import LastEvent, last_event
from gateway.http.message import Tag
from smtp_settings.header_fields import mailboxes_in, readable


class Id(BaseModel):
    id: UUID


class Changed(BaseModel):
    """Which e-mail was cancelled or rescheduled."""

    object: Literal["email"] = "email"
    id: UUID


class ItemError(BaseModel):
    """What is wrong with one message of a batch."""

    index: int
    message: str


class Batch(BaseModel):
    """The ids are those of what was accepted, in the order of the request; `errors` only where asked for."""

    data: list[Id]
    errors: list[ItemError] | None = None


class EmailItem(BaseModel):
    """An e-mail in a list. `from` is what was asked for: which address it leaves from is for its route to decide."""

    object: Literal["email"] = "email"
    id: UUID
    message_id: str
    sender: str = Field(serialization_alias="from")
    to: list[str]
    cc: list[str]
    bcc: list[str]
    reply_to: list[str]
    subject: str
    created_at: datetime
    scheduled_at: datetime | None
    last_event: LastEvent
    tags: list[Tag]

    @classmethod
    def of(cls, email: Email, head: bytes, **more: Any) -> Self:
        """Return what is said of `email`, whose stored content begins with `head`, or is gone."""
        deliveries = sorted(email.deliveries.all(), key=lambda delivery: delivery.pk)
        to, cc, bcc = _recipients(head, deliveries)
        return cls(
            id=email.id,
            message_id=email.message_id,
            sender=readable(email.wanted_name, email.wanted_address),
            to=to,
            cc=cc,
            bcc=bcc,
            reply_to=[readable(*item) for item in mailboxes_in(email.reply_to)],
            subject=email.subject,
            created_at=email.accepted_at,
            scheduled_at=email.scheduled_at,
            last_event=last_event(email, deliveries),
            tags=[Tag(name=name, value=value) for name, value in email.tags],
            **more,
        )


class EmailAnswer(EmailItem):
    """`text` and `html` are empty once the content is let go of (`CONTENT_DAYS`)."""

    text: str | None
    html: str | None


class EmailList(BaseModel):
    object: Literal["list"] = "list"
    has_more: bool
    data: list[EmailItem]


def email_answer(email: Email) -> EmailAnswer:
    content = bytes(email.content or b"")
    text, html = stored.bodies(content)
    return EmailAnswer.of(email, content, text=text or None, html=html or None)


def _recipients(head: bytes, deliveries: Iterable[Delivery]) -> tuple[list[str], list[str], list[str]]:
    """Return To, Cc and Bcc; everybody as To where the lines that name them are not kept, or not whole in `head`."""
    everybody = [delivery.recipient for delivery in deliveries]
    if b"\r\n\r\n" not in head:
        return everybody, [], []
    to, cc = stored.people(head, "To"), stored.people(head, "Cc")
    named = {_in_the_envelope(address) for _, address in (*to, *cc)}
    bcc = [address for address in everybody if address.lower() not in named]
    return [readable(*item) for item in to], [readable(*item) for item in cc], bcc


def _in_the_envelope(address: str) -> str:
    """Return an address of a header, which may have letters in its domain, in the form in which it is sent to."""
    with suppress(ValidationError):
        address = address if address.isascii() else validation.address(address, "to").address
    return address.lower()
