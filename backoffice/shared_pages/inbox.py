"""The inbox of a console: its threads and their file, a new message, a thread with its reply, what is done with it.

A console says whose mailbox it is, by a subclass of `MailboxMixin`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from typing import Any

from django.contrib import messages as flash
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.views.generic import FormView, TemplateView, View

from backoffice.console.csv_download import CsvView, ids_of, in_order
from backoffice.console.views import ConsoleMixin
from backoffice.shared_pages.domain_display import display_of
from messages.forms import MessageForm
from messages.models import Mailbox, Message, Thread
from people.roles import Right
from whitelabel import correspondence
from whitelabel.domains import lifecycle
from whitelabel.models import SendingDomain

THREADS_A_PAGE = 25
MESSAGES_SHOWN = 50
SEARCH_MAX_CHARS = 200
LIST_PARAMETERS = ("tab", "q", "page")
THREAD_ACTS = {  # what the reader marks is theirs alone; what is archived is so for everybody
    "read": Right.SEE,
    "unread": Right.SEE,
    "archive": Right.WRITE_MESSAGES,
    "unarchive": Right.WRITE_MESSAGES,
}


class MailboxMixin(ConsoleMixin):
    """`domain_page` is the name of the page of a domain request in this console."""

    domain_page: str
    shows_authors: bool

    @cached_property
    def mailbox(self) -> Mailbox:
        return self.get_mailbox()

    def get_mailbox(self) -> Mailbox:
        raise NotImplementedError

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        shared = {"urls": self.console.name, "shows_authors": self.shows_authors, "mailbox": self.mailbox}
        return super().get_context_data(**shared, **kwargs)

    def redirect(self, page: str, *args: object, query: str = "") -> HttpResponse:
        address = reverse(f"{self.console.name}:{page}", args=args)
        return HttpResponseRedirect(f"{address}?{query}" if query else address)


class ThreadMixin(MailboxMixin):
    """A page of one thread of the mailbox; 404 for everybody else's."""

    @cached_property
    def thread(self) -> Thread:
        threads = Thread.objects.of(self.mailbox).select_related("opened_by", "opened_with")
        return get_object_or_404(threads, pk=self.kwargs["pk"])


class ThreadListMixin(MailboxMixin):
    """What lists threads: those of the inbox or the archived ones, possibly only those with some words."""

    def listed(self) -> QuerySet[Thread]:
        archived = self.request.GET.get("tab") == "archived"
        threads = Thread.objects.archived(self.mailbox) if archived else Thread.objects.in_inbox(self.mailbox)
        found = threads.search(words_of(self.request.GET)).with_unread(self.mailbox, self.person).with_latest()
        return found.select_related("opened_by", "opened_with")


class InboxView(ThreadListMixin, TemplateView):
    """A page of the threads."""

    template_name = "console/inbox/inbox.html"
    title = "Messages"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        given = self.request.GET
        page = Paginator(self.listed(), THREADS_A_PAGE).get_page(given.get("page"))
        name_other_ends(page.object_list, self.mailbox)
        return super().get_context_data(
            page=page,
            archived=given.get("tab") == "archived",
            words=words_of(given),
            list_query=list_query(given),
            **kwargs,
        )


class InboxCsv(ThreadListMixin, CsvView):
    """The threads that the inbox lists, as a file."""

    called = "messages"
    columns: Mapping[str, str] = {
        "Id": "pk",
        "Subject": "subject",
        "With": "other_name",
        "Unread": "unread",
        "Latest message": "latest_at",
        "Text": "latest_body",
    }

    def chunks(self) -> Iterator[list[Thread]]:
        for ids in ids_of(self.listed()):
            threads = in_order(self.listed(), ids)
            name_other_ends(threads, self.mailbox)
            yield threads


