"""Say to PostgreSQL what is said for each message: bound by the server, planned once for a connection.

Placeholders are PostgreSQL's own ($1, $2): to look for others in a statement of hundreds takes longer than to run it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection


@contextmanager
def executed(sql: str, values: Sequence[Any]) -> Iterator["psycopg.RawCursor[Any]"]:
    """Execute a prepared statement over Django's connection; raises Django's errors."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.RawCursor(connection.connection) as cursor:
        cursor.execute(sql.encode(), values, prepare=True)
        yield cursor
