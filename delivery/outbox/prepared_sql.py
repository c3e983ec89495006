"""Say to PostgreSQL what is said for each message: bound by the server, planned once for a connection.

Placeholders are PostgreSQL's own ($1, $2): to look for others in a statement of hundreds takes longer than to run it.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import DEFAULT_DB_ALIAS, connections


@contextmanager
def executed(sql: str, values: Sequence[Any]) -> Iterator["psycopg.RawCursor[Any]"]:
    """Execute a prepared statement over Django's connection; raises Django's errors."""
    database = connections[DEFAULT_DB_ALIAS]  # found once: the name `connection` looks for it each time
    database.ensure_connection()
    with database.wrap_database_errors, psycopg.RawCursor(database.connection) as cursor:
        cursor.execute(sql.encode(), values, prepare=True)
        yield cursor
