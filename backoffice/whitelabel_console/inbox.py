"""The inbox of a white-label."""

from backoffice.console.scope import current_white_label
from backoffice.shared_pages.inbox import (
    THREAD_ACTS,
    InboxCsv,
    InboxView,
    MailboxMixin,
    NewMessageView,
    ThreadActionView,
    ThreadView,
)
from backoffice.whitelabel_console.site import whitelabel_console
from messages.forms import NewMessageForm
from messages.models import Mailbox
from people.roles import Right


class WhiteLabelMailbox(MailboxMixin):
    console = whitelabel_console
    domain_page = "whitelabel:domain"
    shows_authors = False

    def get_mailbox(self) -> Mailbox:
        return current_white_label(self.request).mailbox


@whitelabel_console.page("messages/", name="messages", get=Right.SEE)
class Inbox(WhiteLabelMailbox, InboxView):
    """List the threads."""


@whitelabel_console.page("messages/csv/", name="messages_csv", post=Right.SEE)
class InboxFile(WhiteLabelMailbox, InboxCsv):
    """Download the threads."""


@whitelabel_console.page("messages/new/", name="message_new", get=Right.WRITE_MESSAGES, post=Right.WRITE_MESSAGES)
class NewMessage(WhiteLabelMailbox, NewMessageView):
    form_class = NewMessageForm


@whitelabel_console.page("messages/<int:pk>/", name="message_thread", get=Right.SEE, post=Right.WRITE_MESSAGES)
class ThreadPage(WhiteLabelMailbox, ThreadView):
    """Show a thread and take a reply."""


class ThreadAction(WhiteLabelMailbox, ThreadActionView):
    """Do something with a thread."""


for act, right in THREAD_ACTS.items():
    page = whitelabel_console.page(f"messages/<int:pk>/{act}/", name=f"message_{act}", post=right)
    page(ThreadAction.as_view(act=act))
