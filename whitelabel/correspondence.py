"""Write to the other side: a message in its inbox, and an e-mail that tells its people of it."""

from collections.abc import Iterable
from urllib.parse import urljoin

from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import send_mail
from django.db import models, transaction
from django.urls import reverse
from django.utils.text import Truncator

from messages.models import PLATFORM, Mailbox, Message, Thread
from messages.posting import open_thread, post
from people.roles import PLATFORM_OWNERS
from smtp_settings.models import Communication

EXCERPT_CHARS = 300
SUBJECT_CHARS = 200
LINK_PARAMETER = "white_label"


def write(*, sender: Mailbox, receiver: Mailbox, subject: str, body: str, author: models.Model | None) -> Thread:
    """Open a thread and tell the receiver's people. Raises `ValidationError` for "subject" or "body"."""
    with transaction.atomic():
        thread = open_thread(sender=sender, receiver=receiver, subject=subject, body=body, author=author)
        _tell_of(thread, sender, body)
    return thread


def answer(thread: Thread, *, sender: Mailbox, body: str, author: models.Model) -> Message:
    """Add a message and tell the other end's people. Raises `ValidationError` for "body"."""
    with transaction.atomic():
        message = post(thread, sender=sender, body=body, author=author)
        _tell_of(thread, sender, body)
    return message


def send_notice(mailbox: Mailbox, *, subject: str, paragraphs: Iterable[str], path: str) -> None:
    """Send an e-mail to the people behind `mailbox`, one each, that ends with a link to `path` of this site."""
    line = Truncator(" ".join(subject.split())).chars(SUBJECT_CHARS)
    text = "\n\n".join([*paragraphs, link_for(mailbox, path)]) + "\n"
    for address in addresses_of(mailbox):
        send_mail(line, text, None, [address])


def link_for(mailbox: Mailbox, path: str) -> str:
    """Return the address of `path`; for a white-label's people it says of which, as they may be admins of several."""
    address = urljoin(settings.SITE_URL, path)
    return address if mailbox.key == PLATFORM else f"{address}?{LINK_PARAMETER}={mailbox.white_label.pk}"


def addresses_of(mailbox: Mailbox) -> list[str]:
    """Return who is told: the support address or else the owners, or the admins of a white-label."""
    people = get_user_model()._default_manager.filter(is_active=True).order_by("pk")
    if mailbox.key != PLATFORM:
        return list(people.filter(white_labels__mailbox=mailbox).values_list("email", flat=True))
    support = Communication.current().support_address
    return [support] if support else list(people.filter(PLATFORM_OWNERS).values_list("email", flat=True))


def thread_path(mailbox: Mailbox, thread: Thread) -> str:
    """Return the path of the thread's page on the side of `mailbox`."""
    console = "owner" if mailbox.key == PLATFORM else "whitelabel"
    return reverse(f"{console}:message_thread", args=[thread.pk])


def name_of(mailbox: Mailbox) -> str:
    """Return what the other side calls `mailbox`: a white-label by its name, the platform by its support name."""
    if mailbox.key != PLATFORM:
        return mailbox.name
    return Communication.current().support_name or mailbox.name


def _tell_of(thread: Thread, sender: Mailbox, body: str) -> None:
    receiver = thread.other_end(sender)
    send_notice(
        receiver,
        subject=f"Message from {name_of(sender)}: {thread.subject}",
        paragraphs=[
            f"{name_of(sender)} wrote:",
            Truncator(body.strip()).chars(EXCERPT_CHARS),
            "Read the message and answer it here:",
        ],
        path=thread_path(receiver, thread),
    )
