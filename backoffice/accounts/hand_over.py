"""From the host of a white-label's console to the site, where people sign in, and back with a session of its own.

The console keeps a secret in a cookie and sends its hash along (as PKCE does, RFC 7636). The site answers with a code
that holds at that host and in the browser that has the cookie (`hand_over_code`). Where to go then stays in the cookie.
The session at the console ends with the one at the site; to sign out at the console ends both.
"""

import re
import secrets
from collections.abc import Callable
from typing import Any, TypedDict
from urllib.parse import urlencode

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib import messages as flash
from django.contrib.auth import REDIRECT_FIELD_NAME, SESSION_KEY, logout
from django.contrib.auth.views import redirect_to_login
from django.contrib.sessions.backends.base import UpdateError
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from backoffice.accounts import hand_over_code, second_factor, sessions
from backoffice.accounts.session_store import StoredSession, present_row
from backoffice.console.hosts import host_of, url_at, white_label_at
from backoffice.console.scope import SESSION_KEY as WHITE_LABEL
from backoffice.console.scope import white_labels_of
from people.models import User

SIGN_IN_SECONDS = 15 * 60
COOKIE_SALT = "hand-over cookie"
AT_SITE = "session_at_site"  # in a session at a console: the row of the one at the site
STAYS = ("console_arrive", "account_logout")  # pages of the accounts that a console's host answers itself
CHALLENGE = re.compile(r"[0-9a-f]{64}")


class Departure(TypedDict):
    """What the console's host keeps in the browser meanwhile."""

    secret: str
    next: str


class ConsoleHostMiddleware:
    """Send people from a white-label's console host to the site for whatever is about their account."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.SESSION_COOKIE_NAME in request.COOKIES and AT_SITE in request.session:
            follow_site(request)
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: object, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        name = request.resolver_match.url_name if request.resolver_match else ""
        if not request.path.startswith("/accounts/") or name in STAYS or white_label_at(host_of(request)) is None:
            return None
        return depart(request) if name == "account_login" else HttpResponseRedirect(settings.SITE_URL + request.path)


def depart(request: HttpRequest) -> HttpResponse:
    """Leave a console's host for the site, to come back signed in."""
    wanted = request.GET.get(REDIRECT_FIELD_NAME, "")
    safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts=None)
    departure = Departure(secret=secrets.token_urlsafe(32), next=wanted if safe else "/")
    query = urlencode({"challenge": hand_over_code.challenge_of(departure["secret"])})
    response = HttpResponseRedirect(f"{settings.SITE_URL}{reverse('console_leave', args=[host_of(request)])}?{query}")
    response.set_cookie(
        settings.HAND_OVER_COOKIE_NAME,
        signing.dumps(departure, salt=COOKIE_SALT),
        max_age=SIGN_IN_SECONDS,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@require_GET
@never_cache
def leave(request: HttpRequest, host: str) -> HttpResponse:
    """At the site: have the person sign in, and give the browser a code for the console at `host`.

    It goes on by a page, not by a redirect: where a form leads to must stay on this origin (`form-action`).
    """
    white_label, challenge = white_label_at(host), request.GET.get("challenge", "")
    if white_label is None or not CHALLENGE.fullmatch(challenge):
        raise Http404
    if not isinstance(request.user, User):
        return redirect_to_login(request.get_full_path())
    if not white_labels_of(request.user).filter(pk=white_label.pk).exists():
        return render(request, "account/wrong_console_host.html", {"host": host}, status=403)
    why = second_factor.demanded_in(white_label)
    if why and not second_factor.has_one(request):
        flash.info(request, why)
        return redirect("mfa_index")
    code = hand_over_code.issue(
        request.user,
        host=host,
        challenge=challenge,
        by_organisation=second_factor.by_trusted_organisation(request, request.user),
        session=present_row(request),
    )
    address = f"{url_at(host, reverse('console_arrive'))}?{urlencode({'code': code})}"
    return render(request, "account/going_on.html", {"address": address, "white_label": white_label})


@require_GET
@never_cache
def arrive(request: HttpRequest) -> HttpResponse:
    """At the console's host: take the code and sign the person in."""
    host = host_of(request)
    white_label = white_label_at(host)
    if white_label is None:
        raise Http404
    departure = _departure(request)
    arrival = hand_over_code.use(request.GET.get("code", ""), host=host, secret=departure["secret"])
    if arrival is None:
        return render(request, "account/not_arrived.html", status=403)
    get_adapter(request).login(request, arrival.person)
    request.session[AT_SITE], request.session[WHITE_LABEL] = arrival.session, white_label.pk
    if arrival.by_organisation:
        record_authentication(request, arrival.person, second_factor.BY_ORGANISATION)
    response = HttpResponseRedirect(departure["next"])
    response.delete_cookie(settings.HAND_OVER_COOKIE_NAME, samesite="Lax")
    return response


def follow_site(request: HttpRequest) -> None:
    """End the session of a console where the one at the site has ended, and keep that one from being idle meanwhile."""
    at_site = StoredSession(request.session[AT_SITE])
    if at_site.get(SESSION_KEY) != request.session.get(SESSION_KEY):
        logout(request)
    elif (seen := int(request.session.get(sessions.SEEN, 0))) > int(at_site.get(sessions.SEEN, 0)):
        at_site[sessions.SEEN] = seen
        try:
            at_site.save()
        except UpdateError:  # it ended in between
            logout(request)


def end_at_site(request: HttpRequest) -> None:
    """End the session at the site of somebody who signs out at a console."""
    if AT_SITE in request.session:
        StoredSession(request.session[AT_SITE]).delete()


def _departure(request: HttpRequest) -> Departure:
    """Return what the browser kept; a secret that fits no code where it kept nothing."""
    try:
        departure: Departure = signing.loads(
            request.COOKIES.get(settings.HAND_OVER_COOKIE_NAME, ""), salt=COOKIE_SALT, max_age=SIGN_IN_SECONDS
        )
    except signing.BadSignature:
        return Departure(secret=secrets.token_urlsafe(32), next="/")
    return departure
