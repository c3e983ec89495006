"""The inbox of a white-label."""

from django.db.models import Model
from django.http import HttpRequest, QueryDict
from django.urls import reverse

from backoffice.message_pages import MessagePages
from backoffice.whitelabel_console.scope import current_white_label
from backoffice.whitelabel_console.site import whitelabel_console
from messages.forms import NewMessageForm
from messages.models import Mailbox
from whitelabel.models import SendingDomain


def _mailbox(request: HttpRequest) -> Mailbox:
    return current_white_label(request).mailbox


def _new_form(data: QueryDict | None) -> NewMessageForm:
    return NewMessageForm(data)


def _about_path(about: Model) -> str:
    return reverse("whitelabel:email") if isinstance(about, SendingDomain) else ""


pages = MessagePages(whitelabel_console, _mailbox, _new_form, _about_path, shows_authors=False)
