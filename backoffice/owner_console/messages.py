"""The platform's inbox."""

from django.http import HttpRequest, QueryDict

from backoffice.owner_console.site import owner_console
from backoffice.shared_pages.inbox import MessagePages
from messages.forms import AddressedMessageForm
from messages.models import Mailbox


def _mailbox(request: HttpRequest) -> Mailbox:
    return Mailbox.platform()


def _new_form(data: QueryDict | None) -> AddressedMessageForm:
    return AddressedMessageForm(data, receivers=Mailbox.objects.filter(white_label__isnull=False).order_by("name"))


pages = MessagePages(owner_console, _mailbox, _new_form, "owner:whitelabel_sendingdomain_change", shows_authors=True)
