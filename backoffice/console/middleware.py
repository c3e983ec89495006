"""Mark each request with the console whose page it asks for, before anything else looks at the page."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

View = Callable[..., HttpResponse]


class ConsoleMiddleware:
    """Set `request.console`: the console that marked the view as its own (`Console.get_urls`), or None."""

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.console = None  # type: ignore[attr-defined]
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        request.console = getattr(view, "console", None)  # type: ignore[attr-defined]
