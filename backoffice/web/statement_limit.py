"""Let no page of a console keep the database busy for long: its statements end after some seconds, with a page."""

from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from django.http import HttpRequest, HttpResponse

from tables.statement_limit import is_cancelled, limited

MOST_SECONDS = 5

View = Callable[..., HttpResponse]


class StatementLimitMiddleware:
    """Limit what the views of consoles ask the database for; 503 where that is over.

    The doors have no limit, and neither has what is streamed after the answer.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        with ExitStack() as limits:
            request._limits = limits  # type: ignore[attr-defined]
            return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if getattr(view, "console", None) is not None:
            request._limits.enter_context(limited(MOST_SECONDS * 1000))  # type: ignore[attr-defined]

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer whoever asked for too much of a console; elsewhere the database ended it by a limit of its own."""
        console = request.console  # type: ignore[attr-defined]
        if console is None or not is_cancelled(exception):
            return None
        context = {"title": "This took too long", "seconds": MOST_SECONDS, "first_page": f"{console.name}:index"}
        answer: HttpResponse = console.render(request, "console/too_long.html", context, status=503)
        return answer
