"""The inbox of a white-label."""

from backoffice.console.scope import current_white_label
from backoffice.shared_pages.inbox import InboxView, MailboxMixin, NewMessageView, ThreadActionView, ThreadView
from backoffice.whitelabel_console.site import whitelabel_console
from messages.forms import NewMessageForm
from messages.models import Mailbox


class WhiteLabelMailbox(MailboxMixin):
    console = whitelabel_console
    domain_page = "whitelabel:domain"
    shows_authors = False

    def get_mailbox(self) -> Mailbox:
        return current_white_label(self.request).mailbox


@whitelabel_console.page("messages/", name="messages")
class Inbox(WhiteLabelMailbox, InboxView):
    """List the threads."""


@whitelabel_console.page("messages/new/", name="message_new")
class NewMessage(WhiteLabelMailbox, NewMessageView):
    form_class = NewMessageForm


@whitelabel_console.page("messages/<int:pk>/", name="message_thread")
class ThreadPage(WhiteLabelMailbox, ThreadView):
    """Show a thread and take a reply."""


@whitelabel_console.page("messages/<int:pk>/<slug:act>/", name="message_move")
class ThreadAction(WhiteLabelMailbox, ThreadActionView):
    """Do something with a thread."""
