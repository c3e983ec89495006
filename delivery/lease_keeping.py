"""Keep the lease of a delivery while its session moves, without asking the database at every step."""

import time

from delivery.models import Delivery

KEEP_EVERY_SECONDS = 10  # a step may take 30 s; a lease lasts 45 s


class LeaseKeeper:
    def __init__(self, delivery: Delivery) -> None:
        self.delivery = delivery
        self.kept_at = time.monotonic()

    def keep(self) -> None:
        """Extend the lease if the last time is some while ago; that it is lost shows before the final dot."""
        if time.monotonic() - self.kept_at > KEEP_EVERY_SECONDS:
            self.delivery.extend_lease()
            self.kept_at = time.monotonic()
