"""Refuse an address that no page can read before a page sees it: octets that are no UTF-8, and NUL."""

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


class ReadableMiddleware:
    """Answer 400 where the path or the query is no text: Django would put U+FFFD in its place, and no column of
    PostgreSQL takes NUL. Forms say it at the field themselves.

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
        if "\0" in request.path_info or not _is_text(unquote_to_bytes(query)):
            raise BadRequest("The address is no text.")


def _is_text(octets: bytes) -> bool:
    try:
        return "\0" not in octets.decode()
    except UnicodeDecodeError:
        return False
