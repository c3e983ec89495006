"""The menus of both consoles. Titles are marked safe by Unfold: never user text."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from backoffice.console.scope import current_white_label
from gateway.keys.doors import doors
from messages.models import Mailbox, Thread
from people.roles import Right, may
from whitelabel.models import SendingDomain, WhiteLabel
from whitelabel.models.transitions import Actor

Item = dict[str, Any]
Count = Callable[[HttpRequest], int]
BADGE_MAX = 99


@dataclass(frozen=True)
class Entry:
    """A page of a console by the name of its URL, with what its badge counts. `also` are more words it is found by."""

    title: str
    icon: str
    page: str
    count: Count | None = None
    also: str = ""


def unread_of_platform(request: HttpRequest) -> int:
    return unread_threads(request, Mailbox.platform())


def unread_of_white_label(request: HttpRequest) -> int:
    return unread_threads(request, current_white_label(request).mailbox)


OWNERS = {
    "": (
        Entry("Dashboard", "dashboard", "owner:index", also="home start"),
        Entry("Messages", "inbox", "owner:messages", unread_of_platform, also="inbox"),
    ),
    "Platform": (
        Entry("Applications", "apps", "owner:whitelabel_application_changelist"),
        Entry("White-labels", "storefront", "owner:whitelabel_whitelabel_changelist", also="tenants resellers"),
        Entry(
            "Domain requests",
            "dns",
            "owner:whitelabel_sendingdomain_changelist",
            lambda request: open_requests(),
            also="sending domains",
        ),
        Entry("Keys", "key", "owner:gateway_key_changelist", also="api"),
        Entry("DNS templates", "library_books", "owner:whitelabel_recordset_changelist", also="record sets"),
        Entry("Delivery log", "outgoing_mail", "owner:delivery_delivery_changelist", also="mail e-mails deliveries"),
        Entry("Suppressed addresses", "block", "owner:delivery_suppression_changelist", also="bounces blocked"),
        Entry("People", "group", "owner:people_user_changelist", also="users admins"),
        Entry("Import", "upload_file", "owner:import_lists", also="csv lists"),
    ),
    "Settings": (
        Entry("Communication", "mail_lock", "owner:communication", also="smtp server settings"),
        Entry("Audit log", "history", "owner:people_auditentry_changelist", also="history"),
        Entry("Help", "help", "owner:help", also="guide glossary docs"),
    ),
}
WHITE_LABELS = {
    "": (
        Entry("Home", "home", "whitelabel:index", also="dashboard start"),
        Entry("E-mail", "mail_lock", "whitelabel:email", also="smtp server domains settings"),
        Entry("Applications", "apps", "whitelabel:whitelabel_application_changelist"),
        Entry("Keys", "key", "whitelabel:gateway_key_changelist", also="api"),
        Entry("Messages", "inbox", "whitelabel:messages", unread_of_white_label, also="inbox"),
        Entry("Delivery log", "outgoing_mail", "whitelabel:delivery_delivery_changelist", also="mail deliveries"),
        Entry("Suppressed addresses", "block", "whitelabel:delivery_suppression_changelist", also="bounces blocked"),
        Entry("People", "group", "whitelabel:people", also="users colleagues invite"),
        Entry("Activity", "history", "whitelabel:activity", also="audit"),
        Entry("Help", "help", "whitelabel:help", also="guide glossary docs"),
    ),
}
OWNERS_ACTS = (
    Entry("New message", "edit", "owner:message_new", also="write"),
    Entry("Add application", "add", "owner:whitelabel_application_add", also="new create"),
    Entry("Add white-label", "add", "owner:whitelabel_whitelabel_add", also="new create"),
    Entry("Invite a person", "person_add", "owner:people_user_add", also="new add user"),
    Entry("Make a key", "key", "owner:gateway_key_add", also="new add api"),
    Entry("Second SMTP server", "mail_lock", "owner:second_server", also="standby"),
)
WHITE_LABELS_ACTS = (
    Entry("New message", "edit", "whitelabel:message_new", also="write"),
    Entry("Make a key", "key", "whitelabel:gateway_key_add", also="new add api"),
)


def of_owner(request: HttpRequest) -> list[Item]:
    return [group for group in _menu(request, OWNERS) if group["items"]]


def of_white_label(request: HttpRequest) -> list[Item]:
    return _menu(request, WHITE_LABELS)


def account_links(request: HttpRequest) -> list[Item]:
    """Return the links of the menu under the person's name."""
    links = [
        {"title": "Profile", "link": reverse("profile")},
        {"title": "Change password", "link": reverse("account_change_password")},
        {"title": "Two-step sign-in", "link": reverse("mfa_index")},
    ]
    near = WhiteLabel.objects.memberships_of(request.user)
    mine = sum(near)
    if near:
        links.append({"title": "Your white-labels", "link": reverse("memberships")})
    if mine > 1:
        links.append({"title": "Change white-label", "link": reverse("whitelabel:choose")})
    if mine and may(request.user, Right.SEE):
        links.append({"title": "Owner's console", "link": reverse("owner:index")})
        links.append({"title": "White-label console", "link": reverse("whitelabel:index")})
    return links


def unread_threads(request: HttpRequest, mailbox: Mailbox) -> int:
    """Count the threads of the inbox with something `request.user` has not read."""
    if not request.user.is_authenticated:
        return 0
    known: dict[int, int] = vars(request).setdefault("_unread_threads", {})
    if mailbox.pk not in known:
        known[mailbox.pk] = Thread.objects.in_inbox(mailbox).count_unread(mailbox, request.user)
    return known[mailbox.pk]


def open_requests() -> int:
    """Count the requests that wait for the owner's answer."""
    return SendingDomain.objects.waiting_for(Actor.OWNER).count()


def link_to(request: HttpRequest, entry: Entry) -> str:
    """Return the address of a page, "" where it is not installed, or not for the person."""
    try:
        link = reverse(entry.page)
    except NoReverseMatch:
        return ""
    is_there = ":gateway_key_" not in entry.page or doors()  # keys open the doors, if there are any
    return link if is_there and request.console.opens(request, link) else ""  # type: ignore[attr-defined]


def _menu(request: HttpRequest, groups: Mapping[str, Iterable[Entry]]) -> list[Item]:
    return [
        {"title": title, "separator": bool(title), "items": [*_items(request, entries)]}
        for title, entries in groups.items()
    ]


def _items(request: HttpRequest, entries: Iterable[Entry]) -> Iterator[Item]:
    for entry in entries:
        if link := link_to(request, entry):
            is_first = entry.page.endswith(":index")
            here = request.path == link if is_first else request.path.startswith(link)
            yield {"title": entry.title, "icon": entry.icon, "link": link, "active": here, **_badge(request, entry)}


def _badge(request: HttpRequest, entry: Entry) -> Item:
    if not entry.count:
        return {}
    count = entry.count(request)
    shown = {"badge": capped(count), "badge_variant": "primary"} if count else {}
    return {"badge_name": badge_of(entry.page), **shown}


def badge_of(name: str) -> str:
    """Return the id of the count beside the entry of the page with this name."""
    return f"badge-{name.replace(':', '-')}"


def capped(count: int) -> int | str:
    return count if count <= BADGE_MAX else f"{BADGE_MAX}+"
