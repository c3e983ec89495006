"""How many deliveries a run may claim: by the state of the server, its breaker, its limit and the connections left."""

import time

from delivery.worker.batch_size import LARGEST_BATCH, BatchSize
from delivery.worker.connection_pool import ConnectionSet
from smtp_settings.models import ServerHealth, SmtpServer

KNOWN_SECONDS = 1


class Admission:
    """The claims of one run. What was granted and not used, allowance or probe, is refunded."""

    def __init__(self, server_key: str) -> None:
        self.server: SmtpServer | None = None
        self.health = ServerHealth(key=server_key)
        self.is_probe = False
        self._server_key, self._granted, self._asked_at = server_key, 0, float("-inf")

    def grant(self, connections: ConnectionSet, size: BatchSize) -> int:
        """Return how many to claim; 0 where others have all the connections, or the server takes no more for now.

        Mail for a server that is paused or does not answer is claimed all the same, to be held or sent elsewhere.
        """
        self._granted, self.is_probe = 0, False
        self._ask()
        if self.server is None or not self.server.usable or self.health.keeps_back:
            return LARGEST_BATCH
        if not connections.take(self.server):
            return 0
        if self.health.is_open:
            self.is_probe = self.health.take_probe()
            if not self.is_probe:
                return 0
        wanted = 1 if self.is_probe else size.wanted(proven=self.health.proven)
        self._granted = self.health.take_allowance(wanted, per_minute=self.server.messages_per_minute)
        self.is_probe = self.is_probe or (self.health.is_resting and self._granted > 0)
        if not self._granted:
            self.refund(0)
        return self._granted

    def refund(self, used: int) -> None:
        """Let others have what was granted beyond `used`."""
        if self._granted > used and self.server and (self.server.messages_per_minute or self.health.is_paced):
            self.health.give_allowance_back(self._granted - used)
        self._granted = min(self._granted, used)
        if self.is_probe and not used:
            self.health.give_probe_back()
            self.is_probe = False

    def wait_seconds(self) -> float | None:
        """Return how long it is until the server may be sent to; None where nothing says when."""
        self.health = ServerHealth.of(self._server_key)
        return self.health.wait_seconds

    def _ask(self) -> None:
        """Know the server and its health, as they were within the last second while all is well."""
        is_fresh = time.monotonic() - self._asked_at < KNOWN_SECONDS
        if is_fresh and self.server and self.server.usable and self.health.is_well:
            return
        self._asked_at = time.monotonic()
        self.server, self.health = SmtpServer.by_key(self._server_key), ServerHealth.of(self._server_key)
