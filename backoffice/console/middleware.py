"""The gate before every view: it lets in whom the page is for, as the page itself declares (`people.access`).

Tries that a console refuses are counted in the audit log.
"""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import BaseForm, ModelChoiceField
from django.http import Http404, HttpRequest, HttpResponse

from backoffice.console.interrupted import follow, sign_in_first
from people.access import Access, Audience, access_of
from people.client_address import client_address
from people.models import User
from people.refusals import note_refusal

NOT_OFFERED = "invalid_choice"
View = Callable[..., HttpResponse]


class ConsoleMiddleware:
    """Turn away whom a page is not for; a page that declares nothing is for nobody.

    Sets `request.console`: the console whose page is asked for (`Console.get_urls`), or None.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.console = None  # type: ignore[attr-defined]
        response = self.get_response(request)
        if request.console and request.console.counts(response):  # type: ignore[attr-defined]
            note_refused(request)
        if request.console:  # type: ignore[attr-defined]
            follow(request, response)
        return response

    def process_view(
        self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        request.console = getattr(view, "console", None)  # type: ignore[attr-defined]
        return turn_away(request, access_of(view))


def note_refused(request: HttpRequest) -> None:
    """Count a refused try of somebody who is signed in; what has no name is no page but a mistyped address."""
    match = request.resolver_match
    if match is not None and match.url_name and isinstance(request.user, User):
        note_refusal(f"/{match.route}", person=request.user, address=client_address(request))


def note_refused_choice(request: HttpRequest, form: BaseForm) -> None:
    """Count it where a form names a row that it does not offer: somebody else's, or one that is not there."""
    choosers = [name for name, field in form.fields.items() if isinstance(field, ModelChoiceField)]
    if any(form.has_error(name, NOT_OFFERED) for name in choosers):
        note_refused(request)


def turn_away(request: HttpRequest, access: Access | None) -> HttpResponse | None:
    """Return the answer to whoever the page is not for, None to whoever may have it; raises `Http404` for nobody's.

    Whether a key of the API opens it, the door of the API finds out.
    """
    if access is None:
        raise PermissionDenied
    if access is Audience.NOBODY:
        raise Http404
    if access is Audience.SIGNED_IN and not request.user.is_authenticated:
        return sign_in_first(request)
    if isinstance(access, Audience):
        return None
    refused: HttpResponse | None = request.console.turn_away(request, access)  # type: ignore[attr-defined]
    return refused
