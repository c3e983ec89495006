"""Let no page of a console keep the database busy for long: its statements end after some seconds, with a page."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext
from functools import partial
from typing import Any

from django.db import OperationalError, connection, transaction
from django.http import HttpRequest, HttpResponse

MOST_SECONDS = 5
CANCELLED = "57014"  # query_canceled (PostgreSQL, appendix A)

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
        """Answer whoever asked for too much."""
        if not is_cancelled(exception):
            return None
        console = request.console  # type: ignore[attr-defined]
        context = {"title": "This took too long", "seconds": MOST_SECONDS, "first_page": f"{console.name}:index"}
        answer: HttpResponse = console.render(request, "console/too_long.html", context, status=503)
        return answer


@contextmanager
def limited(milliseconds: int) -> Iterator[None]:
    """Have PostgreSQL end every statement of this block after so long, the inner block's limit first.

    SQLite has no such limit.
    """
    of_postgresql = connection.vendor == "postgresql"
    with connection.execute_wrapper(partial(_limit_first, milliseconds)) if of_postgresql else nullcontext():
        yield


def is_cancelled(error: Exception) -> bool:
    """Return whether a statement ended because its time was up."""
    return isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", "") == CANCELLED


def _limit_first(
    milliseconds: int, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Say the limit in the transaction of the statement, not to the session: a pool (PgBouncer) may give the session to
    somebody else before the next statement."""
    with nullcontext() if connection.in_atomic_block else transaction.atomic():
        with connection.wrap_database_errors:
            connection.connection.execute(f"SET LOCAL statement_timeout = {milliseconds}", prepare=False)
        return execute(sql, params, many, context)
