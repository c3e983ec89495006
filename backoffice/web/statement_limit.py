"""Let no page of a console keep the database busy for long: its statements end after some seconds, with a page."""

from collections.abc import Callable
from typing import Any

from django.db import OperationalError, connection
from django.http import HttpRequest, HttpResponse

MOST_SECONDS = 5
CANCELLED = "57014"  # query_canceled (PostgreSQL, appendix A)

View = Callable[..., HttpResponse]


class StatementLimitMiddleware:
    """Limit what the views of consoles ask PostgreSQL for; 503 where that is over.

    The limit is the session's and is taken back with the answer: the same connection serves the doors, whose requests
    have none, and what is streamed after it. SQLite has no such limit.
    """

    def __init__(self, get_response: View) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        finally:
            if getattr(request, "_statements_limited", False):
                _say("RESET statement_timeout")

    def process_view(self, request: HttpRequest, view: View, args: tuple[Any, ...], kwargs: dict[str, Any]) -> None:
        if getattr(view, "console", None) is not None and connection.vendor == "postgresql":
            _say(f"SET statement_timeout = '{MOST_SECONDS}s'")
            request._statements_limited = True  # type: ignore[attr-defined]

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """Answer whoever asked for too much."""
        if not (isinstance(exception, OperationalError) and getattr(exception.__cause__, "sqlstate", "") == CANCELLED):
            return None
        console = request.console  # type: ignore[attr-defined]
        context = {"title": "This took too long", "seconds": MOST_SECONDS, "first_page": f"{console.name}:index"}
        answer: HttpResponse = console.render(request, "console/too_long.html", context, status=503)
        return answer


def _say(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
