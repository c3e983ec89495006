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
    """Octets that messages may take in memory while they come in; `_taken` is what each application has of them.

    Each may have as much as is free (Choudhury and Hahne, 1998): one alone half of it, and one that sends slowly or
    never ends leaves as much to the next.
    """

    most: int = BYTES_MAX
    _taken: Counter[Hashable] = field(default_factory=Counter)

    def is_full_for(self, name: Hashable) -> bool:
        return self._taken[name] >= self.most - self._taken.total()

    def take(self, name: Hashable, octets: int) -> None:
        self._taken[name] += octets

    def give_back(self, name: Hashable, octets: int) -> None:
        self._taken[name] -= octets
        if self._taken[name] <= 0:
            del self._taken[name]
