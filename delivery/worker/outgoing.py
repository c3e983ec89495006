"""What of a batch may leave now, one after the other."""

import logging
from collections import deque
from dataclasses import dataclass
from email.errors import MessageError

from delivery.message.rendering import reply_to, sender_lines
from delivery.outbox.batch import Batch
from delivery.outbox.leased import Claimed, Contents
from delivery.outbox.route_cache import forget_holds, recent_route
from delivery.outbox.wakeups import wake
from delivery.worker.send_policy import Gates
from smtp_settings.transport.envelope import Envelope
from whitelabel.routing import Route

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Departure:
    """A delivery with its route, decided now, and with all that its server is told."""

    delivery: Claimed
    route: Route
    envelope: Envelope
    content: bytes


class Departures:
    """The departures of a batch. What may not leave is moved to another server or held."""

    def __init__(self, batch: Batch, server_key: str) -> None:
        self._batch, self._server_key = batch, server_key
        self._waiting = deque(batch.deliveries)
        self._contents = Contents(batch.deliveries)
        self._gates = Gates(batch.deliveries)
        forget_holds()

    def take(self) -> Departure | None:
        """Return the next one, None where there is none any more."""
        while self._waiting:
            delivery = self._waiting.popleft()
            route = recent_route(delivery)
            if not route.hold and route.server.key != self._server_key:
                self._move(delivery, route.server.key)
            elif self._gates.let_through(delivery, route) and (departure := self._departure(delivery, route)):
                return departure
        return None

    def close(self) -> None:
        """Hold what the gates kept back, and give back what has not left."""
        if self._waiting:
            self._batch.give_back(self._waiting)
        self._batch.hold(self._gates.held)

    def put_back(self, departure: Departure) -> None:
        """Let it wait again, with nothing tried."""
        self.uncount(departure)
        self._waiting.appendleft(departure.delivery)

    def uncount(self, departure: Departure) -> None:
        """Let it count for no limit: no server has taken it."""
        self._gates.uncount(departure.delivery)

    def _move(self, delivery: Claimed, server_key: str) -> None:
        if delivery.row.move_to(server_key):
            wake(server_key)

    def _departure(self, delivery: Claimed, route: Route) -> Departure | None:
        """Write the message; one that cannot be written is held for a person, and keeps no other from leaving."""
        smtputf8 = delivery.smtputf8 or not route.sender.address.isascii()
        try:
            content = self._contents.of(delivery)
            content = sender_lines(route.sender, reply_to(delivery, route), smtputf8=smtputf8) + content
        except (ValueError, LookupError, MessageError):
            logger.exception("Delivery %s cannot be written", delivery.pk)
            self._gates.uncount(delivery)
            self._gates.hold(delivery, ("Its message cannot be written; the log says why.", None))
            return None
        envelope = Envelope(route.sender.address, delivery.recipient, len(content), smtputf8)
        return Departure(delivery, route, envelope, content)
