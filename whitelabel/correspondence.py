"""Write to the other side: a message in its inbox, and an e-mail that notifies its people."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import nullcontext

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import send_mail
from django.db import models, transaction
from django.utils.module_loading import import_string
from django.utils.text import Truncator

from messages.models import PLATFORM, Mailbox, Message, Thread
from messages.posting import open_thread, post
from people.models import NoticeKind, User
from people.reading import as_read_by
from people.roles import PLATFORM_OWNERS, Role, roles_of
from smtp_settings.models import Communication

logger = logging.getLogger(__name__)

EXCERPT_CHARS = 300
SUBJECT_CHARS = 200


def write(
    *,
    sender: Mailbox,
    receiver: Mailbox,
    subject: str,
    body: str,
    author: models.Model | None,
    kind: NoticeKind = NoticeKind.MESSAGES,
) -> Thread:
    """Open a thread and notify the receiver's people. Raises `ValidationError` for "subject" or "body"."""
    with transaction.atomic():
        thread = open_thread(sender=sender, receiver=receiver, subject=subject, body=body, author=author)
        _notify(thread, sender, body, kind)
    return thread


def answer(thread: Thread, *, sender: Mailbox, body: str, author: models.Model) -> Message:
    """Add a message and notify the other end's people. Raises `ValidationError` for "body"."""
    with transaction.atomic():
        message = post(thread, sender=sender, body=body, author=author)
        _notify(thread, sender, body, NoticeKind.MESSAGES)
    return message


def send_notice(
    mailbox: Mailbox, kind: NoticeKind, *, subject: str, paragraphs: Iterable[str], about: models.Model
) -> None:
    """Send an e-mail to the people behind `mailbox`, one each, that ends with a link to the page of `about`.

    Whoever does not want to be told of `kind` gets none, and who has no address that mail can be sent to keeps no other
    from theirs. Which page that is, and at which address,
    `settings.NOTICE_LINK` knows: the consoles are above this app.
    """
    line = Truncator(" ".join(subject.split())).chars(SUBJECT_CHARS)
    link = import_string(settings.NOTICE_LINK)(about, mailbox)
    text = "\n\n".join([*paragraphs, link]) + "\n"
    for address, person in readers_of(mailbox, kind):
        with as_read_by(person) if person else nullcontext():
            try:
                send_mail(line, text, None, [address])
            except ValidationError as refused:  # as of an address that somebody wrote into the database
                logger.error("The notice cannot be sent to %s: %s", person or "the support address", refused)


def readers_of(mailbox: Mailbox, kind: NoticeKind) -> Iterator[tuple[str, User | None]]:
    """Yield who is notified: the support address or else the owners, or the admins of a white-label, as they chose."""
    support = Communication.current().support_address if mailbox.key == PLATFORM else ""
    if support:
        yield support, None
        return
    behind = PLATFORM_OWNERS if mailbox.key == PLATFORM else models.Q(white_labels__mailbox=mailbox)
    for person in User.objects.told_of(kind).filter(behind).order_by("pk"):
        yield person.email, person


def is_notified(person: User) -> bool:
    """Return whether `person` is behind a mailbox whose people are notified."""
    return Role.PLATFORM_OWNER in roles_of(person) or person.white_labels.exists()


def name_of(mailbox: Mailbox) -> str:
    """Return what the other side calls `mailbox`: a white-label by its name, the platform by its support name."""
    if mailbox.key != PLATFORM:
        return mailbox.name
    return Communication.current().support_name or mailbox.name


def _notify(thread: Thread, sender: Mailbox, body: str, kind: NoticeKind) -> None:
    receiver = thread.other_end(sender)
    send_notice(
        receiver,
        kind,
        subject=f"Message from {name_of(sender)}: {thread.subject}",
        paragraphs=[
            f"{name_of(sender)} wrote:",
            Truncator(body.strip()).chars(EXCERPT_CHARS),
            "Read the message and answer it here:",
        ],
        about=thread,
    )
