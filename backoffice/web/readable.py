"""Refuse what no page can read before a page sees it: octets that are no UTF-8, and NUL, which no column takes."""

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import unquote_to_bytes

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, UnreadablePostError

View = Callable[..., HttpResponse]


class ReadableMiddleware:
    """Answer 400 where the address, the query or a form holds what is no text; Django would put U+FFFD in its place.

    This is for the pages that are protected against forged forms. The HTTP API reads its requests by itself, and
    refuses in JSON; the page behind a link reads nothing.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if getattr(view, "csrf_exempt", False):
            return
        query = request.META.get("QUERY_STRING", "").encode("latin-1", "replace")
        if not _is_text(unquote_to_bytes(query)) or "\0" in request.path_info:
            raise BadRequest("The address is no text.")
        if request.method == "POST" and _has_nul(_fields(request)):
            raise BadRequest("The form holds NUL.")


def _fields(request: HttpRequest) -> Iterable[tuple[str, list[Any]]]:
    try:
        return request.POST.lists()
    except UnreadablePostError as error:
        raise BadRequest("The form ended early.") from error


def _is_text(octets: bytes) -> bool:
    try:
        return "\0" not in octets.decode()
    except UnicodeDecodeError:
        return False


def _has_nul(fields: Iterable[tuple[str, list[Any]]]) -> bool:
    return any("\0" in text for name, values in fields for text in (name, *values))
