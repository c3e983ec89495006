"""What of a batch may leave now, one after the other."""

import logging
from collections import deque
from dataclasses import dataclass
from email.errors import MessageError

from delivery.message.rendering import reply_to, sender_lines, with_sender
from delivery.outbox.batch import Batch
from delivery.outbox.leased import Contents, LeasedDelivery
from delivery.outbox.route_cache import cached_route, invalidate_holds
from delivery.outbox.wakeups import wake
from delivery.worker.send_policy import SendPolicy
from smtp_settings.transport.envelope import Envelope
from whitelabel.routing import Route

logger = logging.getLogger(__name__)

UNWRITABLE = "Its message cannot be written; the log says why."


@dataclass(frozen=True, slots=True)
class Outgoing:
    """A delivery with its route, decided now, and with all that its server is told."""

    delivery: LeasedDelivery
    route: Route
    envelope: Envelope
    content: bytes

    @property
    def is_rerouted(self) -> bool:
        """Return whether the route has changed since it was decided."""
        now, then = cached_route(self.delivery), self.route
        return now is not then and (now.server.key, now.sender, now.hold) != (then.server.key, then.sender, then.hold)


class OutgoingQueue:
    """A batch on its way out. What may not leave is moved to another server or held."""

    def __init__(self, batch: Batch, server_key: str) -> None:
        self._batch, self._server_key = batch, server_key
        self._waiting = deque(batch.deliveries)
        self._contents = Contents(batch.deliveries)
        self._policy = SendPolicy(batch.deliveries)
        invalidate_holds()

    def next(self) -> Outgoing | None:
        """Return the next one, None where there is none any more."""
        while self._waiting:
            delivery = self._waiting.popleft()
            route = cached_route(delivery)
            if not route.hold and route.server.key != self._server_key:
                if delivery.row.move_to(route.server.key):
                    wake(route.server.key)
            elif self._policy.permits(delivery, route) and (outgoing := self._outgoing(delivery, route)):
                return outgoing
        return None

    def put_back(self, outgoing: Outgoing) -> None:
        """Let it wait again, with nothing tried."""
        self.refund(outgoing)
        self._waiting.appendleft(outgoing.delivery)

    def refund(self, outgoing: Outgoing) -> None:
        """Let it count for no limit: no server has taken it."""
        self._policy.refund(outgoing.delivery)

    def give_back(self) -> bool:
        """Let others send what has not left; return whether there was any."""
        left, self._waiting = self._waiting, deque()
        if left:
            self._batch.give_back(left)
        return bool(left)

    def close(self) -> None:
        """Hold what the policy kept back, and give back what has not left."""
        self.give_back()
        self._batch.hold(self._policy.held)

    def _outgoing(self, delivery: LeasedDelivery, route: Route) -> Outgoing | None:
        """Write the message; one that cannot be written is held for a person, and keeps no other from leaving."""
        smtputf8 = delivery.smtputf8 or not route.sender.address.isascii()
        try:
            content = self._contents.of(delivery)
            content = with_sender(content, sender_lines(route.sender, reply_to(delivery, route), smtputf8=smtputf8))
            sender = "" if delivery.null_reverse_path else route.sender.address
            eight_bit = not content.isascii()
            envelope = Envelope(sender, delivery.recipient, len(content), smtputf8, eight_bit)
        except (ValueError, LookupError, MessageError):
            logger.exception("Delivery %s cannot be written", delivery.pk)
            self._policy.refund(delivery)
            self._policy.hold(delivery, (UNWRITABLE, None))
            return None
        return Outgoing(delivery, route, envelope, content)
