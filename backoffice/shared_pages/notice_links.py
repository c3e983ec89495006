"""The button of a notice: the page of the reader's own console that shows what the notice is about."""

from urllib.parse import urljoin

from django.conf import settings
from django.urls import reverse

from gateway.models import Key
from messages.models import PLATFORM, Mailbox, Thread
from smtp_settings.models import SmtpServer
from whitelabel.models import SendingDomain

NoticeTopic = Mailbox | Thread | SendingDomain | SmtpServer | Key
WHITE_LABEL_PARAMETER = "white_label"


def link_for(topic: NoticeTopic, reader: Mailbox) -> str:
    """Return an address of this site; for a white-label's people it says of which, as they may be admins of several."""
    if reader.key == PLATFORM:
        return urljoin(settings.SITE_URL, _path_for_owner(topic))
    address = urljoin(settings.SITE_URL, _path_for_white_label(topic))
    return f"{address}?{WHITE_LABEL_PARAMETER}={reader.white_label.pk}"


def _path_for_owner(topic: NoticeTopic) -> str:
    match topic:
        case Mailbox():
            return reverse("owner:index")
        case Thread():
            return reverse("owner:message_thread", args=[topic.pk])
        case SendingDomain():
            return reverse("owner:whitelabel_sendingdomain_change", args=[topic.pk])
        case SmtpServer():
            return reverse("owner:communication")
        case Key():
            return reverse("owner:gateway_key_change", args=[topic.pk])


def _path_for_white_label(topic: NoticeTopic) -> str:
    match topic:
        case Mailbox():
            return reverse("whitelabel:index")
        case Thread():
            return reverse("whitelabel:message_thread", args=[topic.pk])
        case SendingDomain():
            return reverse("whitelabel:domain", args=[topic.pk])
        case SmtpServer():
            return reverse("whitelabel:email")
        case Key():
            return reverse("whitelabel:gateway_key_change", args=[topic.pk])
