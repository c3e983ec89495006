"""Keep up the list of a person's sessions (`allauth.usersessions`): from where each was last seen, and when."""

from collections.abc import Callable
from hashlib import sha256

from allauth.core.internal.httpkit import HTTP_USER_AGENT_MAX_LENGTH
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from people.client_address import client_address

SECONDS = 60

View = Callable[[HttpRequest], HttpResponse]


class LastSeenMiddleware:
    """Write at most once in `SECONDS`, and follow a session whose key is changed, as when a factor is."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        former = request.session.session_key if settings.SESSION_COOKIE_NAME in request.COOKIES else None
        if former and request.user.is_authenticated and cache.add(_name(former), True, SECONDS):
            _note(request, former)
        response = self.get_response(request)
        present = request.session.session_key
        if former and present and former != present and request.user.is_authenticated:
            _rename(former, present)
        return response


def _name(session_key: str) -> str:
    """Return what the cache calls a session; whoever reads the cache must not learn its key."""
    return f"seen:{sha256(session_key.encode()).hexdigest()}"


def _note(request: HttpRequest, session_key: str) -> None:
    ip = client_address(request)
    if not ip:
        return
    seen = {
        "user": request.user,
        "ip": ip,
        "user_agent": request.headers.get("User-Agent", "")[:HTTP_USER_AGENT_MAX_LENGTH],
        "last_seen_at": timezone.now(),
    }
    UserSession.objects.update_or_create(session_key=session_key, defaults=seen)


def _rename(former: str, present: str) -> None:
    """Keep the row of a session whose key was changed; where a sign-in has made another one, the former goes."""
    row = UserSession.objects.filter(session_key=former)
    if UserSession.objects.filter(session_key=present).exists():
        row.delete()
    else:
        row.update(session_key=present)
