"""Who decides on the keys of an application, and how they are told something."""

from gateway.choices import Maker
from gateway.models import Key
from messages.models import Mailbox
from people.models import NoticeKind
from whitelabel.correspondence import send_notice, write


def mailbox_of(key: Key) -> Mailbox:
    """Return whose people look after the key: those of the side that made it, as it has the application now."""
    white_label = key.application.white_label if key.application else None
    return white_label.mailbox if white_label and key.maker == Maker.WHITE_LABEL else Mailbox.platform()


def tell(mailbox: Mailbox, *, subject: str, text: str, about: Key) -> None:
    """Write to a white-label's inbox; the platform, which could only write to itself, gets an e-mail."""
    platform = Mailbox.platform()
    if mailbox == platform:
        send_notice(platform, NoticeKind.KEYS, subject=subject, paragraphs=[text], about=about, button="See the key")
    else:
        write(sender=platform, receiver=mailbox, subject=subject, body=text, author=None, kind=NoticeKind.KEYS)
