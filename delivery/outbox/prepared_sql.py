"""Say to PostgreSQL what is said for each message: bound by the server, planned once for a connection."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import psycopg
from django.db import connection


@contextmanager
def executed(sql: str, values: Sequence[Any] | Mapping[str, Any]) -> Iterator["psycopg.Cursor[Any]"]:
    """Execute a prepared statement over Django's connection; raises Django's errors."""
    connection.ensure_connection()
    with connection.wrap_database_errors, psycopg.Cursor(connection.connection) as cursor:
        cursor.execute(sql.encode(), values, prepare=True)
        yield cursor
