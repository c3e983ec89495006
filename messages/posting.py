"""Write into a thread, or open one; the only place where messages are made."""

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.utils import timezone

from messages.models import BODY_MAX_CHARS, Mailbox, Message, Thread


def open_thread(
    *,
    sender: Mailbox,
    receiver: Mailbox,
    subject: str,
    body: str,
    author: models.Model | None = None,
    about: models.Model | None = None,
) -> Thread:
    """Open a thread with its first message."""
    with transaction.atomic():
        thread = Thread.objects.create(subject=subject[:200], opened_by=sender, opened_with=receiver, about=about)
        post(thread, sender=sender, body=body, author=author)
    return thread


def post(thread: Thread, *, sender: Mailbox, body: str, author: models.Model | None = None) -> Message:
    """Add a message; the thread comes back to both inboxes and is read for its author. Raises `ValidationError`."""
    body = body.replace("\r\n", "\n").replace("\x00", "").strip()
    if not body:
        raise ValidationError({"body": "Write something first."})
    if len(body) > BODY_MAX_CHARS:
        raise ValidationError({"body": f"A message may have at most {BODY_MAX_CHARS:,} characters."})
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
