"""The history and the conversation of a domain request, as the pages of both sides show them."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.utils.text import Truncator

from backoffice.shared_pages.domain_display import LABELS
from messages.forms import ConversationForm
from messages.models import Mailbox, Message
from whitelabel.correspondence import name_of
from whitelabel.models import DomainEvent, SendingDomain
from whitelabel.models.transitions import Actor, State, Transition

EVENTS_SHOWN, MESSAGES_SHOWN, WORDS_CHARS = 20, 10, 400
BY_ITSELF = "by itself"


@dataclass(frozen=True)
class HistoryEntry:
    """`who` is who made the transition in the reader's words; `state` is the new one, "" where it stayed."""

    event: DomainEvent
    who: str
    state: str
    variant: str
    words: str


def history(request: HttpRequest, domain: SendingDomain, reader: Mailbox) -> dict[str, Any]:
    """Return the newest events first, as the side of `reader` may read them, all of them where the address asks so."""
    events = domain.events.all()
    hidden = 0 if "all" in request.GET else max(0, events.count() - EVENTS_SHOWN)
    listed = events if "all" in request.GET else events[:EVENTS_SHOWN]
    names = {Actor.PRODUCT: BY_ITSELF} | ({} if reader == Mailbox.platform() else {Actor.OWNER: _platform()})
    return {"history": [_entry(event, names) for event in listed], "hidden_events": hidden}


def conversation(domain: SendingDomain, reader: Mailbox, form: ConversationForm | None = None) -> dict[str, Any]:
    """Return the newest messages of the request's thread, oldest first; `form` as posted."""
    written = Message.objects.filter(thread=domain.thread_id).select_related("sender", "author")
    newest = list(written.order_by("-at", "-id")[:MESSAGES_SHOWN])[::-1]
    platform = reader == Mailbox.platform()
    return {
        "written": newest,
        "earlier": max(0, written.count() - MESSAGES_SHOWN),
        "mailbox": reader,
        "other": name_of(domain.white_label.mailbox if platform else Mailbox.platform()),
        "shows_authors": platform,
        "message_form": form or ConversationForm(),
    }


def mark_read(domain: SendingDomain, person: Model) -> None:
    """Whoever sees the page of a request has read its conversation."""
    if domain.thread:
        domain.thread.mark_read(person)


def _entry(event: DomainEvent, names: dict[Actor, str]) -> HistoryEntry:
    changed = event.from_state != event.to_state
    return HistoryEntry(
        event,
        names.get(Actor(event.actor), event.who),
        event.get_to_state_display() if changed and event.transition != Transition.REQUEST else "",
        LABELS.get(State(event.to_state), ""),
        Truncator(event.words).chars(WORDS_CHARS),
    )


def _platform() -> str:
    return name_of(Mailbox.platform())
