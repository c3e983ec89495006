"""Django's e-mail backend that puts messages into the outbox, as mail of the platform itself."""

from collections.abc import Sequence
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from delivery.api import Attachment, send
from delivery.models import Delivery


class OutboxBackend(BaseEmailBackend):
    """`send_mail` returns once the message is accepted; what becomes of it is in the delivery log.

    `get_connection(priority=…)` gives one whose mail is more urgent, or less.
    """

    def __init__(self, *args: Any, priority: int = Delivery.Priority.NORMAL, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.priority = priority

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        accepted = 0
        for message in email_messages:
            if not message.recipients():
                continue
            try:
                _accept(message, self.priority)
            except ValidationError:
                if not self.fail_silently:
                    raise
            else:
                accepted += 1
        return accepted


def _accept(message: EmailMessage, priority: int) -> None:
    name, address = parseaddr(message.from_email)
    if address == parseaddr(settings.DEFAULT_FROM_EMAIL)[1]:
        name = address = ""  # nobody asked for a sender: the route's own is right
    is_html = message.content_subtype == "html"
    send(
        None,
        to=message.to,
        cc=message.cc,
        bcc=message.bcc,
        subject=str(message.subject),
        text="" if is_html else str(message.body),
        html=str(message.body) if is_html else _html_of(message),
        sender_name=name,
        sender_address=address,
        reply_to=message.reply_to,
        headers={name: str(value) for name, value in message.extra_headers.items()},
        attachments=[_attachment(item) for item in message.attachments],
        priority=priority,
    )


def _html_of(message: EmailMessage) -> str:
    alternatives: list[tuple[Any, str]] = getattr(message, "alternatives", [])
    return next((str(content) for content, mimetype in alternatives if mimetype == "text/html"), "")


def _attachment(item: Any) -> Attachment:
    if not isinstance(item, tuple):
        return Attachment(item.get_filename() or "attachment", bytes(item), item.get_content_type())
    filename, content, mimetype = item
    raw = content if isinstance(content, bytes) else str(content).encode()
    return Attachment(filename or "attachment", raw, mimetype or "application/octet-stream")