class NewMessageView(MailboxMixin, FormView):  # type: ignore[type-arg]
    """Write to somebody; where the form does not ask to whom, to the platform."""

    template_name = "console/inbox/new_message.html"
    title = "New message"

    def form_valid(self, form: MessageForm) -> HttpResponse:
        """Send it; where it is refused, the form says why."""
        try:
            thread = lifecycle.begin(
                sender=self.mailbox,
                receiver=form.cleaned_data.get("receiver") or Mailbox.platform(),
                person=self.person,
                subject=form.cleaned_data["subject"],
                text=form.cleaned_data["body"],
            )
        except ValidationError as error:
            form.add_error("body", error.messages)
            return self.form_invalid(form)
        flash.success(self.request, "The message was sent.")
        return self.redirect("message_thread", thread.pk)


class ThreadView(ThreadMixin, FormView):  # type: ignore[type-arg]
    """A thread; a reply is posted here, which may answer a domain request."""

    template_name = "console/inbox/thread.html"
    form_class = MessageForm

    def get_title(self) -> str:
        return self.thread.subject

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        messages = Message.objects.filter(thread=self.thread).select_related("sender", "author")
        hidden = 0 if "all" in self.request.GET else max(0, messages.count() - MESSAGES_SHOWN)
        return super().get_context_data(
            thread=self.thread,
            other=correspondence.name_of(self.thread.other_end(self.mailbox)),
            written=messages[hidden:],
            hidden=hidden,
            archived=self.thread.archived_in.filter(pk=self.mailbox.pk).exists(),
            heard_from=Message.objects.heard_by(self.mailbox).filter(thread=self.thread).exists(),
            **self.domain_context(),
            **kwargs,
        )

    def domain_context(self) -> dict[str, Any]:
        """Return where the domain request stands that the thread is about."""
        requests = SendingDomain.objects.with_turn().filter(thread=self.thread)
        domain = requests.prefetch_related("records").first()
        if domain is None:
            return {}
        return {"item": display_of(domain), "domain_address": reverse(self.domain_page, args=[domain.pk])}

    def render_to_response(self, context: dict[str, Any], **response_kwargs: Any) -> HttpResponse:
        """Whoever sees the thread has read it, but who looks at it as somebody else."""
        if not self.console.is_looked_at(self.request):
            self.thread.mark_read(self.person)
        return super().render_to_response(context, **response_kwargs)

    def form_valid(self, form: MessageForm) -> HttpResponse:
        """Write the reply; where it is refused, the form says why."""
        try:
            lifecycle.reply(self.thread, sender=self.mailbox, person=self.person, text=form.cleaned_data["body"])
        except ValidationError as error:
            form.add_error("body", error.messages)
            return self.form_invalid(form)
        flash.success(self.request, "The reply was sent.")
        return self.redirect("message_thread", self.thread.pk)


class ThreadActionView(ThreadMixin, View):
    """Mark a thread read or unread, archive it or bring it back; then return to the list as it was."""

    act = ""

    def post(self, request: HttpRequest, pk: int) -> HttpResponse:
        actions: dict[str, Callable[[], None]] = {
            "read": lambda: self.thread.mark_read(self.person),
            "unread": lambda: self.thread.mark_unread(self.person),
            "archive": lambda: self.thread.archive(self.mailbox),
            "unarchive": lambda: self.thread.unarchive(self.mailbox),
        }
        actions[self.act]()
        return self.redirect("messages", query=list_query(QueryDict(request.POST.get("list", ""))))


def name_other_ends(threads: Iterable[Any], mailbox: Mailbox) -> None:
    """Set `other_name` of each thread."""
    names = {end: correspondence.name_of(end) for end in {thread.other_end(mailbox) for thread in threads}}
    for thread in threads:
        thread.other_name = names[thread.other_end(mailbox)]


def words_of(given: QueryDict) -> str:
    return given.get("q", "")[:SEARCH_MAX_CHARS]


def list_query(given: QueryDict) -> str:
    """Return the part of an address that says which list is shown."""
    query = QueryDict(mutable=True)
    query.update({name: str(given[name]) for name in LIST_PARAMETERS if given.get(name)})
    return query.urlencode()
