"""Write to the other side: a message in its inbox, and an e-mail that notifies its people."""

from collections.abc import Iterable

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import send_mail
from django.db import models, transaction
from django.utils.module_loading import import_string
from django.utils.text import Truncator

from messages.models import PLATFORM, Mailbox, Message, Thread
from messages.posting import open_thread, post
from people.roles import PLATFORM_OWNERS
from smtp_settings.models import Communication

EXCERPT_CHARS = 300
SUBJECT_CHARS = 200


def write(*, sender: Mailbox, receiver: Mailbox, subject: str, body: str, author: models.Model | None) -> Thread:
    """Open a thread and notify the receiver's people. Raises `ValidationError` for "subject" or "body"."""
    with transaction.atomic():
        thread = open_thread(sender=sender, receiver=receiver, subject=subject, body=body, author=author)
        _notify(thread, sender, body)
    return thread


def answer(thread: Thread, *, sender: Mailbox, body: str, author: models.Model) -> Message:
    """Add a message and notify the other end's people. Raises `ValidationError` for "body"."""
    with transaction.atomic():
        message = post(thread, sender=sender, body=body, author=author)
        _notify(thread, sender, body)
    return message


def send_notice(mailbox: Mailbox, *, subject: str, paragraphs: Iterable[str], about: models.Model) -> None:
    """Send an e-mail to the people behind `mailbox`, one each, that ends with a link to the page of `about`.

    Which page that is, and at which address, `settings.NOTICE_LINK` knows: the consoles are above this app.
    """
    line = Truncator(" ".join(subject.split())).chars(SUBJECT_CHARS)
    link = import_string(settings.NOTICE_LINK)(about, mailbox)
    text = "\n\n".join([*paragraphs, link]) + "\n"
    for address in addresses_of(mailbox):
        send_mail(line, text, None, [address])


def addresses_of(mailbox: Mailbox) -> list[str]:
    """Return who is notified: the support address or else the owners, or the admins of a white-label."""
    people = get_user_model()._default_manager.filter(is_active=True).order_by("pk")
    if mailbox.key != PLATFORM:
        return list(people.filter(white_labels__mailbox=mailbox).values_list("email", flat=True))
    support = Communication.current().support_address
    return [support] if support else list(people.filter(PLATFORM_OWNERS).values_list("email", flat=True))


def name_of(mailbox: Mailbox) -> str:
    """Return what the other side calls `mailbox`: a white-label by its name, the platform by its support name."""
    if mailbox.key != PLATFORM:
        return mailbox.name
    return Communication.current().support_name or mailbox.name


def _notify(thread: Thread, sender: Mailbox, body: str) -> None:
    receiver = thread.other_end(sender)
    send_notice(
        receiver,
        subject=f"Message from {name_of(sender)}: {thread.subject}",
        paragraphs=[
            f"{name_of(sender)} wrote:",
            Truncator(body.strip()).chars(EXCERPT_CHARS),
            "Read the message and answer it here:",
        ],
        about=thread,
    )
