"""Write into a thread, or open one; the only place where messages are made."""

import unicodedata

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from messages.models import BODY_MAX_CHARS, SUBJECT_MAX_CHARS, Mailbox, Message, Thread

FORBIDDEN_IN_SUBJECT = {"Cc", "Cs", "Zl", "Zp"}  # control characters and every kind of line break
FORBIDDEN_IN_BODY = {"Cc", "Cs"}


def open_thread(
    *,
    sender: Mailbox,
    receiver: Mailbox,
    subject: str,
    body: str,
    author: models.Model | None = None,
    about: models.Model | None = None,
) -> Thread:
    """Open a thread with its first message. Raises `ValidationError` for "subject" or "body"."""
    subject = clean_subject(subject)
    with transaction.atomic():
        thread = Thread(subject=subject, opened_by=sender, opened_with=receiver)
        if about is not None:
            thread.about = about
        thread.save()
        post(thread, sender=sender, body=body, author=author)
    return thread


def post(thread: Thread, *, sender: Mailbox, body: str, author: models.Model | None = None) -> Message:
    """Add a message; the thread comes back to both inboxes and is read for its author. Raises `ValidationError`."""
    body = clean_body(body)
    with transaction.atomic():
        message = Message.objects.create(
            thread=thread, sender=sender, author_id=author.pk if author else None, body=body, at=timezone.now()
        )
        thread.latest_at = message.at
        thread.save(update_fields=["latest_at"])
        thread.archived_in.clear()
        if author is not None:
            thread.mark_read(author)
    return message


def clean_subject(typed: str) -> str:
    """Return a subject that fits on one line; raises `ValidationError` for "subject"."""
    subject = typed.strip()
    if not subject:
        raise ValidationError({"subject": "Give the message a subject."})
    if len(subject) > SUBJECT_MAX_CHARS:
        raise ValidationError({"subject": f"A subject may have at most {SUBJECT_MAX_CHARS} characters."})
    if _has(subject, FORBIDDEN_IN_SUBJECT):
        raise ValidationError({"subject": "A subject is one line: no line breaks or control characters."})
    return subject


def clean_body(typed: str) -> str:
    """Return a text with plain line breaks; raises `ValidationError` for "body"."""
    body = typed.replace("\r\n", "\n").replace("\r", "\n").strip()
    if not body:
        raise ValidationError({"body": "Write something first."})
    if len(body) > BODY_MAX_CHARS:
        raise ValidationError({"body": f"A message may have at most {BODY_MAX_CHARS:,} characters."})
    if _has(body.replace("\n", "").replace("\t", ""), FORBIDDEN_IN_BODY):
        raise ValidationError({"body": "The message contains control characters; write plain text."})
    return body


def _has(text: str, categories: set[str]) -> bool:
    return any(unicodedata.category(letter) in categories for letter in text)
