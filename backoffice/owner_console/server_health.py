"""How each SMTP server does: what keeps its mail back, and what it made of the tries of the last 24 hours."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Q

from delivery.figures.reading import Tries, tries_by_server
from smtp_settings.choices import State
from smtp_settings.models import ServerHealth, SmtpServer
from smtp_settings.models.server import DEFAULT_KEY

SHOWN = 10
STEP, ABOVE, BELOW = 4, 18, 9  # of a sparkline: from bar to bar, and how high they are at most, up and down
NO_TRIES = Tries([], [])


@dataclass(frozen=True)
class Rectangle:
    x: int
    y: int
    height: int


@dataclass(frozen=True)
class ServerRow:
    server: SmtpServer
    health: ServerHealth
    tries: Tries

    @property
    def is_troubled(self) -> bool:
        """Return whether mail waits for it."""
        return self.server.state == State.PAUSED or self.health.keeps_back

    @property
    def in_words(self) -> str:
        if not self.tries.total:
            return "No tries in the last 24 hours."
        return f"Messages taken: {sum(self.tries.taken):,}. Tries deferred or unanswered: {sum(self.tries.troubled):,}."

    @property
    def taken(self) -> Iterator[Rectangle]:
        return (Rectangle(x, ABOVE - height, height) for x, height in self._heights(self.tries.taken, ABOVE))

    @property
    def troubled(self) -> Iterator[Rectangle]:
        return (Rectangle(x, ABOVE + 1, height) for x, height in self._heights(self.tries.troubled, BELOW))

    def _heights(self, values: Sequence[int], height: int) -> Iterator[tuple[int, int]]:
        """Yield place and height of each bar: both sides have one scale, and what is not nothing is seen."""
        most = max((*self.tries.taken, *self.tries.troubled), default=0)
        for number, value in enumerate(values):
            if value:
                yield number * STEP, max(1, round(value / most * height))


@dataclass(frozen=True)
class ServerRows:
    """Those that mail waits for, then the busiest; `others` is how many are well and less busy."""

    rows: list[ServerRow]
    others: int

    @property
    def troubled(self) -> list[ServerRow]:
        return [row for row in self.rows if row.is_troubled]


def row_of(server: SmtpServer) -> ServerRow:
    return ServerRow(server, server.health, tries_by_server(key=server.key).get(server.key, NO_TRIES))


def server_rows() -> ServerRows:
    """Return the servers that mail waits for or was tried with in the last 24 hours."""
    tries = tries_by_server()
    keeping = set(ServerHealth.objects.keeping_back().values_list("key", flat=True))
    servers = list(_servers({*tries, *keeping}))
    known = ServerHealth.objects.in_bulk([server.key for server in servers])
    rows = [
        ServerRow(server, known.get(server.key) or ServerHealth(key=server.key), tries.get(server.key, NO_TRIES))
        for server in servers
    ]
    rows.sort(key=lambda row: (not row.is_troubled, -sum(row.tries.troubled), -row.tries.total, str(row.server)))
    shown = max(SHOWN, sum(row.is_troubled for row in rows))
    return ServerRows(rows[:shown], max(0, len(rows) - shown))


def _servers(keys: set[str]) -> Iterator[SmtpServer]:
    if DEFAULT_KEY in keys:
        yield SmtpServer.default()
    of_rows = Q(pk__in=keys - {DEFAULT_KEY}) | Q(state=State.PAUSED)
    yield from SmtpServer.objects.filter(of_rows).select_related("white_label")
