"""The way of a delivery from claim to record, told from top to bottom.

A batch is claimed. Each delivery of it gets a route and a connection, which carries its envelope. When the server wants
the message, one transaction records what has been accepted before and announces the final dots that are next; only then
are message and final dot written. The reply to that is the result, which is recorded.

All connections of a run are driven here at once, in the thread of the run; one that waits for its server keeps no other
waiting.
"""

import time
from contextlib import closing
from dataclasses import dataclass
from typing import Protocol

from delivery.models.delivery import LEASE_SECONDS
from delivery.outbox.batch import claim
from delivery.worker import heartbeat
from delivery.worker.connection_pool import ConnectionSet, PooledConnection
from delivery.worker.outgoing import Outgoing, OutgoingQueue
from delivery.worker.recording import AttemptResult, Recorder
from smtp_settings.choices import Outcome, Phase
from smtp_settings.transport.connection import wait_for_input
from smtp_settings.transport.failures import OUT_OF_STEP
from smtp_settings.transport.submission import CLOSING, Submission, SubmissionResult

LONGEST_BATCH_SECONDS = 4  # none is begun later: urgent mail may wait behind it
SLOW_SECONDS = 1
GATHER_SECONDS = 0.001  # about what a transaction costs: so long final dots wait for others to be announced with
RECORD_SECONDS = 0.02  # so long an accepted delivery waits for the next announcement, to be recorded together with it


class Observer(Protocol):
    """Who watches over a batch, and decides how far it goes."""

    @property
    def is_ending(self) -> bool:
        """Whether this process ends: nothing more is begun."""

    def claimed(self, count: int) -> None:
        """So many deliveries have been claimed, and will be sent next."""

    def observe(self, outgoing: Outgoing, result: SubmissionResult) -> bool:
        """Take note of a result; return whether to leave the server alone for now."""

    def kept_waiting(self) -> None:
        """The server has not answered for `SLOW_SECONDS`: told once, and again where that leaves mail to others."""


@dataclass(frozen=True, slots=True)
class BatchResult:
    """`tried` counts results. `is_left` where deliveries could have been sent and there was no connection for them."""

    claimed: int
    tried: int = 0
    in_trouble: bool = False
    is_left: bool = False


def send_batch(server_key: str, *, limit: int, connections: ConnectionSet, observer: Observer) -> BatchResult:
    """Claim up to `limit` due deliveries, and send, hold, move or give back each of them."""
    batch = claim(server_key, limit=limit)
    count = len(batch.deliveries)
    if not count:
        observer.claimed(0)
        return BatchResult(0)
    with heartbeat.kept(batch.extend), closing(OutgoingQueue(batch, server_key)) as queue:
        observer.claimed(count)
        if not connections:  # the server is paused, or its breaker open: nothing should be there to send
            outgoing = queue.next()
            if outgoing:
                queue.put_back(outgoing)
            return BatchResult(count, is_left=outgoing is not None)
        loop = SendLoop(queue, Recorder(batch.lease), connections, observer)
        loop.run()
        is_in_trouble = loop.in_trouble or loop.is_limited
        return BatchResult(count, loop.tried, in_trouble=is_in_trouble, is_left=loop.is_limited)


@dataclass(slots=True, eq=False)
class InFlight:
    """A delivery under way over a connection."""

    connection: PooledConnection
    outgoing: Outgoing
    submission: Submission

    @property
    def needs_fresh_connection(self) -> bool:
        """Return whether only a connection that had served before came to its end: nothing is wrong with the server.

        The delivery goes on over a fresh one, where this cannot be said of it again. A limit that is reached at MAIL
        may be that of the session: many servers take a hundred messages in one, whatever they call it.
        """
        result = self.submission.result
        had_served = self.connection.messages > 1 and not self.submission.has_opened
        if result is None or not had_served or result.outcome != Outcome.SERVER_UNAVAILABLE:
            return False
        if result.may_have_arrived:
            return False
        is_limit_at_mail = result.fault is not None and result.fault.is_limit and result.phase == Phase.MAIL
        return result.code in (None, CLOSING) or result.kind == OUT_OF_STEP or is_limit_at_mail


