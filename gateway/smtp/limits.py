"""How much a process of the door takes at once."""

from collections import Counter
from collections.abc import Hashable
from dataclasses import dataclass, field

CONNECTIONS_MAX = 4000
BYTES_MAX = 128 * 1024 * 1024  # of messages that are coming in, all together


@dataclass
class Quota:
    """So many at once for each name."""

    most: int
    _taken: Counter[Hashable] = field(default_factory=Counter)

    def take(self, name: Hashable) -> bool:
        """Count one more, unless `most` are taken; return whether it was counted."""
        if self._taken[name] >= self.most:
            return False
        self._taken[name] += 1
        return True

    def give_back(self, name: Hashable) -> None:
        self._taken[name] -= 1
        if self._taken[name] <= 0:
            del self._taken[name]


@dataclass
class Room:
    """Octets that messages may take in memory while they come in."""

    most: int = BYTES_MAX
    taken: int = 0

    @property
    def is_full(self) -> bool:
        return self.taken >= self.most
