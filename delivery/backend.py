"""Django's e-mail backend that puts messages into the outbox, as mail of the platform itself."""

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

from delivery.api import send
from delivery.message import django_mail
from delivery.models import Delivery
from smtp_settings.mailboxes import mailbox

DJANGOS_NAMES = {"sender_name": "from_email", "sender_address": "from_email", "text": "body", "html": "alternatives"}


class OutboxBackend(BaseEmailBackend):
    """`send_mail` returns once the message is accepted; what becomes of it is in the delivery log.

    `get_connection(priority=…)` gives one whose mail is more urgent, or less.
    """

    def __init__(self, *args: Any, priority: int = Delivery.Priority.NORMAL, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.priority = priority

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        """Return how many were accepted; raises `ValidationError` naming the attribute of the one that is not."""
        accepted = 0
        for message in email_messages:
            if not message.recipients():
                continue
            try:
                _accept(message, self.priority)
            except ValidationError as error:
                if not self.fail_silently:
                    raise _named_as_django_does(error, message) from error
            else:
                accepted += 1
        return accepted


def _accept(message: EmailMessage, priority: int) -> None:
    addresses = django_mail.addresses(message)
    if addresses["sender_address"].lower() == mailbox(settings.DEFAULT_FROM_EMAIL)[1].lower():
        # Nobody asked for an address, so that the route's own is right; a name is asked for by `NotificationMessage`.
        addresses["sender_name"], addresses["sender_address"] = getattr(message, "sender_name", ""), ""
    send(
        None,
        to=django_mail.people(message.to, "to"),
        cc=django_mail.people(message.cc, "cc"),
        bcc=django_mail.people(message.bcc, "bcc"),
        priority=priority,
        **addresses,
        **django_mail.content(message),
    )


def _named_as_django_does(error: ValidationError, message: EmailMessage) -> ValidationError:
    known = DJANGOS_NAMES | ({"html": "body"} if message.content_subtype == "html" else {})
    return ValidationError({known.get(field, field): errors for field, errors in error.error_dict.items()})
