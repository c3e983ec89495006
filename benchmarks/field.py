"""Where contestants meet: the same machine, messages, sink, databases and broker for all of them."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from benchmarks import surroundings
from benchmarks.databases import POSTGRESQL, SQLITE, Databases, SqliteFiles, postgresql_server
from benchmarks.processes import Process
from benchmarks.sinks import Sink, start_sink

UNPINNED, ONE_CORE = "unpinned", "one-core"
PLACEMENTS = (UNPINNED, ONE_CORE)
PRODUCT, POST_OFFICE = "product", "post_office"


@dataclass(frozen=True)
class Run:
    """What one run of a contestant came to."""

    messages: int
    seconds: float
    cpu_seconds: float
    peak_rss_mb: float


@dataclass(frozen=True)
class Field:
    """`cores` holds every process that takes part; empty means wherever the kernel puts it."""

    messages: int
    folder: Path
    cores: frozenset[int]
    databases: dict[str, Databases]
    _numbers: "count[int]"

    @contextmanager
    def sink(self, *, delay_ms: float = 0, certificate: str = "") -> Iterator[Sink]:
        sink = start_sink(self.new_folder("sink"), self.cores, delay_ms=delay_ms, certificate=certificate)
        with sink.process:
            yield sink

    @contextmanager
    def broker(self, folder: Path) -> Iterator[Process]:
        with surroundings.start_broker(folder, self.cores) as broker:
            yield broker

    @contextmanager
    def copy(self, kind: str, template: str) -> Iterator[tuple[str, str]]:
        """Give name and address of a fresh database with the tables of `template`."""
        name = f"{template}_{next(self._numbers)}"
        try:
            yield name, self.databases[kind].copy(template, name)
        finally:
            self.databases[kind].drop(name)

    def new_folder(self, purpose: str) -> Path:
        folder = self.folder / f"{purpose}{next(self._numbers)}"
        folder.mkdir()
        return folder


@contextmanager
def open_field(
    messages: int, placement: str = UNPINNED, kinds: tuple[str, ...] = (POSTGRESQL, SQLITE)
) -> Iterator[Field]:
    """Start what all share, and make the tables that contestants get copies of."""
    surroundings.install_peers()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        cores = _place(stack, placement)
        databases: dict[str, Databases] = {}
        if SQLITE in kinds:
            databases[SQLITE] = SqliteFiles(folder)
        if POSTGRESQL in kinds:
            databases[POSTGRESQL] = stack.enter_context(postgresql_server(folder, cores))
        field = Field(messages, folder, cores, databases, count(1))
        for kind in databases:
            _make_templates(field, kind, stack)
        yield field


def _place(stack: ExitStack, placement: str) -> frozenset[int]:
    """Take one core for those who take part and leave the others to this process; nothing where unpinned."""
    everywhere = os.sched_getaffinity(0)
    if placement == UNPINNED:
        return frozenset()
    core, *others = sorted(everywhere)
    os.sched_setaffinity(0, others or [core])
    stack.callback(os.sched_setaffinity, 0, everywhere)
    return frozenset([core])


def _make_templates(field: Field, kind: str, stack: ExitStack) -> None:
    databases = field.databases[kind]
    for template, environment in (
        (PRODUCT, surroundings.of_product(databases.create(PRODUCT), field.folder)),
        (POST_OFFICE, surroundings.of_peer(field.folder, database_url=databases.create(POST_OFFICE))),
    ):
        stack.callback(databases.drop, template)
        surroundings.migrate(environment)
