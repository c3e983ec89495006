"""Keep up the list of a person's sessions (`allauth.usersessions`): from where each was last seen, and when.

What it calls the key of a session is the name of its row (`session_store`).
"""

from collections.abc import Callable
from typing import Any

from allauth.core.internal.httpkit import HTTP_USER_AGENT_MAX_LENGTH
from allauth.core.internal.sessionkit import get_session_user
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from backoffice.accounts.session_store import StoredSession, present_row
from people.client_address import client_address
from people.models import User

SECONDS = 60

View = Callable[[HttpRequest], HttpResponse]


class LastSeenMiddleware:
    """Write at most once in `SECONDS`, and follow a session whose key is changed, as when a factor is."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        former = present_row(request) if settings.SESSION_COOKIE_NAME in request.COOKIES else ""
        if former and request.user.is_authenticated and cache.add(f"seen:{former}", True, SECONDS):
            _note(request)
        response = self.get_response(request)
        present = present_row(request)
        if former and present and former != present and request.user.is_authenticated:
            _rename(former, present)
        return response


def note_sign_in(request: HttpRequest, user: User, **_: Any) -> None:
    open_sessions(user)
    _note(request)


def open_sessions(person: User) -> list[UserSession]:
    """Return the person's sessions, and forget those that are over."""
    listed = list(UserSession.objects.filter(user=person))
    over = [each for each in listed if get_session_user(StoredSession(each.session_key)) != person]
    UserSession.objects.filter(pk__in=[each.pk for each in over]).delete()
    return [each for each in listed if each not in over]


def _note(request: HttpRequest) -> None:
    ip = client_address(request)
    if not ip:
        return
    seen = {
        "user": request.user,
        "ip": ip,
        "user_agent": request.headers.get("User-Agent", "")[:HTTP_USER_AGENT_MAX_LENGTH],
        "last_seen_at": timezone.now(),
    }
    UserSession.objects.update_or_create(session_key=present_row(request), defaults=seen)


def _rename(former: str, present: str) -> None:
    """Keep the row of a session whose key was changed; where a sign-in has made another one, the former goes."""
    row = UserSession.objects.filter(session_key=former)
    if UserSession.objects.filter(session_key=present).exists():
        row.delete()
    else:
        row.update(session_key=present)
