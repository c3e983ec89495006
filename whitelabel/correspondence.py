"""Write to the other side: a message in its inbox, and an e-mail that notifies its people."""

import logging
from collections.abc import Iterable, Iterator
from dataclasses import replace

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.text import Truncator

from messages.models import PLATFORM, Mailbox, Message, Thread
from messages.posting import open_thread, post
from notifications import sending
from notifications.notification import Link, Notification
from people.models import NoticeKind, Timing, User
from people.reading import as_read_by
from people.roles import PLATFORM_OWNERS, Role, roles_of
from smtp_settings.models import Communication
from whitelabel import mail_brand
from whitelabel.models import DigestItem

logger = logging.getLogger(__name__)

EXCERPT_CHARS = 300
SUBJECT_CHARS = 200
IN_DIGEST_CHARS = 600
BECAUSE = "You get this e-mail because {}."
OF_PLATFORM = "you are an owner of the platform"
SUPPORT = "this is the platform's support address, which its owners set under Settings > Communication"


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
    mailbox: Mailbox,
    kind: NoticeKind,
    *,
    subject: str,
    paragraphs: Iterable[str],
    about: models.Model,
    quote: str = "",
    button: str = "See more",
) -> None:
    """Send an e-mail to the people behind `mailbox`, one each, with a `button` that leads to the page of `about`.

    Whoever wants to be told of `kind` in the digest gets it there, and who does not want to be told gets none. Who has
    no address that mail can be sent to keeps no other from theirs. Which page it is, and at which address,
    `settings.NOTICE_LINK` knows: the consoles are above this app.
    """
    notification = Notification(
        subject=Truncator(" ".join(subject.split())).chars(SUBJECT_CHARS),
        text="\n\n".join(paragraphs),
        quote=quote,
        button=Link(button, link_to(about, mailbox)),
        reason=BECAUSE.format(SUPPORT),
        brand=mail_brand.of_mailbox(mailbox),
    )
    for address, person in readers_of(mailbox, kind):
        if person is None:
            _send(notification, address)
        elif person.timing_of(kind) == Timing.DIGEST:
            _put_into_digest(notification, person, mailbox, kind)
        else:
            with as_read_by(person):
                _send(addressed(notification, person, mailbox), address)


def link_to(about: models.Model, reader: Mailbox) -> str:
    """Return the address of the page of `about`, or of a mailbox: the first page of its people's console."""
    return str(import_string(settings.NOTICE_LINK)(about, reader))


def addressed(notification: Notification, person: User, mailbox: Mailbox) -> Notification:
    """Return it with the greeting, why the person gets it, and where they choose."""
    why = OF_PLATFORM if mailbox.key == PLATFORM else f"you are an admin of {mailbox.name}"
    choice = Link("Choose what you are told about", f"{settings.SITE_URL}{reverse('profile')}#notices")
    return replace(notification, name=person.name, reason=BECAUSE.format(why), choice=choice)


def _send(notification: Notification, address: str) -> None:
    try:
        sending.send(notification, address)
    except ValidationError as refused:  # as of an address that somebody wrote into the database
        logger.error("The notice cannot be sent to %s: %s", address, refused)


def _put_into_digest(notification: Notification, person: User, mailbox: Mailbox, kind: NoticeKind) -> None:
    assert notification.button is not None
    DigestItem.objects.create(
        person=person,
        mailbox=mailbox,
        kind=kind,
        subject=notification.subject,
        text=Truncator(notification.text).chars(IN_DIGEST_CHARS),
        quote=Truncator(notification.quote).chars(IN_DIGEST_CHARS),
        link_label=notification.button.label,
        link=notification.button.address,
    )


def readers_of(mailbox: Mailbox, kind: NoticeKind) -> Iterator[tuple[str, User | None]]:
    """Yield who is notified: the support address or else the owners, or the admins of a white-label, as they chose."""
    support = Communication.current().support_address if mailbox.key == PLATFORM else ""
    if support:
        yield support, None
        return
    for person in User.objects.told_of(kind).filter(is_behind(mailbox)).order_by("pk"):
        yield person.email, person


def is_behind(mailbox: Mailbox) -> models.Q:
    """Return who is told of what concerns `mailbox`: its owners or admins."""
    return PLATFORM_OWNERS if mailbox.key == PLATFORM else models.Q(white_labels__mailbox=mailbox)


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
        paragraphs=[f"{name_of(sender)} wrote:"],
        quote=Truncator(body.strip()).chars(EXCERPT_CHARS),
        about=thread,
        button="Read and answer",
    )
