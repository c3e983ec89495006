"""The audit log in tests: its guard stands as in production, and is lifted where a test's rows are taken away."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection

from people.append_only import GUARD, LIFT


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """Lift the guard within the transaction in which tests with transactions of their own empty the tables."""
    operations = type(connection.ops)  # each thread has a connection of its own
    flush = operations.sql_flush

    def flush_without_guard(self: Any, *args: Any, **kwargs: Any) -> list[str]:
        return [*LIFT[connection.vendor], *flush(self, *args, **kwargs), *GUARD[connection.vendor]]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(operations, "sql_flush", flush_without_guard)
        yield


@contextmanager
def lifted_guard() -> Iterator[None]:
    """Do what an attacker can who may alter the tables: lift the guard, and put it back."""
    with connection.cursor() as cursor:
        for statement in LIFT[connection.vendor]:
            cursor.execute(statement)
        yield
        for statement in GUARD[connection.vendor]:
            cursor.execute(statement)
