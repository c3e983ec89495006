"""Limit how long PostgreSQL may take for each statement of a block; SQLite knows no such limit."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

from django.db import OperationalError, connection, transaction

CANCELLED = "57014"  # query_canceled (PostgreSQL, appendix A)


@contextmanager
def limited(milliseconds: int) -> Iterator[None]:
    """Have PostgreSQL end every statement of this block that takes longer: `OperationalError`, see `is_cancelled`.

    Of blocks in one another the innermost decides.
    """
    if connection.vendor != "postgresql":
        yield
        return
    with connection.execute_wrapper(partial(_limit_first, milliseconds)):
        yield
    if connection.in_atomic_block:
        _say("DEFAULT")  # for what is yet to come in the transaction; an error has taken it back


def is_cancelled(error: Exception) -> bool:
    """Return whether a statement ended because its time was up."""
    return isinstance(error, OperationalError) and getattr(error.__cause__, "sqlstate", "") == CANCELLED


def _limit_first(
    milliseconds: int, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Say the limit in the transaction of the statement, not to the session: a pool (PgBouncer) may give the session to
    somebody else before the next statement."""
    with nullcontext() if connection.in_atomic_block else transaction.atomic():
        _say(str(milliseconds))
        return execute(sql, params, many, context)


def _say(limit: str) -> None:
    """Set it for the rest of the transaction; one that an error has ended takes nothing but its taking back."""
    with connection.wrap_database_errors:
        if connection.connection.info.transaction_status.name == "INERROR":
            return
        connection.connection.execute(f"SET LOCAL statement_timeout = {limit}", prepare=False)