class SendLoop:
    """Sends what is in a queue. None is begun once the server is in trouble, the process ends or the time is over.

    A server that takes no more for now is no trouble to what is under way.
    """

    def __init__(
        self, queue: OutgoingQueue, recorder: Recorder, connections: ConnectionSet, observer: Observer
    ) -> None:
        self.queue, self.recorder, self.connections, self.observer = queue, recorder, connections, observer
        self.in_trouble = self.is_limited = self._was_kept_waiting = False
        self.tried = 0
        self._until = time.monotonic() + LONGEST_BATCH_SECONDS
        self._in_flight: list[InFlight] = []
        self._idle: list[PooledConnection] = []

    def run(self) -> None:
        """Go on until all has left or nothing more may be begun, and what is at its final dot has been answered."""
        try:
            for connection in list(self.connections):
                self._begin(connection, self._next())
            while self._in_flight:
                for connection in self.connections.take_opened():
                    self._begin(connection, self._next())
                ready = self._hand_over_messages()
                if self._is_stopping:
                    self._give_up()
                elif ready:
                    self._end_messages(ready)
        except BaseException:
            for flight in self._in_flight:
                flight.submission.connection.close()  # the server may stand in the middle of a message
            raise
        finally:
            self.recorder.flush()

    @property
    def _is_stopping(self) -> bool:
        """Return whether what is not at its final dot is to be dropped."""
        return self.in_trouble or self.observer.is_ending

    @property
    def _is_closing(self) -> bool:
        """Return whether nothing more is begun."""
        return self._is_stopping or self.is_limited or time.monotonic() > self._until

    def _next(self) -> Outgoing | None:
        return None if self._is_closing else self.queue.next()

    # 1. The envelope: MAIL, RCPT and DATA.

    def _begin(self, connection: PooledConnection, outgoing: Outgoing | None) -> InFlight | None:
        """Let a connection carry a delivery; return it in flight, None where there is none."""
        while outgoing:
            submission = connection.submission(outgoing.route.server, outgoing.envelope, outgoing.content)
            flight = InFlight(connection, outgoing, submission)
            if not connection.session.is_open:
                self.recorder.flush()  # opening it may take long
            if submission.begin():
                self._in_flight.append(flight)
                return flight
            outgoing = self._finish(flight)
        self._idle.append(connection)
        return None

    # 2. What the servers answer: that they want the message, or what became of it; then the next one is begun.

    def _hand_over_messages(self) -> list[InFlight]:
        """Wait for answers; return those whose final dot is next, together with those that follow within a moment."""
        ready, until = self._advance(self._wait_for_answers()), time.monotonic() + GATHER_SECONDS
        while ready and (others := [flight for flight in self._in_flight if flight not in ready]):
            answered = self._poll(others, until - time.monotonic())
            if not answered:
                break
            ready += self._advance(answered)
        return ready

    def _advance(self, answered: list[InFlight]) -> list[InFlight]:
        """Take the next steps of those that have been answered; return those whose final dot is next."""
        ready = []
        for first in answered:
            flight: InFlight | None = first
            while flight and flight.submission.may_go_on:
                if not flight.submission.has_ended and flight.submission.prepare():
                    ready.append(flight)
                    break
                flight.submission.wait()
                self._in_flight.remove(flight)
                flight = self._begin(flight.connection, self._finish(flight))
        return ready

    def _wait_for_answers(self) -> list[InFlight]:
        """Wait until there is something to read; what was accepted is recorded before a longer wait."""
        if self.recorder.waits_since:
            write_at = self.recorder.waits_since + RECORD_SECONDS
            answered = self._poll(self._in_flight, write_at - time.monotonic())
            if not answered or time.monotonic() > write_at:
                self.recorder.flush()
            if answered:
                return answered
        until = min(time.monotonic() + SLOW_SECONDS, *(flight.submission.answer_until for flight in self._in_flight))
        answered = self._poll(self._in_flight, 0)
        while not answered and (rest := until - time.monotonic()) > 0:
            answered = self._poll(self._in_flight, rest)
        if not answered:
            self._use_idle_connections()
            self._leave_to_others()
        return answered

    def _poll(self, flights: list[InFlight], seconds: float) -> list[InFlight]:
        """Wait for servers, unless there is one that need not be waited for; return what may go on."""
        at_once = any(flight.submission.may_go_on for flight in flights)
        wait_for_input([flight.submission.connection for flight in flights], 0 if at_once else max(0, seconds))
        return [flight for flight in flights if flight.submission.may_go_on]

    def _use_idle_connections(self) -> None:
        """While a server keeps us waiting: idle connections carry what waits behind it, or are there for others."""
        idle, self._idle = self._idle, []
        for connection in idle:
            self._begin(connection, self._next())
        for connection in self._idle:
            self.connections.release(connection)
        self._idle = []

    def _leave_to_others(self) -> None:
        """While a server keeps us waiting: others send what comes, and what this batch will not begin any more."""
        is_left = self._is_closing and self.queue.give_back()
        if not self._was_kept_waiting or (is_left and not self.in_trouble):
            self._was_kept_waiting = True
            self.observer.kept_waiting()

    # 3. The announcement and the final dot.

    def _end_messages(self, ready: list[InFlight]) -> None:
        """Announce the final dots of `ready`, and write those that may be, all while the lease surely holds."""
        began = time.monotonic()
        held = self.recorder.announce([flight.outgoing.delivery for flight in ready if not flight.outgoing.is_rerouted])
        for flight in ready:
            if flight.outgoing.delivery.pk in held and time.monotonic() - began < LEASE_SECONDS:
                flight.submission.end()
            else:
                flight.submission.stop()
        for flight in [flight for flight in ready if not flight.submission.has_ended]:
            self._in_flight.remove(flight)
            self._begin(flight.connection, self._finish(flight))

    # 4. The record.

    def _finish(self, flight: InFlight) -> Outgoing | None:
        """Record what became of a delivery; return which one its connection carries next."""
        connection, outgoing, result = flight.connection, flight.outgoing, flight.submission.result
        assert result is not None
        if flight.needs_fresh_connection:
            if self._is_stopping:  # what ended all connections at once counts once
                self.queue.put_back(outgoing)
                return None
            connection.renew(outgoing.route.server)
            return outgoing
        self.tried += 1
        self.recorder.record(AttemptResult(outgoing.delivery, outgoing.route, result))
        if not result.accepted:
            self.queue.refund(outgoing)
        if self.observer.observe(outgoing, result):
            self.is_limited = self.is_limited or result.is_limit
            self.in_trouble = self.in_trouble or not result.is_limit
        return self._next()

    def _give_up(self) -> None:
        """Drop what is not at its final dot; the others are waited for."""
        for flight in [flight for flight in self._in_flight if not flight.submission.has_ended]:
            flight.submission.connection.close()
            self.queue.put_back(flight.outgoing)
            self._in_flight.remove(flight)
