"""The inbox pages of a console, the same for both: whose mailbox it is and where things are is given."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.contrib import messages as flash
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404
from django.urls import URLPattern, path, reverse
from django.views.decorators.http import require_GET, require_POST

from backoffice.console.site import Console
from backoffice.shared_pages.domain_display import display_of
from messages.forms import MessageForm, NewMessageForm
from messages.models import Mailbox, Message, Thread, ThreadQuerySet
from whitelabel import correspondence
from whitelabel.domains import lifecycle
from whitelabel.models import SendingDomain

THREADS_A_PAGE = 25
MESSAGES_SHOWN = 50
SEARCH_MAX_CHARS = 200
KEPT_IN_ADDRESS = ("tab", "q", "page")


@dataclass(frozen=True)
class MessagePages:
    """`domain_page` is the name of the page of a request on this side."""

    console: Console
    mailbox_of: Callable[[HttpRequest], Mailbox]
    new_form: Callable[[QueryDict | None], NewMessageForm]
    domain_page: str
    shows_authors: bool

    def urls(self) -> list[URLPattern]:
        page = self.console.page
        return [
            path("messages/", page(require_GET(self.inbox)), name="messages"),
            path("messages/new/", page(self.new), name="message_new"),
            path("messages/<int:pk>/", page(self.thread), name="message_thread"),
            path("messages/<int:pk>/<slug:act>/", page(require_POST(self.move)), name="message_move"),
        ]

    def inbox(self, request: HttpRequest) -> HttpResponse:
        """List threads, those of the inbox or the archived ones, possibly only those with some words."""
        mailbox = self.mailbox_of(request)
        archived = request.GET.get("tab") == "archived"
        words = request.GET.get("q", "")[:SEARCH_MAX_CHARS]
        threads = Thread.objects.archived(mailbox) if archived else Thread.objects.in_inbox(mailbox)
        found = self._annotated(threads.search(words), request, mailbox)
        page = Paginator(found, THREADS_A_PAGE).get_page(request.GET.get("page"))
        _name_other_ends(page.object_list, mailbox)
        context = {"page": page, "archived": archived, "words": words, "mailbox": mailbox, "kept": _kept(request.GET)}
        return self._render(request, "messages", {"title": "Messages", **context})

    def new(self, request: HttpRequest) -> HttpResponse:
        mailbox = self.mailbox_of(request)
        form = self.new_form(request.POST if request.method == "POST" else None)
        if not form.is_valid():
            context = {"title": "New message", "form": form}
            return self._render(request, "messages_new", context, status=422 if form.is_bound else 200)
        thread = correspondence.write(
            sender=mailbox,
            receiver=form.cleaned_data.get("receiver") or Mailbox.platform(),
            subject=form.cleaned_data["subject"],
            body=form.cleaned_data["body"],
            author=_person(request),
        )
        flash.success(request, "The message was sent.")
        return self._to("message_thread", thread.pk)

    def thread(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show a thread, which marks it read; a reply is posted here, which may answer a request."""
        mailbox = self.mailbox_of(request)
        thread = self._found(request, mailbox, pk)
        form = MessageForm(request.POST if request.method == "POST" else None)
        if form.is_valid() and _replied(request, form, thread, mailbox):
            flash.success(request, "The reply was sent.")
            return self._to("message_thread", thread.pk)
        thread.mark_read(_person(request))
        context = {"title": thread.subject, "form": form, **self._of_thread(request, mailbox, thread)}
        return self._render(request, "messages_thread", context, status=422 if form.is_bound else 200)

    def move(self, request: HttpRequest, pk: int, act: str) -> HttpResponse:
        """Mark read or unread, put away or bring back; then return to the list as it was."""
        mailbox = self.mailbox_of(request)
        thread = self._found(request, mailbox, pk)
        acts: dict[str, tuple[Callable[[Any], None], models.Model]] = {
            "read": (thread.mark_read, _person(request)),
            "unread": (thread.mark_unread, _person(request)),
            "archive": (thread.archive, mailbox),
            "unarchive": (thread.unarchive, mailbox),
        }
        if act not in acts:
            raise Http404
        move, subject = acts[act]
        move(subject)
        return self._to("messages", query=_kept(QueryDict(request.POST.get("kept", ""))))

    def _of_thread(self, request: HttpRequest, mailbox: Mailbox, thread: Thread) -> dict[str, Any]:
        written = Message.objects.filter(thread=thread).select_related("sender", "author")
        hidden = 0 if "all" in request.GET else max(0, written.count() - MESSAGES_SHOWN)
        return {
            "thread": thread,
            "mailbox": mailbox,
            "other": correspondence.name_of(thread.other_end(mailbox)),
            "written": written[hidden:],
            "hidden": hidden,
            "archived": thread.archived_in.filter(pk=mailbox.pk).exists(),
            "heard_from": Message.objects.heard_by(mailbox).filter(thread=thread).exists(),
            **self._of_request(thread),
        }

    def _of_request(self, thread: Thread) -> dict[str, Any]:
        """Return where the request stands that the thread is about."""
        domain = SendingDomain.objects.with_turn().filter(thread=thread).prefetch_related("records").first()
        if domain is None:
            return {}
        return {"item": display_of(domain), "domain_address": reverse(self.domain_page, args=[domain.pk])}

    def _found(self, request: HttpRequest, mailbox: Mailbox, pk: int) -> Thread:
        return get_object_or_404(Thread.objects.of(mailbox).select_related("opened_by", "opened_with"), pk=pk)

    def _annotated(self, threads: ThreadQuerySet, request: HttpRequest, mailbox: Mailbox) -> ThreadQuerySet:
        shown = threads.with_unread(mailbox, _person(request)).with_latest()
        return shown.select_related("opened_by", "opened_with")

    def _render(self, request: HttpRequest, page: str, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
        shared = {"urls": self.console.name, "shows_authors": self.shows_authors}
        return self.console.render(request, f"console/{page}.html", {**shared, **context}, status=status)

    def _to(self, name: str, *args: object, query: str = "") -> HttpResponse:
        address = reverse(f"{self.console.name}:{name}", args=args)
        return HttpResponseRedirect(f"{address}?{query}" if query else address)


def _name_other_ends(threads: Iterable[Any], mailbox: Mailbox) -> None:
    names = {end: correspondence.name_of(end) for end in {thread.other_end(mailbox) for thread in threads}}
    for thread in threads:
        thread.other_name = names[thread.other_end(mailbox)]


def _kept(given: QueryDict) -> str:
    """Return the part of an address that says which list was shown."""
    kept = QueryDict(mutable=True)
    kept.update({name: str(given[name]) for name in KEPT_IN_ADDRESS if given.get(name)})
    return kept.urlencode()


def _replied(request: HttpRequest, form: MessageForm, thread: Thread, mailbox: Mailbox) -> bool:
    """Write the reply; where it is refused, the form says why."""
    try:
        lifecycle.reply(thread, sender=mailbox, person=_person(request), text=form.cleaned_data["body"])
    except ValidationError as error:
        form.add_error("body", error.messages)
    return form.is_valid()


def _person(request: HttpRequest) -> models.Model:
    assert isinstance(request.user, models.Model)
    return request.user
