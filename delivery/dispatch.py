"""Hand the due mail of one server to that server, over one kept connection, for a bounded time."""

import time
from collections.abc import Callable
from functools import partial

from delivery import retries
from delivery.claiming import claim
from delivery.lease_keeping import LeaseKeeper
from delivery.models import Delivery
from delivery.recording import record
from delivery.rendering import reply_to, sender_lines
from delivery.server_trouble import back_off
from delivery.waking import wake
from smtp_settings.choices import Outcome
from smtp_settings.client import Session
from smtp_settings.submission import SubmissionResult, submit
from whitelabel.routing import Address, Route, route_for

DRAIN_SECONDS = 50
CLOSING = 421


class Drain:
    """One run over the due mail of one server; keeps the connection from message to message."""

    def __init__(self, server_key: str) -> None:
        self.server_key = server_key
        self.session: Session | None = None
        self.in_trouble: Callable[[], None] | None = None

    def run(self) -> int:
        """Work until nothing is due, the server is in trouble or the time is up; return how many were tried."""
        until, tried = time.monotonic() + DRAIN_SECONDS, 0
        try:
            while time.monotonic() < until and not self.in_trouble and (batch := claim(self.server_key)):
                tried += self._work_through(batch)
            if time.monotonic() >= until:
                wake(self.server_key)
        finally:
            self._close()
        return tried

    def _work_through(self, batch: list[Delivery]) -> int:
        """Dispatch one by one; when the server gets into trouble, give the rest back and back off from it."""
        for position, delivery in enumerate(batch, start=1):
            if delivery.extend_lease():
                self._dispatch(delivery)
            if self.in_trouble:
                for waiting in batch[position:]:
                    waiting.give_back()
                self.in_trouble()
                return position
        return len(batch)

    def _dispatch(self, delivery: Delivery) -> None:
        """Decide the route now, and follow it."""
        email = delivery.email
        route = route_for(email.application, Address(email.wanted_name, email.wanted_address))
        if route.hold:
            delivery.hold(route.hold, until=retries.after_hold())
            return
        if route.server.key != self.server_key:
            if delivery.move_to(route.server.key):
                wake(route.server.key)
            return
        kept = self.session is not None and self.session.is_open
        result = self._submit(delivery, route)
        if kept and result.outcome == Outcome.SERVER and result.code in (None, CLOSING):
            result = self._submit(delivery, route)  # the server let go of a kept connection: nothing is wrong with it
        record(delivery, route, result)
        if result.outcome == Outcome.SERVER:
            self.in_trouble = partial(back_off, route, result, delivery.why)

    def _submit(self, delivery: Delivery, route: Route) -> SubmissionResult:
        email = delivery.email
        session = self._session_with(route)
        keeper = LeaseKeeper(delivery)
        session.on_progress = keeper.keep
        head = sender_lines(route.sender, reply_to(delivery.email, route), smtputf8=email.smtputf8)
        return submit(
            session,
            sender=route.sender.address,
            recipient=delivery.recipient,
            content=head + bytes(email.content),
            smtputf8=email.smtputf8,
            before_final_dot=partial(may_end, delivery, route),
        )

    def _session_with(self, route: Route) -> Session:
        """Return the kept session, or a new one when the server's configuration has changed meanwhile."""
        server = route.server
        kept = self.session
        if kept is None or (kept.server.binding, kept.server.sealed_secret) != (server.binding, server.sealed_secret):
            self._close()
            self.session = kept = Session(server)
        return kept

    def _close(self) -> None:
        if self.session is not None:
            self.session.close()
            self.session = None


def may_end(delivery: Delivery, route: Route) -> bool:
    """Commit that the final dot is next, unless the lease is lost or the route has changed under the message."""
    email = delivery.email
    now = route_for(email.application, Address(email.wanted_name, email.wanted_address))
    unchanged = (now.server.key, now.sender, now.hold) == (route.server.key, route.sender, route.hold)
    return unchanged and delivery.announce_final_dot()
