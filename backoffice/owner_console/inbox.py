"""The platform's inbox."""

from typing import Any

from backoffice.owner_console.site import owner_console
from backoffice.shared_pages.inbox import (
    THREAD_ACTS,
    InboxView,
    MailboxMixin,
    NewMessageView,
    ThreadActionView,
    ThreadView,
)
from messages.forms import AddressedMessageForm
from messages.models import Mailbox
from people.roles import Right


class PlatformMailbox(MailboxMixin):
    console = owner_console
    domain_page = "owner:whitelabel_sendingdomain_change"
    shows_authors = True

    def get_mailbox(self) -> Mailbox:
        return Mailbox.platform()


@owner_console.page("messages/", name="messages", get=Right.SEE)
class Inbox(PlatformMailbox, InboxView):
    """List the threads."""


@owner_console.page("messages/new/", name="message_new", get=Right.WRITE_MESSAGES, post=Right.WRITE_MESSAGES)
class NewMessage(PlatformMailbox, NewMessageView):
    form_class = AddressedMessageForm

    def get_form_kwargs(self) -> dict[str, Any]:
        receivers = Mailbox.objects.filter(white_label__isnull=False).order_by("name")
        return super().get_form_kwargs() | {"receivers": receivers}


@owner_console.page("messages/<int:pk>/", name="message_thread", get=Right.SEE, post=Right.WRITE_MESSAGES)
class ThreadPage(PlatformMailbox, ThreadView):
    """Show a thread and take a reply."""


class ThreadAction(PlatformMailbox, ThreadActionView):
    """Do something with a thread."""


for act, right in THREAD_ACTS.items():
    page = owner_console.page(f"messages/<int:pk>/{act}/", name=f"message_{act}", post=right)
    page(ThreadAction.as_view(act=act))
