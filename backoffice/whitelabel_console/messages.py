"""The inbox of a white-label."""

from django.http import HttpRequest, QueryDict

from backoffice.console.scope import current_white_label
from backoffice.shared_pages.inbox import MessagePages
from backoffice.whitelabel_console.site import whitelabel_console
from messages.forms import NewMessageForm
from messages.models import Mailbox


def _mailbox(request: HttpRequest) -> Mailbox:
    return current_white_label(request).mailbox


def _new_form(data: QueryDict | None) -> NewMessageForm:
    return NewMessageForm(data)


pages = MessagePages(whitelabel_console, _mailbox, _new_form, "whitelabel:domain", shows_authors=False)
