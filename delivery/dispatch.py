"""Hand the due mail of one server to that server, over one connection, for a bounded time."""

import threading
import time
from functools import partial

from django.db import connection

from delivery import heartbeat
from delivery.claiming import BEFORE_ALL, Batch, claim
from delivery.gates import Gates
from delivery.models import Delivery
from delivery.recording import Recorder, Tried
from delivery.remembering import recent_route
from delivery.rendering import reply_to, sender_lines
from delivery.sessions import Line, lines
from delivery.trouble import note
from delivery.waking import wake
from smtp_settings.choices import Outcome
from smtp_settings.models import ServerHealth, SmtpServer
from smtp_settings.submission import SubmissionResult, submit
from whitelabel.routing import Route

DRAIN_SECONDS = 50
FIRST_BATCH = 10
LARGEST_BATCH = 100
QUICK_BATCH_SECONDS = 2
CLOSING = 421

stopping = threading.Event()  # set when this process is told to end: each run stops after its present mail


class Drain:
    """One run over the due mail of one server."""

    def __init__(self, server_key: str) -> None:
        self.server_key = server_key
        self.recorder = Recorder()
        self.line: Line | None = None
        self.sent = 0
        self.stopped = False
        self.size = FIRST_BATCH

    def run(self) -> int:
        """Work until nothing is due, the server is in trouble or the time is up; return how many mails were sent."""
        until, tenant = time.monotonic() + DRAIN_SECONDS, BEFORE_ALL
        try:
            while not self.stopped and (limit := self._may_claim()):
                started = time.monotonic()
                batch = claim(self.server_key, limit=limit, after_tenant=tenant)
                ServerHealth.of(self.server_key).give_allowance_back(limit - len(batch.deliveries))
                if not batch.deliveries:
                    break
                with heartbeat.kept(batch.extend):
                    self._work_through(batch)
                tenant = batch.last_tenant
                self._go_faster(len(batch.deliveries) == limit, time.monotonic() - started)
                if time.monotonic() > until:
                    wake(self.server_key)
                    break
        finally:
            if self.line:
                lines.give_back(self.line)
        return self.sent

    def _may_claim(self) -> int:
        """Return how many mails to claim, with a line to send them by; 0 where others have all the connections.

        Mail for a server that is paused or does not answer is claimed all the same, to be held or sent elsewhere.
        """
        server, health = SmtpServer.by_key(self.server_key), ServerHealth.of(self.server_key)
        if server is None or not server.usable or health.keeps_back:
            return LARGEST_BATCH
        if health.is_open and not health.take_probe():
            return 0
        self.line = self.line or lines.take(server)
        if self.line is None:
            return 0
        return health.take_allowance(1 if health.is_open else self.size, per_minute=server.messages_per_minute)

    def _go_faster(self, full: bool, seconds: float) -> None:
        """Once the server has shown that it takes mail: larger batches, and one more connection where there is more.

        Where the database takes one writer at a time, a second connection would only wait for the first.
        """
        if full and self.sent and connection.features.has_select_for_update:
            wake(self.server_key)
        if seconds < QUICK_BATCH_SECONDS:
            self.size = min(self.size * 2, LARGEST_BATCH)

    def _work_through(self, batch: Batch) -> None:
        """Dispatch one by one; when the server gets into trouble, give the rest back."""
        gates = Gates(batch.deliveries)
        try:
            for position, delivery in enumerate(batch.deliveries, start=1):
                self._dispatch(delivery, gates)
                self.stopped = self.stopped or stopping.is_set()
                if self.stopped:
                    batch.give_back(batch.deliveries[position:])
                    break
            batch.hold(gates.held)
        finally:
            self.recorder.flush()

    def _dispatch(self, delivery: Delivery, gates: Gates) -> None:
        """Decide the route now, and follow it."""
        route = recent_route(delivery.email)
        if not route.hold and route.server.key != self.server_key:
            if delivery.move_to(route.server.key):
                wake(route.server.key)
        elif gates.let_through(delivery, route) and self.line and not self._try(delivery, route, self.line):
            gates.not_accepted(delivery)

    def _try(self, delivery: Delivery, route: Route, line: Line) -> bool:
        """Try to send; tell whether the server accepted the mail."""
        result = self._submit(delivery, route, line)
        if line.messages > 1 and result.outcome == Outcome.SERVER and result.code in (None, CLOSING):
            line.renew(route.server)  # the server let go of a connection that had served: nothing is wrong with it
            result = self._submit(delivery, route, line)
        self.recorder.record(Tried(delivery, route, result))
        self.stopped = note(route.server, result, news=not self.sent)
        self.sent += result.accepted
        return result.accepted

    def _submit(self, delivery: Delivery, route: Route, line: Line) -> SubmissionResult:
        email = delivery.email
        if not line.serves(route.server):
            line.renew(route.server)
        line.messages += 1
        head = sender_lines(route.sender, reply_to(email, route), smtputf8=email.smtputf8)
        return submit(
            line.session,
            sender=route.sender.address,
            recipient=delivery.recipient,
            content=head + bytes(email.content or b""),
            smtputf8=email.smtputf8,
            before_final_dot=partial(self._may_end, delivery, route),
        )

    def _may_end(self, delivery: Delivery, route: Route) -> bool:
        """Commit that the final dot is next, unless the lease is lost or the route has changed under the message."""
        now = recent_route(delivery.email)
        unchanged = (now.server.key, now.sender, now.hold) == (route.server.key, route.sender, route.hold)
        return unchanged and self.recorder.announce(delivery)
