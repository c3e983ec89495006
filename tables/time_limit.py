"""Let the statements of a block end after some time."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any

from django.db import OperationalError, connection, transaction
from psycopg.pq import TransactionStatus

CANCELLED = "57014"  # query_canceled (PostgreSQL, appendix A)


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
    if connection.connection and connection.connection.info.transaction_status == TransactionStatus.INERROR:
        return execute(sql, params, many, context)  # nothing is listened to but the way back to a savepoint
    with nullcontext() if connection.in_atomic_block else transaction.atomic():
        with connection.wrap_database_errors:
            connection.connection.execute(f"SET LOCAL statement_timeout = {milliseconds}", prepare=False)
        return execute(sql, params, many, context)
