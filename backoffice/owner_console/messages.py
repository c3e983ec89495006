"""The platform's inbox."""

from django.db.models import Model
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from backoffice.message_pages import MessagePages
from backoffice.owner_console.site import owner_console
from messages.forms import AddressedMessageForm
from messages.models import Mailbox
from whitelabel.models import SendingDomain


def _mailbox(request: HttpRequest) -> Mailbox:
    return Mailbox.platform()


def _new_form(data: QueryDict | None) -> AddressedMessageForm:
    return AddressedMessageForm(data, receivers=Mailbox.objects.filter(white_label__isnull=False).order_by("name"))


def _about_path(about: Model) -> str:
    if isinstance(about, SendingDomain):
        return reverse("owner:whitelabel_sendingdomain_change", args=[about.pk])
    return ""


pages = MessagePages(owner_console, _mailbox, _new_form, _about_path, shows_authors=True)
