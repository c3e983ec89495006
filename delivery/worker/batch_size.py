"""How many deliveries to claim at once: what a server takes in a moment, so that urgent mail never waits for long."""

from delivery.outbox.wakeups import POLLING_SECONDS

FIRST_BATCH, FIRST_BATCH_OF_PROVEN, LARGEST_BATCH = 25, 100, 800
BATCH_SECONDS = 0.4
GROWTH = 4  # at least, after a quick batch
assert BATCH_SECONDS < POLLING_SECONDS, "no batch would be quick"


class BatchSize:
    """Begins small with a server that has not proven itself, and follows what the last batch came to."""

    def __init__(self) -> None:
        self.is_quick = False  # whether the last batch ended within a moment
        self._adapted = 0

    def wanted(self, *, proven: bool) -> int:
        return self._adapted or (FIRST_BATCH_OF_PROVEN if proven else FIRST_BATCH)

    def adapt(self, count: int, seconds: float) -> None:
        """Note that `count` deliveries took so long, in a first batch with what is done once for a run."""
        self.is_quick = seconds < POLLING_SECONDS
        following = max(int(count * BATCH_SECONDS / seconds), count * GROWTH if self.is_quick else FIRST_BATCH)
        self._adapted = min(max(following, FIRST_BATCH), LARGEST_BATCH)
