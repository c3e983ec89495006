"""Send an e-mail of the product, in the name of the brand it wears; the route decides its address."""

from collections.abc import Sequence
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django.utils.text import Truncator

from notifications.layout import as_html, as_text
from notifications.notification import Notification
from phrases.names import CONTROL, SURROGATE

SUBJECT_CHARS = 200
AUTOMATIC = {"Auto-Submitted": "auto-generated"}  # RFC 3834 5: nobody's absence is answered to it


class NotificationMessage(EmailMultiAlternatives):
    """`sender_name` is the name that it leaves under, "" for the platform's own; the outbox asks the route for it."""

    sender_name: str = ""


def send(
    notification: Notification,
    to: str,
    *,
    reply_to: Sequence[str] = (),
    connection: BaseEmailBackend | None = None,
    fail_silently: bool = False,
) -> None:
    """Send it to one address. Raises `ValidationError` for an address that mail cannot be sent to."""
    message = NotificationMessage(
        Truncator(_on_one_line(notification.subject)).chars(SUBJECT_CHARS),
        as_text(notification),
        _sender(_sender_name(notification)),
        [to],
        reply_to=reply_to,
        headers=AUTOMATIC,
        connection=connection,
    )
    message.sender_name = _sender_name(notification)
    message.attach_alternative(as_html(notification), "text/html")
    message.send(fail_silently=fail_silently)


def _sender_name(notification: Notification) -> str:
    brand = notification.brand
    return _on_one_line(brand.name) if brand.of_white_label else ""


def _sender(name: str) -> str | None:
    if not name:
        return None
    quoted = name.replace("\\", r"\\").replace('"', r"\"")
    return f'"{quoted}" <{parseaddr(settings.DEFAULT_FROM_EMAIL)[1]}>'


def _on_one_line(text: str) -> str:
    """Return `text` as a header field can carry it, whatever somebody wrote into the database."""
    return " ".join(SURROGATE.sub("", CONTROL.sub(" ", text)).split())
