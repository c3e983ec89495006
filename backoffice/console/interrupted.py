"""What somebody was sending when their session had ended: after the sign-in they are back at its page, and it is there.

It waits in the session of the visitor that they are meanwhile, for the person whom the page was made for alone. Only
a page that was made for somebody brings the proof of that, so strangers have nothing kept. Secrets are not.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import HttpResponseClientRedirect

from people.access import READING, Rights, access_of
from people.models import User

SESSION_KEY = "interrupted"
TYPED_BY = "typed_by"  # the field that a page's script adds to what it sends
SALT = "typed by"
CHARS_MAX = 100_000
FIELDS_MAX = 500
ONLY_POSTED_TO = {  # outside the consoles, whose pages say it themselves
    *("profile_email_cancel", "profile_sessions_end", "profile_session_end", "invitation_accept"),
    *("invitation_decline", "dns_check", "dns_status"),
}
CONSOLE_SLASHES = 2  # of a console's own address
ID = re.compile(r"/(\d+)(?=/)")
NOT_KEPT = re.compile(r"pass|secret|token|code|otp|credential|api.?key|^in_white_label$|^typed_by$", re.IGNORECASE)


def sign_in_first(request: HttpRequest, login: str | None = None) -> HttpResponse:
    """Send a stranger to the sign-in, and from there to the page that they came from with what they were sending."""
    if _is_part(request) and request.method in READING:
        return HttpResponse(status=401)  # the page stays as it is, with what is typed there
    page = request.get_full_path() if request.method in READING else page_before(request)
    if request.method == "POST":
        _keep(request, page)
    response = redirect_to_login(page, login)
    return HttpResponseClientRedirect(response.url) if _is_part(request) else response


def page_before(request: HttpRequest) -> str:
    """Return the address of the page that a request comes from; where it does not say, of one that can be read."""
    came_from = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        parts = urlsplit(came_from)
        if _can_be_read(parts.path):
            return f"{parts.path}?{parts.query}" if parts.query else parts.path
    return readable_above(request)


def readable_above(request: HttpRequest) -> str:
    """Return the nearest address that can be read: that of the request, or one that it continues."""
    steps = request.path.strip("/").split("/")
    above = ("/".join(("", *steps[:count], "")) for count in range(len(steps), 0, -1))
    return next((address for address in above if _can_be_read(address)), "/")


def token_of(person: User) -> str:
    """Return what says that a page was made for `person`."""
    return signing.Signer(salt=SALT).sign(str(person.pk))


def take(request: HttpRequest) -> Mapping[str, Any] | None:
    """Return what was typed on this page before its session ended, once; None where it was another one or somebody's.

    `fields` maps the names to their values, `action` is the address that they were sent to.
    """
    kept: dict[str, Any] | None = request.session.get(SESSION_KEY) if request.method in READING else None
    if not kept or not isinstance(request.user, User):
        return None
    if kept["person"] != request.user.pk:
        del request.session[SESSION_KEY]
        return None
    if request.path != urlsplit(kept["page"]).path:
        return None
    del request.session[SESSION_KEY]
    return kept


def follow(request: HttpRequest, response: HttpResponse) -> None:
    """Where the page only leads to another one when it is read, as an address that takes what is sent does, that one
    held the form."""
    if request.method not in READING or not response.has_header("Location"):
        return
    kept, leads_to = request.session.get(SESSION_KEY), urlsplit(response["Location"]).path
    if not kept or kept["person"] != request.user.pk or request.path != urlsplit(kept["page"]).path:
        return
    if _is_same_place(leads_to, request.path):
        request.session[SESSION_KEY] = {**kept, "page": leads_to}


def _keep(request: HttpRequest, page: str) -> None:
    try:
        person = int(signing.Signer(salt=SALT).unsign(request.POST.get(TYPED_BY, "")))
    except signing.BadSignature:
        return
    fields = {name: values for name, values in request.POST.lists() if not NOT_KEPT.search(name)}
    size = sum(len(value) for values in fields.values() for value in values)
    if size <= CHARS_MAX and len(fields) <= FIELDS_MAX:
        request.session[SESSION_KEY] = {"page": page, "action": request.path, "person": person, "fields": fields}


def _is_same_place(path: str, page: str) -> bool:
    """Return whether `path` is what held the form, where `page` only takes what is sent: above or beside it, not about
    another row, and no console's first page, where one is sent who is to have nothing else."""
    if path.count("/") <= CONSOLE_SLASHES:
        return False
    about, before = (ID.findall(address) for address in (path, page))
    if about != before[: len(about)]:
        return False
    return page.startswith(path) or path.rsplit("/", 2)[0] == page.rsplit("/", 2)[0]


def _is_part(request: HttpRequest) -> bool:
    """Return whether htmx asks, which would put the sign-in into the middle of a page."""
    return bool(request.headers.get("HX-Request"))


def _can_be_read(address: str) -> bool:
    try:
        match = resolve(address)
    except Resolver404:
        return False
    access = access_of(match.func)
    if isinstance(access, Rights):
        return access.get is not None
    view: Any = getattr(match.func, "view_class", None)
    return match.url_name not in ONLY_POSTED_TO and "get" in getattr(view, "http_method_names", ["get"])
