"""The platform's inbox."""

from django import forms

from backoffice.console.admin import TolerantSelect
from backoffice.owner_console.site import owner_console
from backoffice.shared_pages.inbox import (
    THREAD_ACTS,
    InboxCsv,
    InboxView,
    MailboxMixin,
    NewMessageView,
    ThreadActionView,
    ThreadView,
)
from messages.forms import NewMessageForm
from messages.models import Mailbox
from people.roles import Right
from whitelabel.models import Application, WhiteLabel


class AddressedMessageForm(NewMessageForm):
    """A new message to a white-label."""

    receiver = forms.ModelChoiceField(
        WhiteLabel.objects.select_related("mailbox"),
        label="To",
        help_text="Start typing the name of a white-label.",
        widget=TolerantSelect(Application._meta.get_field("white_label"), owner_console),
        error_messages={"required": "Choose who the message is for.", "invalid_choice": "Choose one of the list."},
    )

    def clean_receiver(self) -> Mailbox:
        chosen: WhiteLabel = self.cleaned_data["receiver"]
        return chosen.mailbox


class PlatformMailbox(MailboxMixin):
    console = owner_console
    domain_page = "owner:whitelabel_sendingdomain_change"
    shows_authors = True

    def get_mailbox(self) -> Mailbox:
        return Mailbox.platform()


@owner_console.page("messages/", name="messages", get=Right.SEE)
class Inbox(PlatformMailbox, InboxView):
    """List the threads."""


@owner_console.page("messages/csv/", name="messages_csv", post=Right.SEE)
class InboxFile(PlatformMailbox, InboxCsv):
    """Download the threads."""


@owner_console.page("messages/new/", name="message_new", get=Right.WRITE_MESSAGES, post=Right.WRITE_MESSAGES)
class NewMessage(PlatformMailbox, NewMessageView):
    """Write to a white-label."""

    form_class = AddressedMessageForm


@owner_console.page("messages/<int:pk>/", name="message_thread", get=Right.SEE, post=Right.WRITE_MESSAGES)
class ThreadPage(PlatformMailbox, ThreadView):
    """Show a thread and take a reply."""


class ThreadAction(PlatformMailbox, ThreadActionView):
    """Do something with a thread."""


for act, right in THREAD_ACTS.items():
    page = owner_console.page(f"messages/<int:pk>/{act}/", name=f"message_{act}", post=right)
    page(ThreadAction.as_view(act=act))
