"""The menus of both consoles. Titles are marked safe by Unfold: never user text."""

from typing import Any

from django.db.models import Q
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from backoffice.console.scope import current_white_label, white_labels_of
from gateway.keys.doors import doors
from messages.models import Mailbox, Thread
from people.roles import Right, may
from whitelabel.models import Invitation, SendingDomain
from whitelabel.models.transitions import Actor

Item = dict[str, Any]
BADGE_MAX = 99


def of_owner(request: HttpRequest) -> list[Item]:
    return _without_empty(
        _group(
            "",
            _item(request, "Dashboard", "dashboard", "owner:index"),
            _item(request, "Messages", "inbox", "owner:messages", unread_threads(request, Mailbox.platform())),
        ),
        _group(
            "Platform",
            _item(request, "Applications", "apps", "owner:whitelabel_application_changelist"),
            _item(request, "White-labels", "storefront", "owner:whitelabel_whitelabel_changelist"),
            _item(
                request,
                "Domain requests",
                "dns",
                "owner:whitelabel_sendingdomain_changelist",
                open_requests(),
            ),
            _keys(request, "owner"),
            _item(request, "Record sets", "library_books", "owner:whitelabel_recordset_changelist"),
            _item(request, "Delivery log", "outgoing_mail", "owner:delivery_delivery_changelist"),
            _item(request, "Suppressed addresses", "block", "owner:delivery_suppression_changelist"),
            _item(request, "People", "group", "owner:people_user_changelist"),
            _item(request, "Import", "upload_file", "owner:import_lists"),
        ),
        _group(
            "Settings",
            _item(request, "Communication", "mail_lock", "owner:communication"),
            _item(request, "Audit log", "history", "owner:people_auditentry_changelist"),
            _item(request, "Help", "help", "owner:help"),
        ),
    )


def of_white_label(request: HttpRequest) -> list[Item]:
    mailbox = current_white_label(request).mailbox
    return [
        _group(
            "",
            _item(request, "Home", "home", "whitelabel:index"),
            _item(request, "E-mail", "mail_lock", "whitelabel:email"),
            _item(request, "Applications", "apps", "whitelabel:whitelabel_application_changelist"),
            _keys(request, "whitelabel"),
            _item(request, "Messages", "inbox", "whitelabel:messages", unread_threads(request, mailbox)),
            _item(request, "Delivery log", "outgoing_mail", "whitelabel:delivery_delivery_changelist"),
            _item(request, "Suppressed addresses", "block", "whitelabel:delivery_suppression_changelist"),
            _item(request, "People", "group", "whitelabel:people"),
            _item(request, "Activity", "history", "whitelabel:activity"),
            _item(request, "Help", "help", "whitelabel:help"),
        ),
    ]


def account_links(request: HttpRequest) -> list[Item]:
    """Return the links of the menu under the person's name."""
    links = [
        {"title": "Profile", "link": reverse("profile")},
        {"title": "Change password", "link": reverse("account_change_password")},
        {"title": "Two-step sign-in", "link": reverse("mfa_index")},
    ]
    mine = white_labels_of(request.user).count()
    if mine or Invitation.objects.filter(person=request.user.pk).exists():
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
    return Thread.objects.in_inbox(mailbox).with_unread(mailbox, request.user).filter(Q(unread=True)).count()


def open_requests() -> int:
    """Count the requests that wait for the owner's answer."""
    return SendingDomain.objects.waiting_for(Actor.OWNER).count()


def _group(title: str, *items: Item | None) -> Item:
    return {"title": title, "separator": bool(title), "items": [item for item in items if item]}


def _without_empty(*groups: Item) -> list[Item]:
    return [group for group in groups if group["items"]]


def _keys(request: HttpRequest, console: str) -> Item | None:
    """Return the entry of the keys, None while there is no door that they open."""
    return _item(request, "Keys", "key", f"{console}:gateway_key_changelist") if doors() else None


def _item(request: HttpRequest, title: str, icon: str, name: str, count: int = 0) -> Item | None:
    """Return a menu entry, None where the page is not installed, or not for the person."""
    try:
        link = reverse(name)
    except NoReverseMatch:
        return None
    if not request.console.opens(request, link):  # type: ignore[attr-defined]
        return None
    here = request.path == link if name.endswith(":index") else request.path.startswith(link)
    item: Item = {"title": title, "icon": icon, "link": link, "active": here}
    if count:
        item |= {"badge": count if count <= BADGE_MAX else f"{BADGE_MAX}+", "badge_variant": "primary"}
    return item
