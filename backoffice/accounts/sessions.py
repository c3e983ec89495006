"""How long a session lasts without a request: shorter for those who may use the owner's console."""

import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse

from people.roles import Right, may

SEEN = "seen"  # in the session: the second of the last request, within `NOTED_EVERY_SECONDS`
NOTED_EVERY_SECONDS = 60
ASKED_BY_ITSELF = "live"
LOOKING_AGAIN = ("delivery_delivery_bulk", "delivery_delivery_change", "import_list", "index")  # parts of these pages

View = Callable[..., HttpResponse]


class IdleSessionMiddleware:
    """End a session that was idle for too long, and note in it that it is used, at most once a minute."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if getattr(view, "csrf_exempt", False):
            return  # the HTTP API and the page behind a link know no session, and set no cookie
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            note_use(request, by_itself=is_by_itself(request))


def is_by_itself(request: HttpRequest) -> bool:
    """Return whether an open page asks, and nobody: that keeps no session alive."""
    name = request.resolver_match.url_name if request.resolver_match else None
    is_part = request.method == "GET" and "HX-Request" in request.headers
    return name == ASKED_BY_ITSELF or (is_part and (name in LOOKING_AGAIN or "look" in request.GET))


def note_use(request: HttpRequest, *, by_itself: bool = False) -> None:
    """End the session of a signed-in person where it was idle for too long; otherwise it begins to be idle now."""
    now, limit = int(time.time()), idle_seconds(request.user)
    seen = int(request.session.get(SEEN, now - NOTED_EVERY_SECONDS))
    if now - seen > limit:
        logout(request)
    elif now - seen >= NOTED_EVERY_SECONDS and not by_itself:
        start(request)


def start(request: HttpRequest) -> None:
    """Let the idle time of the session, its row and its cookie begin now."""
    request.session[SEEN] = int(time.time())
    request.session.set_expiry(idle_seconds(request.user))


def idle_seconds(person: object) -> int:
    of_platform = may(person, Right.SEE)
    return int(settings.OWNER_SESSION_SECONDS if of_platform else settings.SESSION_SECONDS)
