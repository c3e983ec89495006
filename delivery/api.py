"""Send a mail for an application: what the rest of the platform calls."""

from collections.abc import Iterable, Mapping, Sequence

from django.utils import timezone

from delivery import validation
from delivery.acceptance import accept
from delivery.models import Delivery, Email
from delivery.rendering import header_value, new_message_id, render
from delivery.validation import Attachment
from whitelabel.models import Application

__all__ = ["Attachment", "send"]


def send(
    application: Application | None,
    *,
    to: str | Iterable[str],
    subject: str,
    text: str = "",
    html: str = "",
    cc: str | Iterable[str] = (),
    bcc: str | Iterable[str] = (),
    sender_name: str = "",
    sender_address: str = "",
    reply_to: str | Iterable[str] = (),
    headers: Mapping[str, str] | None = None,
    attachments: Sequence[Attachment] = (),
    priority: int = Delivery.Priority.NORMAL,
) -> Email:
    """Accept a mail of `application` (None: the platform's own) and return it; it leaves in the background.

    The From header is decided by the route; `sender_name` and `sender_address` are what the application asks for.
    Addresses may carry a display name. Raises `ValidationError` naming the field, with nothing stored.
    """
    people = {field: validation.addresses(given, field) for field, given in (("to", to), ("cc", cc), ("bcc", bcc))}
    recipients = validation.envelope(*people.values())
    answers = validation.addresses(reply_to, "reply_to")
    wanted_address = validation.address(sender_address, "sender_address").address if sender_address else ""
    validation.size(text, html, validation.attachments(attachments))
    subject = validation.one_line(subject, "subject", most=validation.MAX_SUBJECT_CHARS)
    smtputf8 = not all(item.isascii() for item in (*recipients, wanted_address, *(a.address for a in answers)))
    message_id, now = new_message_id(), timezone.now()
    email = Email(
        application=application,
        white_label=application.white_label if application else None,
        message_id=message_id,
        accepted_at=now,
        wanted_name=validation.one_line(sender_name, "sender_name", most=validation.MAX_NAME_CHARS),
        wanted_address=wanted_address,
        reply_to=", ".join(header_value(item.name, item.address) for item in answers),
        subject=subject,
        smtputf8=smtputf8,
        content=render(
            message_id=message_id,
            at=now,
            to=people["to"],
            cc=people["cc"],
            subject=subject,
            text=text,
            html=html,
            headers=validation.headers(headers or {}),
            attachments=attachments,
            smtputf8=smtputf8,
        ),
    )
    return accept(email, recipients, priority=priority)
