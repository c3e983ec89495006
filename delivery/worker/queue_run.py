"""Send the due mail of one server, batch after batch, for a bounded time; each batch's story is in `send_loop`."""

import threading
import time
from contextlib import ExitStack

from django.utils import timezone

from delivery.models import Delivery
from delivery.outbox.wakeups import RunWakeups
from delivery.worker.admission import Admission
from delivery.worker.alarm import set_alarm
from delivery.worker.batch_size import BatchSize
from delivery.worker.connection_pool import ConnectionSet, pool
from delivery.worker.outgoing import Outgoing
from delivery.worker.send_loop import send_batch
from delivery.worker.server_health import record_result
from smtp_settings.transport.submission import SubmissionResult

RUN_SECONDS = 50
HELP_EVERY_SECONDS = 1
HELP_FROM = 400  # so many in one batch: fewer are sent before others have come, who would only be in the way
CONNECT_FROM = 10  # so many in one batch: fewer are sent before a further connection is open
MOST_CONNECTIONS = 5
PATIENCE_SECONDS = 1  # so long a run waits for its server's rate; a longer rest leaves the thread to others
SHORTEST_WAIT_SECONDS = 0.05

stopping = threading.Event()  # set when this process is told to end: each run stops after its present messages


class QueueRun:
    """One run over the due mail of one server, and the observer of its send loop. It has no thread of its own."""

    def __init__(self, server_key: str) -> None:
        self.server_key = server_key
        self.wakeups = RunWakeups(server_key)
        self.admission = Admission(server_key)
        self.batch_size = BatchSize()
        self.connections = ConnectionSet(pool)
        self.sent = 0
        self._helped_at = 0.0

    def run(self) -> int:
        """Work until nothing is due, the server is in trouble or the time is up; return how many were sent."""
        with ExitStack() as stack:
            stack.callback(self.wakeups.ended)
            stack.callback(self.connections.release_all)
            self.wakeups.begin()
            may_be_more = self._send(until=time.monotonic() + RUN_SECONDS)
        if may_be_more:
            self.wakeups.hand_over(self._is_mail_due)
        return self.sent

    def _send(self, *, until: float) -> bool:
        """Send batch after batch; return whether to request another run where mail is due in the end."""
        while not self.is_ending and time.monotonic() < until:
            limit = self.admission.grant(self.connections, self.batch_size)
            if not limit:
                if self._wait_for_server():
                    continue
                return False  # others have all the connections, or it takes no more for now
            self.wakeups.polling(again_soon=self.batch_size.is_quick)
            started = time.monotonic()
            batch = send_batch(self.server_key, limit=limit, connections=self.connections, observer=self)
            self.admission.refund(batch.tried)
            if batch.in_trouble:
                if self._wait_for_server():
                    continue
                return batch.is_left and not self.admission.health.is_resting  # there are fewer connections now
            if batch.claimed:
                self.batch_size.adapt(batch.claimed, time.monotonic() - started)
                self._ask_for_help(batch.claimed, limit)
            if batch.is_left or not self.wakeups.wait(batch.claimed, limit=limit):
                return True
        return True

    def _wait_for_server(self) -> bool:
        """Wait until the server may be sent to again, where that is in a moment; else have somebody look then.

        Return whether it may now; not where others have its connections, or nothing says when.
        """
        seconds = self.admission.wait_seconds() if self.connections else None
        if seconds is None:
            return False
        if seconds > PATIENCE_SECONDS:
            set_alarm(self.server_key, seconds)
            return False
        self.wakeups.polling(again_soon=True)
        return not stopping.wait(max(seconds, SHORTEST_WAIT_SECONDS))

    def _ask_for_help(self, claimed: int, limit: int) -> None:
        """Have other processes help where mail comes in numbers: they find connections left.

        Runs of this process help only where the server is slow (see `wakeups`).
        """
        is_full = self.sent and claimed == limit and claimed >= HELP_FROM
        if is_full and time.monotonic() - self._helped_at > HELP_EVERY_SECONDS:
            self._helped_at = time.monotonic()
            self.wakeups.request()

    def _is_mail_due(self) -> bool:
        return Delivery.objects.due(timezone.now()).filter(server_key=self.server_key).exists()

    # What the send loop reports.

    @property
    def is_ending(self) -> bool:
        return stopping.is_set()

    def claimed(self, count: int) -> None:
        """Refund what was granted in vain; where mail comes in numbers, connect further to a server that takes it."""
        self.admission.refund(count)
        takes_mail = self.sent or self.admission.health.proven
        if self.admission.server and self.connections and count >= CONNECT_FROM and takes_mail:
            self.connections.grow(self.admission.server, MOST_CONNECTIONS)

    def observe(self, outgoing: Outgoing, result: SubmissionResult) -> bool:
        """Count the delivery; return whether to leave the server alone for now."""
        leave_alone = record_result(outgoing.route, result, is_news=not self.sent, is_probe=self.admission.is_probe)
        self.sent += result.accepted
        return leave_alone

    def kept_waiting(self) -> None:
        """Have others send what comes meanwhile."""
        self.wakeups.ended()
        self.wakeups.request()
